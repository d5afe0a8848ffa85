// A one-time link with which a person sets his password, in the hands of the operator, who sends it by a way of his own.
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { findUser } from '../users/find-user.ts';
import { createLink } from './one-time-link.ts';

type PasswordPurpose = 'first_password' | 'recovery';

const RECORDED_AS = { first_password: 'invitation.copied', recovery: 'password.link_made' } as const;

/** The token is in the answer and nowhere else. Throws HubError `not_found`, `conflict` where he is deactivated. */
export function makePasswordLink(
  ctx: OrganizationCtx,
  { userId, purpose }: { userId: string; purpose: PasswordPurpose },
): Promise<{ token: string; expiresAt: Date }> {
  return transaction(async () => {
    const user = await findUser(ctx, userId);
    if (!user.active) throw new HubError('conflict', 'This user is deactivated; a link would open nothing.');
    const { organizationId } = ctx;
    const link = await createLink(ctx, { organizationId, userId: user.id, purpose });
    await recordAudit(ctx, { action: RECORDED_AS[purpose], targetKind: 'user', targetId: user.id });
    return link;
  });
}
