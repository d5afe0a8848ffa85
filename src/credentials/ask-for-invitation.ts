// Somebody opened an invitation that has expired and asks for a new one. Where it went to an address that is still his and
// can be trusted, a new one goes there at once; else the inviter, or the administrators, are asked. The page says the same.
import type { Ctx, OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { recordAudit } from '../audit/record.ts';
import { PEOPLE_OF_GIVEN } from '../entitlements/people-of-given.ts';
import { HubError } from '../errors.ts';
import { mailUser } from '../mail/mail-user.ts';
import type { Document } from '../provisioning/attribute.ts';
import { nameOf } from '../users/user-row.ts';
import { inviteUser } from './invite-user.ts';
import { readLink, type ReadLink } from './one-time-link.ts';
import { countRecovery } from './recovery-throttle.ts';
import { ADDRESS_COLUMNS, isTrustedAddress, type AddressFacts } from './trusted-address.ts';

const MOST_ASKED = 5;
const INVITATIONS = ['invitation', 'first_password'] as const;

/** Without effect for a link that is no expired invitation, and for who asks too often. */
export async function askForInvitation(ctx: Ctx, token: string): Promise<void> {
  const link = await readLink(token, INVITATIONS, ctx.now);
  if (link.state !== 'expired') return;
  const { organizationId, userId } = link;
  if (!(await countRecovery([{ by: 'identifier', value: `invitation ${userId}` }], ctx.now))) return;
  const own: OrganizationCtx = {
    ...ctx,
    organizationId,
    actor: { kind: 'system', id: 'ask-for-invitation', label: 'Mandate' },
  };
  const row = await queryOne<AddressFacts & { document: Document }>(
    `select u.document, ${ADDRESS_COLUMNS} from users u
     where u.organization_id = $1 and u.id = $2 and u.active and u.deleted_at is null and u.kind = 'person'`,
    [organizationId, userId],
  );
  if (!row || row.hasPassword) return;
  const resend = link.sentTo !== null && link.sentTo === row.emailKey && isTrustedAddress(row);
  if (resend && (await sentAgain(own, link))) return;
  await transaction(() => askAdministrators(own, link, nameOf(row.document)));
}

async function sentAgain(ctx: OrganizationCtx, { userId, createdBy }: ReadLink): Promise<boolean> {
  try {
    await inviteUser(ctx, { userId, inviter: createdBy.kind === 'user' ? createdBy.label : null });
    return true;
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return false;
  }
}

/** The inviter, if he is still there, else administrators of users. */
async function askAdministrators(ctx: OrganizationCtx, { userId, createdBy }: ReadLink, who: string): Promise<void> {
  const asked = await query<{ id: string }>(
    `with recursive given(id) as (
       select subject_id from administration_rights where organization_id = $1 and ended_at is null and (valid_until is null or valid_until > $3)
         and name in ('chief_administrator', 'manage_administrators', 'manage_users')
     ), ${PEOPLE_OF_GIVEN}
     select u.id from people p join users u on u.organization_id = $1 and u.id = p.id
     where u.active and u.deleted_at is null and u.kind = 'person' and u.id <> $2
     order by u.id::text <> $4, u.display_name_key, u.id limit ${MOST_ASKED}`,
    [ctx.organizationId, userId, ctx.now, createdBy.id],
  );
  const inviter = asked.find(({ id }) => id === createdBy.id);
  const values = { who, path: `/portal/users/${userId}` };
  for (const { id } of inviter ? [inviter] : asked)
    await mailUser(ctx, { kind: 'invitation_asked', organizationId: ctx.organizationId, userId: id, values });
  await recordAudit(ctx, { action: 'invitation.asked', targetKind: 'user', targetId: userId });
}
