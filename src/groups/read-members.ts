// Reads a group's members in chunks, in the order of their ids, so that 100,000 of them never stand in memory
// nor hold the event loop.
import type { OrganizationCtx } from '../context.ts';
import { prepared, query } from '../database/query.ts';

export type Member = { value: string; display: string | null; type: 'User' | 'Group' };

const CHUNK = 2000;

const USERS = prepared(
  'members_users',
  `select m.user_id as value, coalesce(u.document ->> 'displayName', u.user_name) as display
   from group_users m join users u on u.organization_id = m.organization_id and u.id = m.user_id and u.deleted_at is null
   where m.organization_id = $1 and m.group_id = $2 and m.user_id > $3
   order by m.user_id limit ${CHUNK}`,
);
const GROUPS = prepared(
  'members_groups',
  `select m.child_id as value, g.display_name as display
   from group_groups m join groups g on g.organization_id = m.organization_id and g.id = m.child_id and g.deleted_at is null
   where m.organization_id = $1 and m.parent_id = $2 order by m.child_id`,
);

const FIRST = '00000000-0000-0000-0000-000000000000';

/** Chunks of at most 2,000 members; a group without any gives none. */
export async function* readMembers(ctx: OrganizationCtx, groupId: string): AsyncGenerator<Member[]> {
  for (let after = FIRST; ;) {
    const rows = await query<{ value: string; display: string | null }>(USERS, [ctx.organizationId, groupId, after]);
    if (rows.length > 0) yield rows.map((row) => ({ ...row, type: 'User' as const }));
    if (rows.length < CHUNK) break;
    after = rows.at(-1)?.value ?? FIRST;
  }
  const groups = await query<{ value: string; display: string | null }>(GROUPS, [ctx.organizationId, groupId]);
  if (groups.length > 0) yield groups.map((row) => ({ ...row, type: 'Group' as const }));
}
