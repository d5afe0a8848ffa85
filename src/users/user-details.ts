// One person with all that his page shows of his record: state, source, invitation, groups, administration rights and
// the applications he used. What he may do in applications is entitlements/explain-access.ts.
import type { OrganizationCtx } from '../context.ts';
import { INVITATION_COLUMNS, INVITATION_JOINS } from '../credentials/invitation-state.ts';
import { query, queryOne } from '../database/query.ts';
import { administrationRightsOf, rankOf, type HeldRight } from '../entitlements/administration-rights-of.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import type { Document } from '../provisioning/attribute.ts';
import { userNotFound } from './find-user.ts';
import { isId } from './is-id.ts';
import { LISTED_COLUMNS, listedUser, USER_STATE, type ListedRow, type ListedUser } from './listed-user.ts';

export type UserDetails = ListedUser & {
  readonly document: Document;
  readonly version: number;
  readonly hasPassword: boolean;
  /** Until when a temporary password, not changed yet, can be used. */
  readonly temporaryUntil: Date | null;
  readonly groups: readonly { id: string; name: string; directory: string | null }[];
  readonly administrationRights: readonly HeldRight[];
  readonly uses: readonly { application: string; lastUsedOn: string }[];
};

type Row = ListedRow & { version: number; temporaryUntil: Date | null };

/** A person of the organization, also a deactivated one. Throws HubError `not_found`, `not_permitted`. */
export async function readUserDetails(ctx: OrganizationCtx, id: string): Promise<UserDetails> {
  await checkAdministers(ctx);
  if (!isId(id)) throw userNotFound(id);
  const row = await queryOne<Row>(
    `select ${LISTED_COLUMNS}, u.version, ${USER_STATE} as state, c.name as "directoryName", null as rights, ${INVITATION_COLUMNS},
       (select p.expires_at from passwords p where p.organization_id = $1 and p.user_id = u.id and p.temporary) as "temporaryUntil"
     from users u left join provisioning_connections c on c.organization_id = $1 and c.id = u.connection_id ${INVITATION_JOINS}
     where u.organization_id = $1 and u.id = $2 and u.deleted_at is null and u.kind = 'person'`,
    [ctx.organizationId, id],
  );
  if (!row) throw userNotFound(id);
  const administrationRights = (await administrationRightsOf(ctx, [row.id])).get(row.id) ?? [];
  const groups = await query<{ id: string; name: string; directory: string | null }>(
    `select g.id, g.display_name as name, c.name as directory from group_users m
     join groups g on g.organization_id = $1 and g.id = m.group_id and g.deleted_at is null
     left join provisioning_connections c on c.organization_id = $1 and c.id = g.connection_id
     where m.organization_id = $1 and m.user_id = $2 order by g.display_name_key, g.id limit 200`,
    [ctx.organizationId, row.id],
  );
  const uses = await query<{ application: string; lastUsedOn: string }>(
    `select application, last_used_on::text as "lastUsedOn" from application_uses
     where organization_id = $1 and user_id = $2 order by last_used_on desc, application`,
    [ctx.organizationId, row.id],
  );
  return {
    ...listedUser(row, ctx.now),
    rank: rankOf(administrationRights),
    document: row.document,
    version: row.version,
    hasPassword: row.hasPassword,
    temporaryUntil: row.temporaryUntil,
    groups,
    administrationRights,
    uses,
  };
}
