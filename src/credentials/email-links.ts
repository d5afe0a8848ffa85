// What the two links of a changed e-mail address do, for a person who is not signed in: the one to the new address confirms
// it, the one to the former address undoes the change within seven days, whatever happened to the account meanwhile.
import { recordAudit } from '../audit/record.ts';
import type { Actor, Ctx, OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import type { Document } from '../provisioning/attribute.ts';
import { fold } from '../provisioning/fold.ts';
import { changeUser } from '../users/change-user.ts';
import { detailsOf, withDetails } from '../users/person-details.ts';
import { hashOfUndo } from './announce-email-change.ts';
import { endAccess } from './end-access.ts';
import { lockUser } from './lock-user.ts';
import { readLink, useLink, type LinkState } from './one-time-link.ts';

export const readEmailLink = (token: string, now: Date): Promise<LinkState> => readLink(token, ['email_change'], now);

/** The link that went to the new address was used. Throws HubError `not_found`, `conflict` for one just used. */
export async function confirmEmailChange(ctx: Ctx, token: string): Promise<void> {
  const link = await readEmailLink(token, ctx.now);
  if (link.state !== 'valid') throw new HubError('not_found', 'The link cannot be used.');
  const { organizationId, userId, sentTo } = link;
  await transaction(async () => {
    await useLink(token, ctx.now);
    const change = await queryOne<{ email: string }>(
      `update email_changes set confirmed_at = $3, ended_at = $3, outcome = 'confirmed'
       where organization_id = $1 and user_id = $2 and ended_at is null returning new_email as email`,
      [organizationId, userId, ctx.now],
    );
    if (!change || fold(change.email) !== sentTo) throw new HubError('not_found', 'The link cannot be used.');
    const own = asHub(ctx, organizationId);
    await checkOwnRecord(own, userId);
    const { document } = await changeUser(own, userId, (before) => withEmail(before, change.email));
    await trustAddress(own, userId, sentTo);
    const actor: Actor = { kind: 'user', id: userId, organizationId, label: String(document['userName']) };
    await recordAudit(
      { ...own, actor },
      { action: 'email_change.confirmed', targetKind: 'user', targetId: userId, after: { email: change.email } },
    );
  });
}

/** A directory that has taken the record over meanwhile decides about the address. Throws HubError `not_found`. */
async function checkOwnRecord({ organizationId }: OrganizationCtx, userId: string): Promise<void> {
  const own = await queryOne('select 1 from users where organization_id = $1 and id = $2 and connection_id is null', [
    organizationId,
    userId,
  ]);
  if (!own) throw new HubError('not_found', 'The link cannot be used.');
}

const withEmail = (before: Document, email: string): Document => withDetails(before, { ...detailsOf(before), email });

/** The person is not signed in: it is the hub that writes what he decided. */
const asHub = (ctx: Ctx, organizationId: string): OrganizationCtx => ({
  ...ctx,
  organizationId,
  actor: { kind: 'system', id: 'email-change', label: 'Mandate' },
});

const trustAddress = ({ organizationId }: OrganizationCtx, userId: string, emailKey: string) =>
  query(
    `update users set trusted_email_key = $3, unconfirmed_email_key = null
     where organization_id = $1 and id = $2 and email_key = $3`,
    [organizationId, userId, emailKey],
  );

const UNDO = /^(?<organization>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?<secret>[A-Za-z0-9_-]{43})$/;

type UndoState =
  | {
      readonly state: 'valid';
      readonly organizationId: string;
      readonly userId: string;
      readonly id: string;
      readonly email: string;
    }
  | { readonly state: 'expired' | 'used' | 'invalid' };

/** What the link in the notice to the former address is worth now. It outlives the sessions and the password. */
export async function readUndo(token: string, now: Date): Promise<UndoState> {
  const groups = UNDO.exec(token)?.groups;
  if (!groups?.['organization'] || !groups['secret']) return { state: 'invalid' };
  const organizationId = groups['organization'];
  const row = await queryOne<{
    id: string;
    userId: string;
    email: string;
    outcome: string | null;
    until: Date;
    gone: boolean;
  }>(
    `select c.id, c.user_id as "userId", c.former_email as email, c.outcome, c.undo_until as until, (u.deleted_at is not null or u.connection_id is not null) as gone
     from email_changes c join users u on (u.organization_id, u.id) = (c.organization_id, c.user_id)
     where c.organization_id = $1 and c.undo_hash = $2`,
    [organizationId, hashOfUndo(groups['secret'])],
  );
  if (!row || row.gone) return { state: 'invalid' };
  if (row.outcome === 'undone') return { state: 'used' };
  if (row.until <= now) return { state: 'expired' };
  return { state: 'valid', organizationId, userId: row.userId, id: row.id, email: row.email };
}

/**
 * Back to the former address, which is trusted then; all sessions and links end, and so does every later change of the
 * person's address. Throws HubError `not_found`, `conflict` for a link just used.
 */
export async function undoEmailChange(ctx: Ctx, token: string): Promise<void> {
  await transaction(async () => {
    const found = await readUndo(token, ctx.now);
    if (found.state === 'valid') await lockUser(found);
    const undo = await readUndo(token, ctx.now);
    if (undo.state === 'used') throw new HubError('conflict', 'The link has been used meanwhile.');
    if (undo.state !== 'valid') throw new HubError('not_found', 'The link cannot be used.');
    const { organizationId, userId, id, email } = undo;
    const own = asHub(ctx, organizationId);
    // The way back to an address before this one stays open: this link may be in the hands of whoever took the account over.
    await query(
      `update email_changes c set outcome = 'undone', ended_at = coalesce(c.ended_at, $4) from email_changes undone
       where undone.organization_id = $1 and undone.id = $3 and c.organization_id = $1 and c.user_id = $2
         and (c.requested_at >= undone.requested_at or c.former_email = undone.former_email or c.ended_at is null)`,
      [organizationId, userId, id, ctx.now],
    );
    await changeUser(own, userId, (before) => withEmail(before, email));
    await trustAddress(own, userId, fold(email));
    await query('update users set tokens_valid_from = $3 where organization_id = $1 and id = $2', [
      organizationId,
      userId,
      ctx.now,
    ]);
    await endAccess(own, { organizationId, userId });
    await recordAudit(own, { action: 'email_change.undone', targetKind: 'user', targetId: userId, after: { email } });
  });
}
