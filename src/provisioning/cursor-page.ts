// Where a page of a sorted walk lies: the sort values and ids beyond a known row (keyset paging, RFC 9865). The value
// travels in the cursor, so the walk goes on from there even when that row has been deleted.
import type { OrganizationCtx } from '../context.ts';
import { preparedText, query } from '../database/query.ts';
import { compileSort } from './compile-sort.ts';
import type { ResolvedFilter, Target } from './filter-ast.ts';
import { matching, type PageSource } from './resource-page.ts';

/** `key`: the row's sort value as PostgreSQL writes it; null where it has none, and in a walk without sorting. */
export type RowKey = { readonly id: string; readonly key: string | null };

type Walk = {
  readonly filter?: ResolvedFilter;
  readonly sort: { readonly target: Target; readonly descending: boolean };
  readonly beyond: RowKey | undefined;
  readonly backwards: boolean;
  readonly count: number;
};

const castOf = (type: Target['type'], source: PageSource, key: string): string => {
  const kind = source.columns.columns.get(key)?.kind;
  if (kind === 'timestamp') return 'timestamptz';
  if (kind === 'boolean') return 'boolean';
  return kind === undefined && (type === 'integer' || type === 'decimal') ? 'numeric' : 'text';
};

/** The next `count` rows of the walk, nearest first. Throws HubError `invalid_input` for an attribute that cannot be sorted by. */
export async function rowsBeyond(ctx: OrganizationCtx, source: PageSource, walk: Walk): Promise<RowKey[]> {
  const { sort, beyond, backwards, count } = walk;
  const { where, values } = matching(ctx, source, walk.filter);
  const { alias, table } = source;
  const value = compileSort(sort.target, source.columns);
  // Ids always ascend within equal values, so a step back turns both orders round.
  const down = sort.descending !== backwards;
  const order = `${value} ${down ? 'desc' : 'asc'}, ${alias}.id ${backwards ? 'desc' : 'asc'}`;
  let condition = '';
  if (beyond) {
    const cast = castOf(sort.target.type, source, sort.target.key);
    const [key, id] = [`$${values.length + 1}::text::${cast}`, `$${values.length + 2}::uuid`];
    const sameValue = `(${value} is not distinct from ${key} and ${alias}.id ${backwards ? '<' : '>'} ${id})`;
    // NULL is larger than any value: last when ascending, first when descending.
    const further = down
      ? `(${value} < ${key} or (${key} is null and ${value} is not null))`
      : `(${value} > ${key} or (${key} is not null and ${value} is null))`;
    condition = ` and (${sameValue} or ${further})`;
    values.push(beyond.key, beyond.id);
  }
  return query<{ id: string; key: string | null }>(
    preparedText(
      `select ${alias}.id, (${value})::text as key from ${table} ${alias} where ${where}${condition} order by ${order} limit ${count}`,
    ),
    values,
  );
}
