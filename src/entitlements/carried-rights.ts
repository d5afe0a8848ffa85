// What a group gives whoever becomes its member, and what of it a directory may hand on. A directory's ceiling is
// the list of groups and roles that a chief administrator opened to its connection; by default it is empty.
import type { OrganizationCtx } from '../context.ts';
import { prepared, query } from '../database/query.ts';
import { HubError } from '../errors.ts';

const LIVE = (alias: string) =>
  `${alias}.ended_at is null and (${alias}.valid_until is null or ${alias}.valid_until > $3)`;

/** The group and everything it is nested in; a member of the first is a member of all (depth at most 10). */
export const groupsAbove = (start: string): string => `with recursive above(id) as (
    select unnest(${start})
    union
    select n.parent_id from above a join group_groups n on n.organization_id = $1 and n.child_id = a.id
  )`;

export const UNOPENED_GROUPS = prepared(
  'groups_unopened',
  `${groupsAbove('(select $2::uuid[])')}
  select g.id, g.display_name as name from above
  join groups g on g.organization_id = $1 and g.id = above.id and g.deleted_at is null
  where not exists (select 1 from connection_openings o where o.organization_id = $1 and o.connection_id = $4 and o.target_id = g.id)
    and (exists (select 1 from assignments a where a.organization_id = $1 and a.subject_id = g.id and a.subject_kind = 'group' and ${LIVE('a')})
      or exists (select 1 from administration_rights r where r.organization_id = $1 and r.subject_id = g.id and r.subject_kind = 'group' and ${LIVE('r')}))`,
);

/**
 * A connection may make somebody a member of these groups only if each of them, and each group above, either
 * carries no right or was opened to it. Throws HubError `group_not_opened` that names the groups.
 */
export async function checkGroupsOpened(ctx: OrganizationCtx, groupIds: readonly string[]): Promise<void> {
  if (ctx.actor.kind !== 'connection' || groupIds.length === 0) return;
  const closed = await query<{ id: string; name: string }>(UNOPENED_GROUPS, [
    ctx.organizationId,
    groupIds,
    ctx.now,
    ctx.actor.id,
  ]);
  if (closed.length === 0) return;
  const names = closed.map((group) => `"${group.name}"`).join(', ');
  throw new HubError(
    'group_not_opened',
    `Membership of ${names} gives rights, and no chief administrator has opened ${closed.length === 1 ? 'this group' : 'these groups'} to this connection. Nothing was changed. A chief administrator can open the group on the page "Connections".`,
    { groups: closed.map((group) => group.id) },
  );
}
