// Decides what a taken userName means when a directory sends the person again (a rehire, a replayed request).
// RFC 7644 section 3.3 knows only 409; directories that deactivate instead of deleting need the record back.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { recordAudit } from '../audit/record.ts';
import type { Document } from '../provisioning/attribute.ts';
import { owningConnection } from '../provisioning/visible-to.ts';
import { changeUser } from './change-user.ts';
import type { UserRecord } from './user-record.ts';
import { userRow, type UserRow } from './user-row.ts';

type Holder = {
  id: string;
  active: boolean;
  connection_id: string | null;
  external_id: string | null;
  document: Document;
};

const taken = (userName: string, why: string) =>
  new HubError('uniqueness', `The userName "${userName}" ${why}`, { attribute: 'userName' });

/** A former holder keeps his record and history, not the name. */
async function giveUpName(ctx: OrganizationCtx, holder: Holder): Promise<void> {
  const userName = `${String(holder.document['userName'])} (former ${holder.id})`;
  const row = userRow({ ...holder.document, userName });
  await query(
    `update users set user_name = $3, user_name_key = $4, document = $5, folded = $6, version = version + 1, updated_at = $7
     where organization_id = $1 and id = $2`,
    [ctx.organizationId, holder.id, row.userName, row.userNameKey, row.document, row.folded, ctx.now],
  );
  await query('delete from sign_in_names where organization_id = $1 and user_id = $2', [ctx.organizationId, holder.id]);
  await recordAudit(ctx, {
    action: 'user.name_given_up',
    targetKind: 'user',
    targetId: holder.id,
    before: { userName: holder.document['userName'] },
    after: { userName },
  });
}

/**
 * The restored (or identical) user; nothing when the name has become free for a new record. Throws `uniqueness`
 * when the name is an active user's or belongs to another source.
 */
export const claimUserName = (
  ctx: OrganizationCtx,
  row: UserRow,
  document: Document,
): Promise<UserRecord | undefined> =>
  transaction(async () => {
    const connection = owningConnection(ctx);
    const holder = await queryOne<Holder>(
      `select id, active, connection_id, external_id, document from users
       where organization_id = $1 and user_name_key = $2 and deleted_at is null for update`,
      [ctx.organizationId, row.userNameKey],
    );
    if (!holder) return undefined;
    if (connection === null) throw taken(row.userName, 'is taken by another user of this organization.');
    if (holder.connection_id !== connection) {
      throw taken(
        row.userName,
        'belongs to a user whom this connection does not manage. An administrator can hand existing users over to the directory on the page "Connections".',
      );
    }
    if (holder.active) throw taken(row.userName, 'is taken by an active user.');
    if (holder.external_id !== null && row.externalId !== null && holder.external_id !== row.externalId) {
      await giveUpName(ctx, holder);
      return undefined;
    }
    const externalId = row.externalId ?? holder.external_id;
    return changeUser(ctx, holder.id, () => ({
      ...document,
      ...(externalId === null ? {} : { externalId }),
      active: row.active,
    }));
  });
