// Who is it that typed this name and this password? The name is a userName or an e-mail address and may belong to users
// of several organizations: at most three are tried and the password decides. Every failed answer, whatever its reason,
// is released at the next half second, so that time tells nothing. A device that signed somebody in before tries his
// password apart from what all others try. Makes no session.
import { setTimeout as delay } from 'node:timers/promises';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { fold } from '../provisioning/fold.ts';
import { noteRefusals } from './note-refusals.ts';
import { countFailedName, forgiveFailedName } from './notice-spraying.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';
import {
  addressBucketOf,
  countAddressFailure,
  forgetFailures,
  giveBackAttempt,
  knowsPerson,
  MOST_IN_A_ROW,
  passwordBuckets,
  rememberPersons,
  reserveAttempt,
  type Device,
  type Reservation,
} from './sign-in-throttle.ts';

const RELEASE_MS = 500;
const AN_HOUR_S = 3600;

type SignInAttempt = {
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
type SignInOutcome = { persons: readonly [Person, ...Person[]]; device: Device };

type Candidate = Omit<Person, 'mustChange'> & {
  hash: string | null;
  temporary: boolean | null;
  usable: boolean;
  /** Usable but for the end of a temporary password. */
  expired: boolean;
};
type Found = { candidates: Candidate[]; total: number; blocked_until: Date | null; spraying: boolean };

const CANDIDATES = prepared(
  'sign_in_candidates',
  `with named as (
     select u.organization_id as "organizationId", u.id as "userId", o.name as "organizationName", p.hash, p.temporary,
       (u.active and o.state = 'active' and p.hash is not null and (p.expires_at is null or p.expires_at > $3)) as usable,
       (u.active and o.state = 'active' and p.hash is not null and p.temporary and p.expires_at <= $3) is true as expired
     from sign_in_names n
     join users u on (u.organization_id, u.id) = (n.organization_id, n.user_id)
     join organizations o on o.id = n.organization_id
     left join passwords p on (p.organization_id, p.user_id) = (n.organization_id, n.user_id)
     where n.name_key = $1 and u.deleted_at is null and u.kind = 'person'
   ), candidates as (
     select * from named where $2::uuid is null or "organizationId" = $2 order by usable desc, expired desc, "organizationId", "userId" limit 3
   )
   select coalesce((select jsonb_agg(to_jsonb(c)) from candidates c), '[]') as candidates,
     (select count(*)::int from named) as total,
     (select blocked_until from sign_in_throttles where bucket = $4 and blocked_until > $3) as blocked_until,
     exists (select 1 from sign_in_throttles where kind = 'organization' and blocked_until > $3) as spraying`,
);

type Buckets = ReturnType<typeof passwordBuckets>;
/** The candidates whose password may be tried now, and the buckets out of which that was taken. */
type Admitted = { candidates: Candidate[]; taken: { bucket: Buffer; by: 'device' | 'name'; count: Taken }[] };
type Taken = Extract<Reservation, { open: true }>;

/**
 * Throws HubError `invalid_credentials` (one message for every reason, but with details.expired for a right temporary password
 * whose time is over), `throttled` or `unavailable`, the last two with details.retryAfter in seconds; `throttled` with
 * details.linkNeeded where only a mailed link opens this device. Never call it in a transaction.
 */
export async function verifySignIn(ctx: Ctx, attempt: SignInAttempt): Promise<SignInOutcome> {
  const started = performance.now();
  const found = await queryOne<Found>(CANDIDATES, [
    fold(attempt.name.trim()),
    attempt.organizationId ?? null,
    ctx.now,
    addressBucketOf(attempt.address, attempt.device),
  ]);
  const { candidates = [], total = 0, blocked_until: blocked = null, spraying = false } = found ?? {};
  const noted = { address: attempt.address, at: ctx.now };
  if (blocked) {
    noteRefusals(ctx.log, candidates, { kind: 'throttled', ...noted });
    throw throttled(blocked, ctx.now);
  }
  const buckets = passwordBuckets({ ...attempt, name: attempt.name.trim() }, spraying);
  const admitted = await admit(ctx, {
    candidates,
    buckets,
    spraying,
    device: attempt.device,
    address: attempt.address,
  });
  const { persons, expired } = await matching(admitted, attempt.password);
  const [first, ...others] = persons;
  if (!first && expired) return refuseExpired(admitted, started);
  if (!first) {
    noteRefusals(ctx.log, admitted.candidates, { kind: 'password', ...noted });
    return refuse(ctx, { buckets, admitted, started });
  }
  await settle(admitted, persons, total);
  return { persons: [first, ...others], device: rememberPersons(attempt.device, persons) };
}

type Admission = {
  candidates: readonly Candidate[];
  buckets: Buckets;
  spraying: boolean;
  device: Device | undefined;
  address: string;
};

/** Throws HubError `throttled` when no bucket lets anything through. */
async function admit(ctx: Ctx, { candidates, buckets, spraying, device, address }: Admission): Promise<Admitted> {
  const known = candidates.filter((candidate) => knowsPerson(device, candidate));
  const unknown = candidates.filter((candidate) => !known.includes(candidate));
  const admitted: Admitted = { candidates: [], taken: [] };
  const shut: Extract<Reservation, { open: false }>[] = [];
  const ask = async (by: 'device' | 'name', whom: readonly Candidate[]) => {
    const bucket = buckets[by];
    const count = await reserveAttempt(bucket, ctx.now, { spraying, bounded: by === 'name' });
    if (!count.open) return void shut.push(count);
    admitted.candidates.push(...whom);
    admitted.taken.push({ bucket, by, count });
  };
  if (known.length > 0) await ask('device', known);
  if (known.length === 0 || unknown.length > 0) await ask('name', unknown);
  const [first] = shut;
  if (admitted.taken.length > 0 || !first) return admitted;
  noteRefusals(ctx.log, candidates, { kind: 'throttled', address, at: ctx.now });
  throw first.exhausted
    ? new HubError('throttled', 'There were too many attempts. This device must be confirmed by a mailed link first.', {
        retryAfter: AN_HOUR_S,
        linkNeeded: true,
      })
    : throttled(first.until, ctx.now);
}

/** `expired`: it is a temporary password whose time is over; whoever knows it is told. */
async function matching({ candidates, taken }: Admitted, password: string) {
  const usable = candidates.filter((candidate) => candidate.usable);
  const over = candidates.find((candidate) => candidate.expired);
  const persons: Person[] = [];
  let expired = false;
  try {
    // A name that nobody can use costs one hash like a name that somebody can.
    if (usable.length === 0) expired = (await verifyPassword(over?.hash ?? undefined, password)).right;
    for (const { hash, temporary, organizationId, userId, organizationName } of usable) {
      const verdict = await verifyPassword(hash ?? undefined, password);
      if (!verdict.right) continue;
      if (verdict.stale) await renewHash({ organizationId, userId, hash, password });
      persons.push({ organizationId, userId, organizationName, mustChange: temporary === true });
    }
  } catch (error) {
    // Nothing was learned about the password: there were too many waiting.
    for (const { bucket } of taken) await giveBackAttempt(bucket);
    throw error;
  }
  return { persons, expired };
}

/** Nobody guessed: what was counted is given back. Released like every other failed answer. */
async function refuseExpired({ taken }: Admitted, started: number): Promise<never> {
  for (const { bucket } of taken) await giveBackAttempt(bucket);
  await delay(RELEASE_MS - ((performance.now() - started) % RELEASE_MS));
  throw new HubError('invalid_credentials', 'The temporary password has expired.', { expired: true });
}

/**
 * Clears what was counted. Where the name is somebody else's as well (of another organization, perhaps one that an attacker
 * made for this) only the attempt itself is given back: one's own success says nothing about guesses at the other's password.
 */
async function settle({ taken }: Admitted, persons: readonly Person[], total: number): Promise<void> {
  for (const { bucket, by, count } of taken) {
    if (by === 'device' || persons.length === total) await forgetFailures({ name: bucket });
    else await giveBackAttempt(bucket);
    if (by === 'name' && count.failures > 1)
      for (const { organizationId } of persons) await forgiveFailedName(organizationId);
  }
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

async function refuse(
  ctx: Ctx,
  { buckets, admitted, started }: { buckets: Buckets; admitted: Admitted; started: number },
): Promise<never> {
  await countAddressFailure(buckets, ctx.now);
  const open = admitted.taken.find(({ by }) => by === 'name')?.count;
  if (open) await alert(ctx, admitted.candidates, open);
  ctx.log.info({ requestId: ctx.requestId }, 'sign-in refused');
  await delay(RELEASE_MS - ((performance.now() - started) % RELEASE_MS));
  throw new HubError('invalid_credentials', 'The username or the password is not right.');
}

async function alert(ctx: Ctx, candidates: readonly Candidate[], { failures, inARow }: Taken): Promise<void> {
  if (failures === 1)
    for (const id of new Set(candidates.map(({ organizationId }) => organizationId))) await countFailedName(ctx, id);
  if (inARow !== MOST_IN_A_ROW) return;
  for (const { organizationId, userId } of candidates)
    await recordAudit(ctx, {
      action: 'sign_in.restricted',
      targetKind: 'user',
      targetId: userId,
      organizationId,
      after: { failures: inARow },
    });
}

function throttled(until: Date, now: Date): HubError {
  const retryAfter = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
  return new HubError('throttled', 'There were too many attempts. Try again later.', { retryAfter });
}
