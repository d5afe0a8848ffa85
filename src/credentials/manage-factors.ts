// A person's second factors as he manages them: which there are, taking one away, a passkey's name. Whoever must give a
// second factor keeps at least one. What somebody else may do about them is in reset-factors.ts.
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { notPermitted } from '../entitlements/acting.ts';
import { HubError } from '../errors.ts';
import { mailUser } from '../mail/mail-user.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { isId } from '../users/is-id.ts';
import { findFactorState } from './factor-state.ts';
import { lockUser } from './lock-user.ts';
import { mustGiveSecondFactor } from './second-factor-policy.ts';

type Factor = {
  readonly id: string;
  readonly kind: 'totp' | 'passkey';
  /** Of a passkey, as the person called it; empty for an authenticator app. */
  readonly name: string;
  /** A passkey that its provider copies to the person's other devices. */
  readonly backedUp: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
};

type Factors = {
  readonly factors: readonly Factor[];
  /** Unused ones. */
  readonly recoveryCodes: number;
  /** He cannot take the last factor away. */
  readonly required: boolean;
};

const MOST_NAME = 60;
const noFactor = () => new HubError('not_found', 'There is no such second factor.');

/** For the person himself, and for whoever may see his record. Throws HubError `not_found` for somebody who is not active. */
export async function listFactors(ctx: OrganizationCtx, userId: string): Promise<Factors> {
  const state = await findFactorState(ctx.organizationId, userId, ctx.now);
  if (!state) throw new HubError('not_found', 'There is no such user.');
  const factors = await query<Factor>(
    `select id, 'totp' as kind, '' as name, false as "backedUp", created_at as "createdAt", last_used_at as "lastUsedAt"
       from totp_factors where organization_id = $1 and user_id = $2
     union all
     select id, 'passkey', name, backed_up, created_at, last_used_at from passkeys where organization_id = $1 and user_id = $2
     order by "createdAt", id`,
    [ctx.organizationId, userId],
  );
  return {
    factors,
    recoveryCodes: state.recoveryCodes,
    required: mustGiveSecondFactor(state),
  };
}

/** The person's own act. Throws HubError `not_permitted` (details.reason `last_factor` for the last one of who must have one), `not_found`. */
export async function removeFactor(
  ctx: OrganizationCtx,
  { userId, factorId }: { userId: string; factorId: string },
): Promise<void> {
  checkOwn(ctx, userId);
  await transaction(async () => {
    // Two removals at once must not leave nothing.
    await lockUser({ organizationId: ctx.organizationId, userId });
    const { factors, required } = await listFactors(ctx, userId);
    const factor = factors.find(({ id }) => id === factorId);
    if (!factor) throw noFactor();
    if (factors.length === 1 && required) {
      throw new HubError('not_permitted', 'You must have a second factor. Set up another one first.', {
        reason: 'last_factor',
      });
    }
    const table = factor.kind === 'totp' ? 'totp_factors' : 'passkeys';
    await query(`delete from ${table} where organization_id = $1 and user_id = $2 and id = $3`, [
      ctx.organizationId,
      userId,
      factorId,
    ]);
    if (factors.length === 1) {
      await query('delete from recovery_codes where organization_id = $1 and user_id = $2', [
        ctx.organizationId,
        userId,
      ]);
    }
    await recordAudit(ctx, {
      action: 'second_factor.removed',
      targetKind: 'user',
      targetId: userId,
      before: { kind: factor.kind, id: factor.id, name: factor.name },
    });
    const change = factor.kind === 'totp' ? 'app_removed' : 'passkey_removed';
    const { organizationId, now: at } = ctx;
    await mailUser(ctx, { kind: 'second_factor_changed', organizationId, userId, values: { at, change } });
  });
}

/** The person's own act. Throws HubError `not_permitted`, `not_found`, `invalid_input`. */
export async function renamePasskey(
  ctx: OrganizationCtx,
  { userId, factorId, name }: { userId: string; factorId: string; name: string },
): Promise<void> {
  checkOwn(ctx, userId);
  const trimmed = name.trim();
  if (trimmed === '' || trimmed.length > MOST_NAME || /\p{Cc}/u.test(trimmed)) {
    const message = `A name has 1 to ${MOST_NAME} characters.`;
    throw new HubError('invalid_input', message, { issues: [{ path: 'name', message }] });
  }
  if (!isId(factorId)) throw noFactor();
  await transaction(async () => {
    const owned = [ctx.organizationId, userId, factorId];
    const before = await queryOne<{ name: string }>(
      'select name from passkeys where organization_id = $1 and user_id = $2 and id = $3 for update',
      owned,
    );
    if (!before) throw noFactor();
    if (before.name === trimmed) return;
    await query('update passkeys set name = $4 where organization_id = $1 and user_id = $2 and id = $3', [
      ...owned,
      trimmed,
    ]);
    await recordAudit(ctx, {
      action: 'second_factor.renamed',
      targetKind: 'user',
      targetId: userId,
      before,
      after: { name: trimmed },
    });
  });
}

function checkOwn({ actor, organizationId }: OrganizationCtx, userId: string): void {
  refuseWhileActing({ actor });
  if (actor.kind === 'system') return;
  const own = actor.kind === 'user' && actor.organizationId === organizationId && actor.id === userId;
  if (!own) throw notPermitted();
}
