// Of a group that is about to be given rights: which directories decide who is in it, whether a chief has still to
// consent to that, and how many people it reaches.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { unopened } from './directories-filling.ts';

export type FilledGroup = {
  /** Names of the directories that fill it or a group nested in it. */
  readonly directories: readonly string[];
  /** Some of them may not yet hand on what the group carries. */
  readonly needsConsent: boolean;
  /** Its members and those of nested groups, each once; counted no further than `MOST_COUNTED`. */
  readonly members: number;
};

export const MOST_COUNTED = 10_000;

const BELOW = `with recursive below(id) as (
    select $2::uuid
    union
    select n.child_id from below b join group_groups n on n.organization_id = $1 and n.parent_id = b.id
  )`;

export async function filledGroup(ctx: OrganizationCtx, groupId: string): Promise<FilledGroup> {
  const values = [ctx.organizationId, groupId];
  const directories = await query<{ name: string }>(
    `${BELOW} select distinct c.name from below b
     join groups g on g.organization_id = $1 and g.id = b.id and g.deleted_at is null
     join provisioning_connections c on c.organization_id = $1 and c.id = g.connection_id order by c.name`,
    values,
  );
  const counted = await queryOne<{ members: number }>(
    `${BELOW} select count(*)::int as members from (
       select distinct m.user_id from below b join group_users m on m.organization_id = $1 and m.group_id = b.id
       limit ${MOST_COUNTED}) as counted`,
    values,
  );
  return {
    directories: directories.map(({ name }) => name),
    needsConsent: (await unopened(ctx, [groupId], [groupId])).length > 0,
    members: counted?.members ?? 0,
  };
}
