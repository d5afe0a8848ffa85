// Who is it that typed this name and this password? The name is a userName or an e-mail address and may belong to users
// of several organizations: at most three are tried and the password decides. Every failed answer, whatever its reason,
// is released at the next half second, so that time tells nothing. Makes no session.
import { setTimeout as delay } from 'node:timers/promises';
import type { Ctx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { fold } from '../provisioning/fold.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';
import {
  countFailure,
  forgetFailures,
  rememberDevice,
  signInBuckets,
  type Buckets,
  type Device,
} from './sign-in-throttle.ts';

const RELEASE_MS = 500;

export type SignInAttempt = {
  name: string;
  password: string;
  /** The only organization whose users count, where the asking link named one. */
  organizationId?: string | undefined;
  /** IP address of the visitor. */
  address: string;
  device?: Device | undefined;
};

export type Person = {
  organizationId: string;
  userId: string;
  organizationName: string;
  /** The password is temporary: no session before it is changed. */
  mustChange: boolean;
};

/** One person, or several whom the password fits and who must say for which organization. `device` is to be remembered. */
export type SignInOutcome = { persons: readonly [Person, ...Person[]]; device: Device };

type Candidate = Omit<Person, 'mustChange'> & { hash: string | null; temporary: boolean | null; usable: boolean };

const CANDIDATES = prepared(
  'sign_in_candidates',
  `with candidates as (
     select u.organization_id as "organizationId", u.id as "userId", o.name as "organizationName", p.hash, p.temporary,
       (u.active and o.state = 'active' and p.hash is not null and (p.expires_at is null or p.expires_at > $3)) as usable
     from sign_in_names n
     join users u on (u.organization_id, u.id) = (n.organization_id, n.user_id)
     join organizations o on o.id = n.organization_id
     left join passwords p on (p.organization_id, p.user_id) = (n.organization_id, n.user_id)
     where n.name_key = $1 and ($2::uuid is null or n.organization_id = $2) and u.deleted_at is null and u.kind = 'person'
     order by usable desc, u.organization_id, u.id limit 3
   )
   select coalesce((select jsonb_agg(to_jsonb(c)) from candidates c), '[]') as candidates,
     (select max(blocked_until) from sign_in_throttles where bucket = any($4::bytea[]) and blocked_until > $3) as blocked_until,
     exists (select 1 from sign_in_throttles where bucket = $5) as counted`,
);

/**
 * Throws HubError `invalid_credentials` (one message for every reason), `throttled` or `unavailable`, the last two with
 * details.retryAfter in seconds. Never call it in a transaction.
 */
export async function verifySignIn(ctx: Ctx, attempt: SignInAttempt): Promise<SignInOutcome> {
  const started = performance.now();
  const buckets = signInBuckets(attempt);
  const found = await queryOne<{ candidates: Candidate[]; blocked_until: Date | null; counted: boolean }>(CANDIDATES, [
    fold(attempt.name.trim()),
    attempt.organizationId ?? null,
    ctx.now,
    [buckets.name, buckets.address],
    buckets.name,
  ]);
  if (found?.blocked_until) throw throttled(found.blocked_until, ctx.now);
  const persons = await matching(found?.candidates ?? [], attempt.password);
  const [first, ...others] = persons;
  if (!first) return refuse(ctx, buckets, started);
  if (found?.counted) await forgetFailures(buckets);
  return { persons: [first, ...others], device: rememberDevice(attempt.device, attempt.name.trim()) };
}

async function matching(candidates: readonly Candidate[], password: string): Promise<Person[]> {
  const usable = candidates.filter((candidate) => candidate.usable);
  // A name that nobody can use costs one hash like a name that somebody can.
  if (usable.length === 0) await verifyPassword(undefined, password);
  const persons: Person[] = [];
  for (const { hash, temporary, organizationId, userId, organizationName } of usable) {
    const verdict = await verifyPassword(hash ?? undefined, password);
    if (!verdict.right) continue;
    if (verdict.stale) await renewHash({ organizationId, userId, hash, password });
    persons.push({ organizationId, userId, organizationName, mustChange: temporary === true });
  }
  return persons;
}

/** Only if the password is still the one that was verified. */
async function renewHash(input: {
  organizationId: string;
  userId: string;
  hash: string | null;
  password: string;
}): Promise<void> {
  await query('update passwords set hash = $4 where organization_id = $1 and user_id = $2 and hash = $3', [
    input.organizationId,
    input.userId,
    input.hash,
    await hashPassword(input.password),
  ]);
}

async function refuse(ctx: Ctx, buckets: Buckets, started: number): Promise<never> {
  await countFailure(buckets, ctx.now);
  ctx.log.info({ requestId: ctx.requestId }, 'sign-in refused');
  await delay(RELEASE_MS - ((performance.now() - started) % RELEASE_MS));
  throw new HubError('invalid_credentials', 'The username or the password is not right.');
}

function throttled(until: Date, now: Date): HubError {
  const retryAfter = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
  return new HubError('throttled', 'There were too many attempts. Try again later.', { retryAfter });
}
