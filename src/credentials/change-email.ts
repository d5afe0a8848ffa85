// Asks for a change of a person's e-mail address, on which his recovery hangs: himself with his password. It counts once he
// has used the link that went to the new address; see email-links.ts. What an administrator writes stands at once but is not
// trusted before that.
import { recordAudit } from '../audit/record.ts';
import type { Ctx, OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkTouching } from '../entitlements/check-rank.ts';
import { HubError } from '../errors.ts';
import { isMailable } from '../mail/address.ts';
import { fold } from '../provisioning/fold.ts';
import { directoryOwned } from '../users/check-change.ts';
import { findUser } from '../users/find-user.ts';
import { emailOf } from '../users/user-row.ts';
import { announceEmailChange, endOpenChange, sendConfirmation } from './announce-email-change.ts';
import { lockUser } from './lock-user.ts';
import { LINK_MINUTES } from './one-time-link.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { checkOwnPassword } from './own-password.ts';
import { countRecovery } from './recovery-throttle.ts';
import { findPasswordOwner } from './store-password.ts';
import { ADDRESS_COLUMNS, isTrustedAddress, type AddressFacts } from './trusted-address.ts';

const LONGEST = 254;

type OpenEmailChange = {
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
  refuseWhileActing(ctx);
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
  await lockUser({ organizationId: ctx.organizationId, userId });
  if (ctx.actor.kind === 'user' && ctx.actor.id === userId) return refuseWhileActing(ctx);
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
