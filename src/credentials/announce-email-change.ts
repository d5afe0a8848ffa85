// What goes out when somebody's e-mail address changes: a link with which the new address is confirmed, and to the former
// one a notice with which the change is undone. Only a former address that could be trusted gets the way back: whoever reads
// it could otherwise take the record over. Changes no record itself (change-email.ts).
import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { isMailable } from '../mail/address.ts';
import { mailSettings } from '../mail/mail-settings.ts';
import { storedLanguage } from '../mail/mail-user.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Document } from '../provisioning/attribute.ts';
import { fold } from '../provisioning/fold.ts';
import { nameOf } from '../users/user-row.ts';
import { createLink, LINK_MINUTES } from './one-time-link.ts';

const UNDO_MINUTES = 7 * 24 * 60;

type EmailChange = {
  readonly userId: string;
  /** As the record is before the change. */
  readonly document: Document;
  readonly organization: string;
  readonly former: { readonly email: string; readonly trusted: boolean } | undefined;
  readonly email: string;
  /** True: it stands in the record already. */
  readonly applied: boolean;
};

export const hashOfUndo = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** In the ambient transaction. A change that waited before is replaced. */
export async function announceEmailChange(ctx: OrganizationCtx, change: EmailChange): Promise<void> {
  const { organizationId, now } = ctx;
  const { userId, former, email, applied } = change;
  await endOpenChange(ctx, userId, 'replaced');
  const undo = former?.trusted === true && isMailable(former.email) ? randomBytes(32).toString('base64url') : undefined;
  const undoUntil = new Date(now.getTime() + UNDO_MINUTES * 60_000);
  await query(
    `insert into email_changes (organization_id, id, user_id, former_email, new_email, applied, requested_by, requested_at, expires_at,
       undo_hash, undo_until) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      organizationId,
      uuidv7(),
      userId,
      former?.email ?? null,
      email,
      applied,
      JSON.stringify(ctx.actor),
      now,
      new Date(now.getTime() + LINK_MINUTES.email_change * 60_000),
      undo === undefined ? null : hashOfUndo(undo),
      undo === undefined ? null : undoUntil,
    ],
  );
  await sendConfirmation(ctx, change);
  if (undo === undefined || !former) return;
  await queueMail(ctx, {
    kind: 'email_change_notice',
    to: former.email,
    ...personal(ctx, change),
    values: {
      ...namesIn(change),
      email,
      by: ctx.actor.kind === 'user' && ctx.actor.id !== userId ? ctx.actor.label : null,
      applied,
      link: { path: `/undo-email/${organizationId}.${undo}`, expiresAt: undoUntil, minutes: UNDO_MINUTES },
    },
    usefulUntil: undoUntil,
  });
}

type Confirmable = Pick<EmailChange, 'userId' | 'document' | 'organization' | 'email'>;

/** The mail to the new address, also when it is sent again. An address that cannot be written to gets none. */
export async function sendConfirmation(ctx: OrganizationCtx, change: Confirmable): Promise<void> {
  const { userId, email } = change;
  if (!isMailable(email)) return;
  const { organizationId } = ctx;
  const { token, expiresAt } = await createLink(ctx, {
    organizationId,
    userId,
    purpose: 'email_change',
    sentTo: fold(email),
  });
  await queueMail(ctx, {
    kind: 'email_change_confirm',
    to: email,
    ...personal(ctx, change),
    values: {
      ...namesIn(change),
      link: { path: `/confirm-email/${token}`, expiresAt, minutes: LINK_MINUTES.email_change },
    },
    usefulUntil: expiresAt,
  });
}

/** Ends the change that waits, if one does, with its links. Answers its new address. */
export async function endOpenChange(
  ctx: OrganizationCtx,
  userId: string,
  outcome: 'cancelled' | 'replaced',
): Promise<string | undefined> {
  const ended = await query<{ email: string }>(
    `update email_changes set ended_at = $3, outcome = $4 where organization_id = $1 and user_id = $2 and ended_at is null
     returning new_email as email`,
    [ctx.organizationId, userId, ctx.now, outcome],
  );
  await query(
    `delete from links where organization_id = $1 and user_id = $2 and purpose = 'email_change' and used_at is null`,
    [ctx.organizationId, userId],
  );
  return ended[0]?.email;
}

const namesIn = ({ document, organization }: Pick<EmailChange, 'document' | 'organization'>) => ({
  name: nameOf(document),
  username: String(document['userName']),
  organization,
});
const personal = (
  { organizationId }: OrganizationCtx,
  { userId, document }: Pick<EmailChange, 'userId' | 'document'>,
) => ({
  organizationId,
  userId,
  language: storedLanguage(document) ?? mailSettings().defaultLanguage,
});
