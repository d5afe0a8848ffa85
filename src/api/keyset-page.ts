// Pages over users and groups, in the order of their ids, each beginning after the last id of the one before.
import type { ResolvedFilter, Target } from '../provisioning/filter-ast.ts';
import type { PageQuery as ResourceQuery } from '../provisioning/resource-page.ts';
import { afterId, limitOf } from './page.ts';
import type { PageQuery } from './shapes.ts';

const target = (key: string, caseExact: boolean): Target => ({
  key,
  steps: [{ name: key, many: false }],
  type: 'string',
  caseExact,
});

const compare = (key: string, operator: 'eq' | 'gt', value: string, caseExact = false): ResolvedFilter => ({
  kind: 'compare',
  target: target(key, caseExact),
  operator,
  value,
});

/** `only`: rows whose attribute equals the folded value. */
export async function keysetPage<Row extends { readonly id: string }>(
  query: PageQuery,
  only: { readonly key: string; readonly value: string } | undefined,
  list: (page: ResourceQuery) => Promise<{ resources: Row[] }>,
): Promise<{ items: Row[]; next: string | null }> {
  const after = afterId(query);
  const limit = limitOf(query);
  const terms = [
    ...(only === undefined ? [] : [compare(only.key, 'eq', only.value)]),
    ...(after === undefined ? [] : [compare('id', 'gt', after, true)]),
  ];
  const filter: ResolvedFilter | undefined = terms.length > 1 ? { kind: 'and', terms } : terms[0];
  // One row more than asked tells whether there is a next page.
  const { resources } = await list({ startIndex: 1, count: limit + 1, ...(filter === undefined ? {} : { filter }) });
  const items = resources.slice(0, limit);
  return { items, next: resources.length > limit ? (items.at(-1)?.id ?? null) : null };
}
