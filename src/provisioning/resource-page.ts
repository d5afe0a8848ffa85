// Which resources a query names and how many there are: filter, sort and index paging (RFC 7644 section 3.4.2)
// over the rows a connection owns. Shared by users and groups; what is shown of each row is theirs.
import type { OrganizationCtx } from '../context.ts';
import { prepared, preparedText, query, queryOne } from '../database/query.ts';
import { chosenStatement, type RowChoice } from './choose-rows.ts';
import { compileFilter, type ColumnMap } from './compile-filter.ts';
import { compileSort } from './compile-sort.ts';
import type { ResolvedFilter, Target } from './filter-ast.ts';
import { owningConnection, visibleTo } from './visible-to.ts';

export type PageQuery = {
  filter?: ResolvedFilter;
  sort?: { target: Target; descending: boolean };
  /** From 1. */
  startIndex: number;
  count: number;
  /** Instead of counting off from startIndex. */
  rows?: RowChoice;
  /** For those who sort elsewhere. */
  descending?: boolean;
  /** Known already, from an earlier page of the same walk. */
  total?: number;
};

export type PageSource = { table: 'users' | 'groups'; alias: 'u' | 'g'; kind: 'user' | 'group'; columns: ColumnMap };

/**
 * The conditions and values every query over the source begins with: $1 organization, $2 connection. Rows that are
 * not `named` by a filter or by ids come in order from the index of the connection; for others that index must not
 * tempt the planner away from their own (see visible-to.ts).
 */
export function matching(
  ctx: OrganizationCtx,
  source: PageSource,
  filter: ResolvedFilter | undefined,
  named = filter !== undefined,
): { where: string; values: unknown[] } {
  const { alias } = source;
  const values: unknown[] = [ctx.organizationId, owningConnection(ctx)];
  const owned = named || owningConnection(ctx) === null ? visibleTo(alias, 2) : `${alias}.connection_id = $2::uuid`;
  const base = `${alias}.organization_id = $1 and ${alias}.deleted_at is null and ${owned}`;
  if (!filter) return { where: base, values };
  const compiled = compileFilter(filter, source.columns, values.length + 1);
  return { where: `${base} and ${compiled.text}`, values: [...values, ...compiled.values] };
}

const KEYS = new Set(['id', 'userName', 'externalId', 'displayName']);

/** Whether an index of the filter's own leads to its few rows. */
function names(filter: ResolvedFilter, source: PageSource): boolean {
  if (filter.kind === 'and') return filter.terms.some((term) => names(term, source));
  if (filter.kind === 'element') return source.columns.elements?.some(({ key }) => key === filter.target.key) ?? false;
  return filter.kind === 'compare' && filter.operator === 'eq' && KEYS.has(filter.target.key);
}

/** Rows that a filter names are found before they are put in order: in order, the planner would read all to find them. */
function candidates(source: PageSource, filter: ResolvedFilter | undefined, where: string): string {
  const { table, alias } = source;
  if (!filter || !names(filter, source)) return `${table} ${alias} where ${where}`;
  return `(select * from ${table} ${alias} where ${where} offset 0) ${alias}`;
}

/**
 * SQL of the page's rows, `columns` of each and their `position`; placeholders continue after `values`. The rows before
 * the page are passed over in the index, without a look at the wide rows themselves.
 */
export function pageStatement(
  ctx: OrganizationCtx,
  source: PageSource,
  page: PageQuery,
  columns: string,
): { text: string; values: unknown[] } {
  const named = page.filter !== undefined || (page.rows !== undefined && 'ids' in page.rows);
  const { where, values } = matching(ctx, source, page.filter, named);
  if (page.rows) return chosenStatement(source, { where, values }, { rows: page.rows, count: page.count }, columns);
  const { alias, table } = source;
  const direction = page.sort?.descending ? 'desc' : 'asc';
  const order = page.sort
    ? `${compileSort(page.sort.target, source.columns)} ${direction}, ${alias}.id`
    : `${alias}.id`;
  const text = `select ${columns}, page.position from (
      select ${alias}.organization_id, ${alias}.id, row_number() over (order by ${order}) as position
      from ${candidates(source, page.filter, where)}
      order by ${order} limit ${page.count} offset $${values.length + 1}::int
    ) page join ${table} ${alias} on ${alias}.organization_id = page.organization_id and ${alias}.id = page.id`;
  return { text, values: [...values, page.startIndex - 1] };
}

export const TOTAL = prepared(
  'resources_total',
  'select coalesce(sum(delta), 0)::int as total from resource_counts where organization_id = $1 and connection_id = $2 and kind = $3',
);

/** Exact. Without a filter it is the sum of the connection's changes, which a job folds; with one it is counted. */
async function countMatching(
  ctx: OrganizationCtx,
  source: PageSource,
  filter: ResolvedFilter | undefined,
): Promise<number> {
  const connection = owningConnection(ctx);
  if (!filter && connection !== null) {
    const row = await queryOne<{ total: number }>(TOTAL, [ctx.organizationId, connection, source.kind]);
    return row?.total ?? 0;
  }
  const { where, values } = matching(ctx, source, filter);
  const row = await queryOne<{ total: number }>(
    preparedText(`select count(*)::int as total from ${source.table} ${source.alias} where ${where}`),
    values,
  );
  return row?.total ?? 0;
}

/** The total, asked of the database only where the page does not tell it. */
export async function totalResults(
  ctx: OrganizationCtx,
  source: PageSource,
  page: PageQuery,
  returned: number,
): Promise<number> {
  if (page.rows) return page.total ?? countMatching(ctx, source, page.filter);
  const last = returned < page.count && (returned > 0 || page.startIndex === 1);
  return last ? page.startIndex - 1 + returned : countMatching(ctx, source, page.filter);
}

/** Job: each connection's changes of count become one row. */
export async function foldCounts(): Promise<void> {
  await query(
    `with gone as (
       delete from resource_counts c using (
         select organization_id, connection_id, kind, max(id::text)::uuid as keep from resource_counts
         group by 1, 2, 3 having count(*) > 1
       ) many
       where c.organization_id = many.organization_id and c.connection_id = many.connection_id and c.kind = many.kind
       returning c.organization_id, c.connection_id, c.kind, c.delta, many.keep
     )
     insert into resource_counts (organization_id, connection_id, kind, id, delta)
     select organization_id, connection_id, kind, gen_random_uuid(), sum(delta)::int from gone group by 1, 2, 3`,
  );
}
