// The rows of a page that is not counted off from the first row: those beyond a known one, which costs the same at any
// depth and loses nobody when others come or go, or exactly those named.
import type { PageSource } from './resource-page.ts';

export type RowChoice =
  /** In the order of ids, from `beyond` on (null: from the end one starts at); backwards the order is reversed. */
  { readonly beyond: string | null; readonly backwards: boolean } | { readonly ids: readonly string[] };

/** `where` and `values` are the page's other conditions; `page.position` is the rows' place in their order. */
export function chosenStatement(
  { table, alias }: PageSource,
  { where, values }: { where: string; values: readonly unknown[] },
  { rows, count }: { rows: RowChoice; count: number },
  columns: string,
): { text: string; values: unknown[] } {
  const next = `$${values.length + 1}`;
  if ('ids' in rows) {
    const text = `select ${columns}, page.position from unnest(${next}::uuid[]) with ordinality as page(id, position)
      join ${table} ${alias} on ${alias}.organization_id = $1 and ${alias}.id = page.id where ${where}`;
    return { text, values: [...values, rows.ids] };
  }
  const order = `${alias}.id ${rows.backwards ? 'desc' : 'asc'}`;
  const beyond = rows.beyond === null ? '' : ` and ${alias}.id ${rows.backwards ? '<' : '>'} ${next}::uuid`;
  const text = `select ${columns}, page.position from (
      select ${alias}.id, row_number() over (order by ${order}) as position from ${table} ${alias} where ${where}${beyond}
      order by ${order} limit ${count}
    ) page join ${table} ${alias} on ${alias}.organization_id = $1 and ${alias}.id = page.id`;
  return { text, values: rows.beyond === null ? [...values] : [...values, rows.beyond] };
}
