// Changes a person's e-mail address, on which his recovery hangs. He asks with his password, and it counts once he has used
// the link that went to the new address. What an administrator writes stands at once but is not trusted before that. From the
// former address either is undone within seven days, whatever happened to the account meanwhile.
import { recordAudit } from '../audit/record.ts';
import type { Actor, Ctx, OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkTouching } from '../entitlements/check-rank.ts';
import { HubError } from '../errors.ts';
import { isMailable } from '../mail/address.ts';
import type { Document } from '../provisioning/attribute.ts';
import { fold } from '../provisioning/fold.ts';
import { changeUser } from '../users/change-user.ts';
import { directoryOwned } from '../users/check-change.ts';
import { findUser } from '../users/find-user.ts';
import { detailsOf, withDetails } from '../users/person-details.ts';
import { emailOf } from '../users/user-row.ts';
import { announceEmailChange, endOpenChange, hashOfUndo, sendConfirmation } from './announce-email-change.ts';
import { endAccess } from './end-access.ts';
import { LINK_MINUTES, readLink, useLink, type LinkState } from './one-time-link.ts';
import { checkOwnPassword } from './own-password.ts';
import { countRecovery } from './recovery-throttle.ts';
import { findPasswordOwner } from './store-password.ts';
import { ADDRESS_COLUMNS, isTrustedAddress, type AddressFacts } from './trusted-address.ts';

const LONGEST = 254;

export type OpenEmailChange = {
  readonly email: string;
  readonly requestedAt: Date;
  /** Until when the link works that was sent last. */
  readonly expiresAt: Date;
  /** An administrator's: it stands in the record already. */
  readonly applied: boolean;
};

/** The change that waits to be confirmed. The id must be a UUID. */
export const openEmailChange = (ctx: OrganizationCtx, userId: string): Promise<OpenEmailChange | undefined> =>
  queryOne<OpenEmailChange>(
    `select new_email as email, requested_at as "requestedAt", expires_at as "expiresAt", applied from email_changes
     where organization_id = $1 and user_id = $2 and ended_at is null and (applied or expires_at > $3)`,
    [ctx.organizationId, userId, ctx.now],
  );

type Row = AddressFacts & { organization: string };

/**
 * The person himself asks. Throws HubError `invalid_credentials`, `throttled`, `directory_owned`, and `invalid_input` whose
 * issue has the path `email` and a code: missing, too_long, no_email, same.
 */
export async function requestEmailChange(
  ctx: OrganizationCtx,
  { userId, email, password }: { userId: string; email: string; password: string },
): Promise<void> {
  const { organizationId } = ctx;
  const { document } = await findUser(ctx, userId);
  checkAddress(email, emailOf(document) ?? '');
  const owner = await findPasswordOwner(organizationId, userId);
  await checkOwnPassword(ctx, { organizationId, userId, hash: owner.hash, password });
  await transaction(async () => {
    const row = await queryOne<Row>(
      `select o.name as organization, ${ADDRESS_COLUMNS} from users u join organizations o on o.id = u.organization_id
       where u.organization_id = $1 and u.id = $2 and u.active for update of u`,
      [organizationId, userId],
    );
    if (!row) throw new HubError('not_found', 'There is no such user.');
    if (row.connectionId !== null) throw directoryOwned();
    await countMail(ctx, email);
    const former = emailOf(document);
    await announceEmailChange(ctx, {
      userId,
      document,
      organization: row.organization,
      former: former === null ? undefined : { email: former, trusted: isTrustedAddress(row) },
      email,
      applied: false,
    });
    await audit(ctx, userId, 'email_change.requested', { email });
  });
}

function checkAddress(email: string, present: string): void {
  const code =
    email === ''
      ? 'missing'
      : email.length > LONGEST
        ? 'too_long'
        : !isMailable(email)
          ? 'no_email'
          : fold(email) === fold(present)
            ? 'same'
            : undefined;
  if (code === undefined) return;
  const message = 'This address cannot be used.';
  throw new HubError('invalid_input', message, { issues: [{ path: 'email', code, message }] });
}

/** Nobody's mailbox is flooded by way of this. Throws HubError `throttled`. */
async function countMail(ctx: Ctx, email: string): Promise<void> {
  if (await countRecovery([{ by: 'mailbox', value: fold(email) }], ctx.now)) return;
  throw new HubError('throttled', 'Several messages were sent to this address already. Try again later.', {
    retryAfter: 3600,
  });
}

/** Himself, or an administrator who may write the address. */
async function checkActor(ctx: OrganizationCtx, userId: string): Promise<void> {
  if (ctx.actor.kind === 'user' && ctx.actor.id === userId) return;
  await checkTouching(ctx, userId, 'change_email');
}

/** Sends the link once more. Throws HubError `not_found` where nothing waits, `throttled`, and what touching him throws. */
export async function resendEmailChange(ctx: OrganizationCtx, { userId }: { userId: string }): Promise<void> {
  await transaction(async () => {
    const { document } = await findUser(ctx, userId);
    await checkActor(ctx, userId);
    const open = await openEmailChange(ctx, userId);
    if (!open) throw nothingWaits();
    await countMail(ctx, open.email);
    const row = await queryOne<{ name: string }>('select name from organizations where id = $1', [ctx.organizationId]);
    await query(
      'update email_changes set expires_at = $3 where organization_id = $1 and user_id = $2 and ended_at is null',
      [ctx.organizationId, userId, new Date(ctx.now.getTime() + LINK_MINUTES.email_change * 60_000)],
    );
    await sendConfirmation(ctx, { userId, document, organization: row?.name ?? '', email: open.email });
    await audit(ctx, userId, 'email_change.resent', { email: open.email });
  });
}

/** Throws HubError `not_found` where nothing waits, `conflict` for an administrator's, which stands in the record already. */
export async function cancelEmailChange(ctx: OrganizationCtx, { userId }: { userId: string }): Promise<void> {
  await transaction(async () => {
    await findUser(ctx, userId);
    await checkActor(ctx, userId);
    const open = await openEmailChange(ctx, userId);
    if (!open) throw nothingWaits();
    if (open.applied)
      throw new HubError('conflict', 'This address stands in the record already; change it to another one instead.');
    await endOpenChange(ctx, userId, 'cancelled');
    await audit(ctx, userId, 'email_change.cancelled', { email: open.email });
  });
}

const nothingWaits = () => new HubError('not_found', 'No change of the e-mail address waits for this user.');

const audit = (ctx: OrganizationCtx, userId: string, action: string, after?: unknown) =>
  recordAudit(ctx, { action, targetKind: 'user', targetId: userId, ...(after !== undefined && { after }) });

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
    await audit({ ...own, actor }, userId, 'email_change.confirmed', { email: change.email });
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

export type UndoState =
  | {
      readonly state: 'valid';
      readonly organizationId: string;
      readonly userId: string;
      readonly id: string;
      readonly email: string;
    }
  | { readonly state: 'expired' | 'used' | 'invalid' };

/** What the link in the notice to the former address is worth now. It outlives the sessions and the password. */
export async function readUndo(token: string, now: Date, lock = ''): Promise<UndoState> {
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
     where c.organization_id = $1 and c.undo_hash = $2 ${lock}`,
    [organizationId, hashOfUndo(groups['secret'])],
  );
  if (!row || row.gone) return { state: 'invalid' };
  if (row.outcome === 'undone') return { state: 'used' };
  if (row.until <= now) return { state: 'expired' };
  return { state: 'valid', organizationId, userId: row.userId, id: row.id, email: row.email };
}

/**
 * Back to the former address, which is trusted then; all sessions and links end, and so does every other change of the
 * person's address. Throws HubError `not_found`, `conflict` for a link just used.
 */
export async function undoEmailChange(ctx: Ctx, token: string): Promise<void> {
  await transaction(async () => {
    const undo = await readUndo(token, ctx.now, 'for update of c');
    if (undo.state === 'used') throw new HubError('conflict', 'The link has been used meanwhile.');
    if (undo.state !== 'valid') throw new HubError('not_found', 'The link cannot be used.');
    const { organizationId, userId, id, email } = undo;
    const own = asHub(ctx, organizationId);
    await query(
      `update email_changes set outcome = 'undone', ended_at = coalesce(ended_at, $4) where organization_id = $1 and user_id = $2
         and (id = $3 or undo_hash is not null or ended_at is null)`,
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
    await audit(own, userId, 'email_change.undone', { email });
  });
}
