// Whom a group or a role reaches: how many people and the first of them, and which directories decide who they are.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { unopened } from './directories-filling.ts';
import { roleHolders } from './find-role.ts';
import type { Holder } from './holder.ts';

export type Reach = {
  /** Names of the directories that fill the groups or one nested in them. */
  readonly directories: readonly string[];
  /** Some of them may not yet hand on what the groups carry. */
  readonly needsConsent: boolean;
  /** People, each once; counted no further than `MOST_COUNTED`. */
  readonly members: number;
  /** Names of the first of them, by username. */
  readonly first: readonly string[];
};

export const MOST_COUNTED = 10_000;
const MOST_NAMED = 10;

const BELOW = `with recursive below(id) as (
    select unnest($2::uuid[])
    union
    select n.child_id from below b join group_groups n on n.organization_id = $1 and n.parent_id = b.id
  )`;
const PEOPLE = `select m.user_id as id from below b join group_users m on m.organization_id = $1 and m.group_id = b.id
    union select unnest($3::uuid[])`;

/** Undefined for a user: that is himself. */
export async function whomItReaches(ctx: OrganizationCtx, { kind, id }: Holder): Promise<Reach | undefined> {
  if (kind === 'user') return undefined;
  const { users, groups } = kind === 'group' ? { users: [], groups: [id] } : await roleHolders(ctx, id);
  const directories = await query<{ name: string }>(
    `${BELOW} select distinct c.name from below b
     join groups g on g.organization_id = $1 and g.id = b.id and g.deleted_at is null
     join provisioning_connections c on c.organization_id = $1 and c.id = g.connection_id order by c.name`,
    [ctx.organizationId, groups],
  );
  const values = [ctx.organizationId, groups, users];
  const counted = await queryOne<{ members: number }>(
    `${BELOW} select count(*)::int as members from (select id from (${PEOPLE}) p limit ${MOST_COUNTED}) as counted`,
    values,
  );
  const members = counted?.members ?? 0;
  const first =
    members === 0
      ? []
      : await query<{ name: string }>(
          `${BELOW} select coalesce(u.document ->> 'displayName', u.user_name) as name
           from (select id from (${PEOPLE}) p limit ${MOST_COUNTED}) p join users u on u.organization_id = $1 and u.id = p.id
           where u.deleted_at is null order by u.user_name_key limit ${MOST_NAMED}`,
          values,
        );
  return {
    directories: directories.map(({ name }) => name),
    needsConsent: groups.length > 0 && (await unopened(ctx, groups, groups)).length > 0,
    members,
    first: first.map(({ name }) => name),
  };
}
