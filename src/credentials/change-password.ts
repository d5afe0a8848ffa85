// A person changes his own password, and an administrator or the operator gives a temporary one. Hashing comes first, the
// transaction after it. Every change ends the person's other sessions and links (OWASP Forgot Password).
import { randomInt } from 'node:crypto';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkTouching } from '../entitlements/check-rank.ts';
import { HubError } from '../errors.ts';
import { mailUser } from '../mail/mail-user.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { endAccess } from './end-access.ts';
import { lockUser } from './lock-user.ts';
import { hashPassword, passwordSettings, verifyPassword } from './password-hash.ts';
import { checkOwnPassword } from './own-password.ts';
import { forgetGuesses } from './sign-in-throttle.ts';
import { checkNewPassword, findPasswordOwner, rememberPassword, storePassword } from './store-password.ts';

type PasswordChange = {
  organizationId: string;
  userId: string;
  current: string;
  next: string;
  /** Uid of the session in which the person acts; without it all of them end. */
  sessionUid?: string;
};

/**
 * Throws HubError `invalid_credentials` for a wrong current password, `throttled` for many of them, `invalid_input` for
 * broken rules (details.issues).
 */
export async function changePassword(ctx: Ctx, change: PasswordChange): Promise<void> {
  refuseWhileActing(ctx);
  const { organizationId, userId, current, next, sessionUid } = change;
  const owner = await findPasswordOwner(organizationId, userId);
  await checkOwnPassword(ctx, { organizationId, userId, hash: owner.hash, password: current });
  await checkNewPassword(owner, next, current);
  const hash = await hashPassword(next);
  await transaction(async () => {
    await lockUser({ organizationId, userId });
    const same = await queryOne(
      'select 1 from passwords where organization_id = $1 and user_id = $2 and hash = $3 for update',
      [organizationId, userId, owner.hash],
    );
    if (!same) throw new HubError('conflict', 'The password was changed by somebody else meanwhile.');
    await replacePassword(ctx, {
      organizationId,
      userId,
      hash,
      action: 'password.changed',
      ...(sessionUid && { sessionUid }),
    });
  });
}

/**
 * Replaces a temporary password by an own one, right after the temporary one was verified.
 * Throws HubError `invalid_input` (details.issues), `conflict` when there is no temporary password any more.
 */
export async function changeTemporaryPassword(
  ctx: Ctx,
  { organizationId, userId, next }: { organizationId: string; userId: string; next: string },
): Promise<void> {
  const owner = await findPasswordOwner(organizationId, userId);
  const { right: same } = await verifyPassword(owner.hash, next);
  await checkNewPassword(owner, next, same ? next : undefined);
  const hash = await hashPassword(next);
  await transaction(async () => {
    await lockUser({ organizationId, userId });
    const temporary = await queryOne(
      'select 1 from passwords where organization_id = $1 and user_id = $2 and temporary and hash = $3 and expires_at > $4 for update',
      [organizationId, userId, owner.hash, ctx.now],
    );
    if (!temporary) throw new HubError('conflict', 'The temporary password has been changed or has expired meanwhile.');
    await replacePassword(ctx, { organizationId, userId, hash, action: 'password.changed' });
  });
}

type Replacement = {
  organizationId: string;
  userId: string;
  hash: string;
  action: string;
  sessionUid?: string;
  temporaryUntil?: Date;
};

/** In the ambient transaction, which holds the person's row (lock-user.ts): the new password, the end of what hung on the old one, the audit row and a notice to the person. */
export async function replacePassword(ctx: Ctx, input: Replacement): Promise<void> {
  const { organizationId, userId, hash, action, sessionUid, temporaryUntil } = input;
  await rememberPassword(ctx, { organizationId, userId });
  await storePassword(ctx, { organizationId, userId, hash, ...(temporaryUntil && { temporaryUntil }) });
  await forgetGuesses({ organizationId, userId });
  if (sessionUid === undefined) {
    await query('update users set tokens_valid_from = $3 where organization_id = $1 and id = $2', [
      organizationId,
      userId,
      ctx.now,
    ]);
  }
  await endAccess(ctx, { organizationId, userId, ...(sessionUid !== undefined && { exceptSession: sessionUid }) });
  await recordAudit(ctx, { action, targetKind: 'user', targetId: userId, organizationId });
  if (action === 'password.first_set') return;
  await mailUser(ctx, { kind: 'password_changed', organizationId, userId, values: { at: ctx.now } });
}

// Without the characters that people confuse when they read or hear them.
const LEGIBLE = 'abcdefghjkmnpqrstuvwxyz23456789';

const legible = () =>
  [4, 4, 4, 4].map((length) => Array.from({ length }, () => LEGIBLE[randomInt(LEGIBLE.length)]).join('')).join('-');

/**
 * A random password (about 79 bits) that must be changed at the first sign-in. Shown once; only its hash is kept.
 * Throws HubError `not_found`, `not_permitted`, `rank_too_low`, `target_holds_more`.
 */
export async function giveTemporaryPassword(
  ctx: Ctx,
  { organizationId, userId }: { organizationId: string; userId: string },
): Promise<{ password: string; expiresAt: Date }> {
  await findPasswordOwner(organizationId, userId);
  const password = legible();
  const hash = await hashPassword(password);
  const expiresAt = new Date(ctx.now.getTime() + passwordSettings().temporary_hours * 3_600_000);
  const action = 'password.temporary_given';
  await transaction(async () => {
    await lockUser({ organizationId, userId });
    await checkTouching({ ...ctx, organizationId }, userId, 'set_temporary_password');
    await replacePassword(ctx, { organizationId, userId, hash, action, temporaryUntil: expiresAt });
  });
  return { password, expiresAt };
}
