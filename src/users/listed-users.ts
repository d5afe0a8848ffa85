// The lines of the list for certain people, by username: for an act on those that somebody ticked.
import type { OrganizationCtx } from '../context.ts';
import { INVITATION_COLUMNS, INVITATION_JOINS } from '../credentials/invitation-state.ts';
import { query } from '../database/query.ts';
import { administrationRightsOf, rankOf } from '../entitlements/administration-rights-of.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { isId } from './is-id.ts';
import { LISTED_COLUMNS, listedUser, USER_STATE, type ListedRow, type ListedUser } from './listed-user.ts';

/** Ids that name nobody of the organization are passed over. Throws HubError `not_permitted`. */
export async function listedUsers(ctx: OrganizationCtx, ids: readonly string[]): Promise<ListedUser[]> {
  await checkAdministers(ctx);
  const rows = await query<ListedRow>(
    `select ${LISTED_COLUMNS}, ${USER_STATE} as state, c.name as "directoryName", null as rights, ${INVITATION_COLUMNS}
     from users u left join provisioning_connections c on c.organization_id = $1 and c.id = u.connection_id ${INVITATION_JOINS}
     where u.organization_id = $1 and u.id = any($2::uuid[]) and u.deleted_at is null and u.kind = 'person' order by u.user_name_key`,
    [ctx.organizationId, ids.filter(isId)],
  );
  const held = await administrationRightsOf(
    ctx,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...listedUser(row, ctx.now), rank: rankOf(held.get(row.id) ?? []) }));
}
