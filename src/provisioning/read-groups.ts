// Groups as a directory reads them: the stored JSON as text; members are streamed by ../groups/read-members.ts.
import type { OrganizationCtx } from '../context.ts';
import { prepared, preparedText, query } from '../database/query.ts';
import { groupNotFound } from '../groups/find-group.ts';
import { isId } from '../users/is-id.ts';
import { groupColumns } from './filter-columns.ts';
import type { StoredResource } from './read-users.ts';
import { pageStatement, totalResults, type PageQuery, type PageSource } from './resource-page.ts';
import { owningConnection, visibleTo } from './visible-to.ts';

export type StoredGroup = Omit<StoredResource, 'groups'>;

const COLUMNS = 'g.id, g.version, g.created_at, g.updated_at, g.document::text as document';

const READ = prepared(
  'group_read',
  `select ${COLUMNS} from groups g where g.organization_id = $1 and g.id = $3 and g.deleted_at is null and ${visibleTo('g', 2)}`,
);

/** Throws HubError `not_found`. */
export async function readGroup(ctx: OrganizationCtx, id: string): Promise<StoredGroup> {
  const [found] = isId(id) ? await query<StoredGroup>(READ, [ctx.organizationId, owningConnection(ctx), id]) : [];
  if (!found) throw groupNotFound(id);
  return found;
}

export const groupSource = (baseUrl: string): PageSource => ({
  table: 'groups',
  alias: 'g',
  kind: 'group',
  columns: groupColumns({ baseUrl, version: `('W/"' || g.version || '"')`, visible: (alias) => visibleTo(alias, 2) }),
});

/** One page and the exact total. */
export async function listGroups(
  ctx: OrganizationCtx,
  page: PageQuery,
  baseUrl: string,
): Promise<{ total: number; resources: StoredGroup[] }> {
  const source = groupSource(baseUrl);
  let resources: StoredGroup[] = [];
  if (page.count > 0) {
    const { text, values } = pageStatement(ctx, source, page, COLUMNS);
    resources = await query<StoredGroup>(preparedText(`${text} order by page.position`), values);
  }
  return { total: await totalResults(ctx, source, page, resources.length), resources };
}
