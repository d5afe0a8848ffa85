// An administrator helps somebody who has forgotten his password: a link goes to the person, and the administrator never
// sees a password. The person's own right to recover is not asked: this is the way around its absence.
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { fold } from '../provisioning/fold.ts';
import { inviterOf } from './invite-user.ts';
import { addressOf, findLinkReceiver } from './link-receiver.ts';
import { createLink, LINK_MINUTES } from './one-time-link.ts';
import { countRecovery } from './recovery-throttle.ts';

/**
 * Throws HubError `conflict` for somebody who has no password yet (he is invited), `throttled`, and what findLinkReceiver throws.
 */
export function sendRecoveryLink(
  ctx: OrganizationCtx,
  { userId }: { userId: string },
): Promise<{ mailId: string; expiresAt: Date }> {
  const { organizationId } = ctx;
  return transaction(async () => {
    const person = await findLinkReceiver(ctx, userId, 'mail');
    const to = addressOf(person);
    if (!person.hasPassword)
      throw new HubError('conflict', 'This person has not chosen a password yet. Send an invitation.');
    if (!(await countRecovery([{ by: 'mailbox', value: fold(to) }], ctx.now))) {
      throw new HubError('throttled', 'Several messages were sent to this address already. Try again later.', {
        retryAfter: 3600,
      });
    }
    const { token, expiresAt } = await createLink(ctx, {
      organizationId,
      userId: person.userId,
      purpose: 'recovery',
      sentTo: fold(to),
    });
    const link = { path: `/new-password/${token}`, expiresAt, minutes: LINK_MINUTES.recovery };
    const { username, organization } = person;
    const mailId = await queueMail(ctx, {
      kind: 'recovery',
      to,
      language: person.language,
      organizationId,
      userId: person.userId,
      values: {
        by: inviterOf(ctx),
        accounts: [{ username, organization, hasPassword: true, link }],
        others: [],
        more: false,
      },
      usefulUntil: expiresAt,
    });
    await recordAudit(ctx, { action: 'password.recovery_sent', targetKind: 'user', targetId: person.userId });
    return { mailId, expiresAt };
  });
}
