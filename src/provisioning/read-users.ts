// Users as a directory reads them: the stored JSON as text, with groups and the manager's name joined at read
// (RFC 7643 sections 4.1.2 and 4.3). No attribute is looked at on the way.
import type { OrganizationCtx } from '../context.ts';
import { prepared, preparedText, query } from '../database/query.ts';
import { userNotFound } from '../users/find-user.ts';
import { isId } from '../users/is-id.ts';
import { userColumns } from './filter-columns.ts';
import { pageStatement, totalResults, type PageQuery, type PageSource } from './resource-page.ts';
import { owningConnection, visibleTo } from './visible-to.ts';

/** A row as it is answered: texts of JSON, ready to be put together. */
export type StoredResource = {
  id: string;
  version: number;
  created_at: Date;
  updated_at: Date;
  document: string;
  groups: string | null;
};

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const COLUMNS = 'u.organization_id, u.id, u.version, u.created_at, u.updated_at, u.document, u.manager_id';

/** Placeholders: of the connection whose groups and managers are shown (null: all), and of the base URL. */
type Placeholders = { connection: number; baseUrl: number };

/**
 * Goes on after `with recursive found as (...)`, rows of users in the columns of COLUMNS, and joins them with their
 * groups (direct and, through nesting, indirect) and managers, all at once. Gives StoredResources. A page names few
 * groups many times, so each is looked up and written once.
 */
export function joinedUsers({ connection, baseUrl }: Placeholders, order = ''): string {
  const base = `$${baseUrl}::text`;
  return `, mine(organization_id, user_id, group_id, direct) as (
    select m.organization_id, m.user_id, m.group_id, true
    from found f join group_users m on m.organization_id = f.organization_id and m.user_id = f.id
    union
    select mine.organization_id, mine.user_id, n.parent_id, false
    from mine join group_groups n on n.organization_id = mine.organization_id and n.child_id = mine.group_id
  ), named as materialized (
    select g.id, '{"value":"' || g.id || '","$ref":"' || ${base} || '/Groups/' || g.id || '","display":' ||
      to_json(g.display_name)::text || ',"type":"' as opening
    from (select distinct organization_id, group_id from mine) x
    join groups g on g.organization_id = x.organization_id and g.id = x.group_id and g.deleted_at is null and ${visibleTo('g', connection)}
  ), shown as materialized (
    -- Put in order before: an aggregate's own "order by" begins a sort for each user, which was two thirds of a page.
    select user_id, '[' || string_agg(one, ',') || ']' as groups from (
      select x.user_id, named.opening || case when x.direct then 'direct"}' else 'indirect"}' end as one
      from (select user_id, group_id, bool_or(direct) as direct from mine group by 1, 2) x join named on named.id = x.group_id
      order by x.user_id, named.id
    ) ordered group by user_id
  )
  select f.id, f.version, f.created_at, f.updated_at, shown.groups,
    case when b.id is null then f.document
      else jsonb_set(f.document, '{${ENTERPRISE},manager}', (f.document #> '{${ENTERPRISE},manager}') ||
        jsonb_build_object('$ref', ${base} || '/Users/' || b.id, 'displayName', coalesce(b.document ->> 'displayName', b.user_name)))
      end::text as document
  from found f left join shown on shown.user_id = f.id
  left join users b on b.organization_id = f.organization_id and b.id = f.manager_id and b.deleted_at is null and ${visibleTo('b', connection)}
  ${order}`;
}

export const READ_USER = prepared(
  'user_read',
  `with recursive found as materialized (
    select ${COLUMNS} from users u where u.organization_id = $1 and u.id = $3 and u.deleted_at is null and ${visibleTo('u', 2)}
  )${joinedUsers({ connection: 2, baseUrl: 4 })}`,
);

/** Throws HubError `not_found`. `baseUrl` without a slash at its end. */
export async function readUser(ctx: OrganizationCtx, id: string, baseUrl: string): Promise<StoredResource> {
  const [found] = isId(id)
    ? await query<StoredResource>(READ_USER, [ctx.organizationId, owningConnection(ctx), id, baseUrl])
    : [];
  if (!found) throw userNotFound(id);
  return found;
}

let made: { baseUrl: string; source: PageSource } | undefined;

/** A process has one base URL, so it is made once. */
export function userSource(baseUrl: string): PageSource {
  if (made?.baseUrl !== baseUrl) {
    const visible = (alias: string) => visibleTo(alias, 2);
    const columns = userColumns({ baseUrl, version: `('W/"' || u.version || '"')`, visible });
    made = { baseUrl, source: { table: 'users', alias: 'u', kind: 'user', columns } };
  }
  return made.source;
}

/** The statement of one page and its values: $1 organization, $2 connection, the filter's, the base URL. */
export function usersPage(ctx: OrganizationCtx, page: PageQuery, baseUrl: string): { text: string; values: unknown[] } {
  const { text, values } = pageStatement(ctx, userSource(baseUrl), page, COLUMNS);
  const placeholders = { connection: 2, baseUrl: values.length + 1 };
  return {
    text: `with recursive found as materialized (${text})${joinedUsers(placeholders, 'order by f.position')}`,
    values: [...values, baseUrl],
  };
}

/** One page and the exact total. Throws HubError `invalid_input` for an attribute that cannot be sorted by. */
export async function listUsers(
  ctx: OrganizationCtx,
  page: PageQuery,
  baseUrl: string,
): Promise<{ total: number; resources: StoredResource[] }> {
  const { text, values } = usersPage(ctx, page, baseUrl);
  const resources = page.count > 0 ? await query<StoredResource>(preparedText(text), values) : [];
  return { total: await totalResults(ctx, userSource(baseUrl), page, resources.length), resources };
}
