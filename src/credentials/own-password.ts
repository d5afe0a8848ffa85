// Asks a person who is signed in for his password again, before something that his account hangs on. Wrong tries are
// counted in a bucket of his own: a session that was left open or stolen does not let anybody guess.
import type { Ctx } from '../context.ts';
import { HubError } from '../errors.ts';
import { verifyPassword } from './password-hash.ts';
import { forgetFailures, giveBackAttempt, reserveAttempt } from './sign-in-throttle.ts';
import { throttleTag } from './throttle-tag.ts';

type OwnPassword = {
  readonly organizationId: string;
  readonly userId: string;
  readonly hash: string | undefined;
  readonly password: string;
};

/** Throws HubError `invalid_credentials`, `throttled`, `unavailable`. Never call it in a transaction. */
export async function checkOwnPassword(
  ctx: Ctx,
  { organizationId, userId, hash, password }: OwnPassword,
): Promise<void> {
  const bucket = throttleTag(['own password', organizationId, userId]);
  const taken = await reserveAttempt(bucket, ctx.now, { spraying: false, bounded: false });
  if (!taken.open) {
    const retryAfter = Math.max(1, Math.ceil((taken.until.getTime() - ctx.now.getTime()) / 1000));
    throw new HubError('throttled', 'There were too many attempts. Try again later.', { retryAfter });
  }
  let right: boolean;
  try {
    ({ right } = await verifyPassword(hash, password));
  } catch (error) {
    await giveBackAttempt(bucket);
    throw error;
  }
  if (!right) throw new HubError('invalid_credentials', 'The current password is not right.');
  await forgetFailures({ name: bucket });
}
