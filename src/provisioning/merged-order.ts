// The order of users and groups sorted together by one attribute (RFC 7644 section 3.4.2.3): ids of one page. Its cost
// grows with the number of resources, as that of any sorting without an index of its own.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { compileFilter } from './compile-filter.ts';
import { compileSort } from './compile-sort.ts';
import type { ResolvedFilter, Target } from './filter-ast.ts';
import type { PageSource } from './resource-page.ts';
import { owningConnection, visibleTo } from './visible-to.ts';

type Part = {
  readonly source: PageSource;
  readonly filter: ResolvedFilter | undefined;
  /** Absent: this type has no such attribute. */
  readonly sort: Target | undefined;
};

type MergedPage = {
  readonly parts: readonly Part[];
  readonly descending: boolean;
  readonly startIndex: number;
  readonly count: number;
};

export function mergedOrder(
  ctx: OrganizationCtx,
  { parts, descending, startIndex, count }: MergedPage,
): Promise<{ kind: 'users' | 'groups'; id: string }[]> {
  const values: unknown[] = [ctx.organizationId, owningConnection(ctx)];
  const selects = parts.map(({ source, filter, sort }) => {
    const { table, alias, columns } = source;
    const compiled = filter && compileFilter(filter, columns, values.length + 1);
    values.push(...(compiled?.values ?? []));
    return `select '${table}' as kind, ${alias}.id, ${sort ? compileSort(sort, columns) : 'null'} as key from ${table} ${alias}
      where ${alias}.organization_id = $1 and ${alias}.deleted_at is null and ${visibleTo(alias, 2)}${compiled ? ` and ${compiled.text}` : ''}`;
  });
  return query<{ kind: 'users' | 'groups'; id: string }>(
    `select kind, id from (${selects.join(' union all ')}) both_kinds
     order by key ${descending ? 'desc' : 'asc'}, kind desc, id limit ${count} offset $${values.length + 1}::int`,
    [...values, startIndex - 1],
  );
}
