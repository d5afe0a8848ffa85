// Takes a typed code, of an authenticator app or a recovery code, as a second factor. Attempts of one person stand in line
// and every failure is counted before the next one is looked at: six digits cannot be guessed in bulk, whatever the door or
// the number of requests at once. The failures have a bucket of their own: a right password does not forgive them.
import { HubError } from '../errors.ts';
import type { Ctx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { encodeSubject } from '../users/subject.ts';
import { noteRefusals, type RefusalKind } from './note-refusals.ts';
import { spendRecoveryCode } from './recovery-codes.ts';
import { countFailure, forgetFailures, rememberDevice, signInBuckets, type Device } from './sign-in-throttle.ts';
import { spendTotpCode } from './totp.ts';

export type CodeKind = 'totp' | 'recovery_code';

type CodeAttempt = {
  readonly organizationId: string;
  readonly userId: string;
  readonly kind: CodeKind;
  readonly code: string;
  /** IP address of the visitor. */
  readonly address: string;
  readonly device?: Device | undefined;
};

type Outcome = { readonly right: boolean; readonly blockedUntil: Date | null };

/**
 * Answers the device as it is to be remembered for the throttle. Throws HubError `invalid_credentials`, or `throttled`
 * with details.retryAfter in seconds.
 */
export async function verifySecondFactor(ctx: Ctx, attempt: CodeAttempt): Promise<{ device: Device }> {
  const name = `second factor ${encodeSubject(attempt.organizationId, attempt.userId)}`;
  const { right, blockedUntil } = await transaction(() => tryCode(ctx, attempt, name));
  const note = (kind: RefusalKind) => noteRefusals(ctx.log, [attempt], { kind, address: attempt.address, at: ctx.now });
  if (blockedUntil) {
    note('throttled');
    const retryAfter = Math.max(1, Math.ceil((blockedUntil.getTime() - ctx.now.getTime()) / 1000));
    throw new HubError('throttled', 'There were too many attempts. Try again later.', { retryAfter });
  }
  if (!right) {
    note('second_factor');
    ctx.log.info({ requestId: ctx.requestId }, 'second factor refused');
    throw new HubError('invalid_credentials', 'The code is not right.');
  }
  return { device: rememberDevice(attempt.device, name) };
}

/** Returns instead of throwing, so that the count of a failure is kept. */
async function tryCode(ctx: Ctx, attempt: CodeAttempt, name: string): Promise<Outcome> {
  const { organizationId, userId, kind, code, address, device } = attempt;
  const buckets = signInBuckets({ name, address, device });
  const live = await queryOne(
    `select 1 from users u join organizations o on o.id = u.organization_id where u.organization_id = $1 and u.id = $2
       and u.active and u.deleted_at is null and o.state = 'active' for no key update of u`,
    [organizationId, userId],
  );
  const throttle = await queryOne<{ blocked_until: Date | null; counted: boolean }>(
    `select max(blocked_until) filter (where blocked_until > $2) as blocked_until, coalesce(bool_or(bucket = $3), false) as counted
     from sign_in_throttles where bucket = any($1::bytea[])`,
    [[buckets.name, buckets.address], ctx.now, buckets.name],
  );
  if (throttle?.blocked_until) return { right: false, blockedUntil: throttle.blocked_until };
  const spend = kind === 'totp' ? spendTotpCode : spendRecoveryCode;
  const right = live !== undefined && (await spend(ctx, { organizationId, userId }, code));
  if (!right) await countFailure(buckets, ctx.now);
  else if (throttle?.counted) await forgetFailures(buckets);
  return { right, blockedUntil: null };
}
