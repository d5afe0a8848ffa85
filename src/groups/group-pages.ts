// An organization's groups and their members a page at a time, as its administrators look through them. Who may see them:
// whoever administers anybody.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { fold } from '../provisioning/fold.ts';
import { decodeKey, pageOf, valuesAsked, type NamesAsked } from '../provisioning/name-cursor.ts';
import { isId } from '../users/is-id.ts';

/** More are not counted one by one. */
export const MOST_COUNTED = 10_000;

type ListedGroup = {
  readonly id: string;
  readonly name: string;
  /** The directory that fills it. */
  readonly directory: string | null;
  /** People directly in it, at most MOST_COUNTED + 1. */
  readonly members: number;
  readonly nested: number;
  /** It gives rights by itself. */
  readonly carries: boolean;
  /** A directory may put people into it although it carries rights. */
  readonly opened: boolean;
};

const COLUMNS = `g.id, g.display_name as name, c.name as directory,
  (select count(*)::int from (select 1 from group_users m where m.organization_id = $1 and m.group_id = g.id limit ${MOST_COUNTED + 1}) m) as members,
  (select count(*)::int from group_groups n where n.organization_id = $1 and n.parent_id = g.id) as nested,
  (exists (select 1 from assignments a where a.organization_id = $1 and a.subject_id = g.id and a.ended_at is null and (a.valid_until is null or a.valid_until > $2))
    or exists (select 1 from administration_rights r where r.organization_id = $1 and r.subject_id = g.id and r.ended_at is null and (r.valid_until is null or r.valid_until > $2))) as carries,
  exists (select 1 from connection_openings o where o.organization_id = $1 and o.target_id = g.id) as opened`;
const FROM = `groups g left join provisioning_connections c on c.organization_id = $1 and c.id = g.connection_id`;

type GroupsAsked = NamesAsked & {
  /** `own`: filled by hand; `directory`: by one. */
  readonly source?: 'own' | 'directory' | undefined;
};

/** By name. Throws HubError `not_permitted`. */
export async function listGroupPage(
  ctx: OrganizationCtx,
  { source, ...asked }: GroupsAsked,
): Promise<{ groups: ListedGroup[]; next: string | null }> {
  await checkAdministers(ctx);
  const bySource = { own: 'and g.connection_id is null', directory: 'and g.connection_id is not null' };
  const rows = await query<ListedGroup & { key: string }>(
    `select ${COLUMNS}, g.display_name_key as key from ${FROM}
     where g.organization_id = $1 and g.deleted_at is null and strpos(g.display_name_key, $3) > 0
       and ($4::text is null or (g.display_name_key, g.id) > ($4::text, $5::uuid)) ${source ? bySource[source] : ''}
       and ($7::uuid is null or not exists (select 1 from connection_openings x
         where x.organization_id = $1 and x.connection_id = $7 and x.target_id = g.id))
     order by g.display_name_key, g.id limit $6`,
    valuesAsked(ctx, asked),
  );
  const { page: groups, next } = pageOf(rows, asked.size, ({ id }) => id);
  return { groups, next };
}

type RelatedGroup = { readonly id: string; readonly name: string; readonly directory: string | null };
export type GroupDetails = ListedGroup & {
  readonly connectionId: string | null;
  /** Groups that it is directly in, and those directly in it. */
  readonly parents: readonly RelatedGroup[];
  readonly children: readonly RelatedGroup[];
  /** Directories to which a chief opened it, by whom and when. */
  readonly openings: readonly { readonly connection: string; readonly by: string; readonly at: Date }[];
};

/** Undefined for one that is unknown or another organization's. Throws HubError `not_permitted`. */
export async function readGroupDetails(ctx: OrganizationCtx, id: string): Promise<GroupDetails | undefined> {
  await checkAdministers(ctx);
  if (!isId(id)) return undefined;
  const [group] = await query<ListedGroup & { connectionId: string | null }>(
    `select ${COLUMNS}, g.connection_id as "connectionId" from ${FROM} where g.organization_id = $1 and g.id = $3 and g.deleted_at is null`,
    [ctx.organizationId, ctx.now, id],
  );
  if (!group) return undefined;
  const related = (mine: string, other: string) =>
    query<RelatedGroup>(
      `select g.id, g.display_name as name, c.name as directory from group_groups n
       join groups g on g.organization_id = $1 and g.id = n.${other} and g.deleted_at is null
       left join provisioning_connections c on c.organization_id = $1 and c.id = g.connection_id
       where n.organization_id = $1 and n.${mine} = $2 order by g.display_name_key, g.id limit 200`,
      [ctx.organizationId, group.id],
    );
  const openings = await query<{ connection: string; by: string; at: Date }>(
    `select c.name as connection, o.opened_by ->> 'label' as by, o.opened_at as at from connection_openings o
     join provisioning_connections c on c.organization_id = $1 and c.id = o.connection_id
     where o.organization_id = $1 and o.target_id = $2 order by c.name`,
    [ctx.organizationId, group.id],
  );
  return {
    ...group,
    parents: await related('child_id', 'parent_id'),
    children: await related('parent_id', 'child_id'),
    openings,
  };
}

type ListedMember = {
  readonly id: string;
  readonly userName: string;
  readonly name: string;
  readonly active: boolean;
  /** In the group itself, not only in one nested in it. */
  readonly direct: boolean;
};

type MembersAsked = {
  /** The beginning of a username or name. */
  readonly search?: string | undefined;
  /** Those of nested groups as well. */
  readonly nested?: boolean;
  readonly after?: string | undefined;
  readonly size: number;
};

/** The people in a group, by username. The caller has found the group. Throws HubError `not_permitted`. */
export async function listMemberPage(
  ctx: OrganizationCtx,
  groupId: string,
  { search = '', nested = false, after, size }: MembersAsked,
): Promise<{ members: ListedMember[]; next: string | null }> {
  await checkAdministers(ctx);
  const from = decodeKey(after);
  const start = fold(search.trim());
  const rows = await query<ListedMember & { key: string }>(
    `with recursive below(id) as (
       select $2::uuid
       union
       select n.child_id from below b join group_groups n on n.organization_id = $1 and n.parent_id = b.id and $7
     )
     select u.id, u.user_name as "userName", coalesce(u.document ->> 'displayName', u.user_name) as name, u.active, u.user_name_key as key,
       exists (select 1 from group_users d where d.organization_id = $1 and d.group_id = $2 and d.user_id = u.id) as direct
     from users u
     where u.organization_id = $1 and u.deleted_at is null
       and u.id in (select m.user_id from below b join group_users m on m.organization_id = $1 and m.group_id = b.id)
       and ($3 = '' or starts_with(u.user_name_key, $3) or starts_with(u.display_name_key, $3))
       and ($4::text is null or (u.user_name_key, u.id) > ($4::text, $5::uuid))
     order by u.user_name_key, u.id limit $6`,
    [ctx.organizationId, groupId, start, from?.key ?? null, from?.id ?? null, size + 1, nested],
  );
  const { page: members, next } = pageOf(rows, size, ({ id }) => id);
  return { members, next };
}
