// Pages over users and groups, in the order of their ids, each beginning after the last id of the one before: what an
// index gives without a look at what is passed over.
import type { ResolvedFilter } from '../provisioning/filter-ast.ts';
import type { PageQuery as ResourceQuery } from '../provisioning/resource-page.ts';
import { afterId, cutPage, limitOf } from './page.ts';
import type { PageQuery } from './shapes.ts';

const equals = (key: string, value: string): ResolvedFilter => ({
  kind: 'compare',
  target: { key, steps: [{ name: key, many: false }], type: 'string', caseExact: false },
  operator: 'eq',
  value,
});

/** `only`: rows whose attribute equals the folded value. */
export async function keysetPage<Row extends { readonly id: string }>(
  query: PageQuery,
  only: { readonly key: string; readonly value: string } | undefined,
  list: (page: ResourceQuery) => Promise<{ resources: Row[] }>,
): Promise<{ items: Row[]; next: string | null }> {
  const limit = limitOf(query);
  // One row more than asked tells whether there is a next page. Nobody asked how many there are.
  const { resources } = await list({
    startIndex: 1,
    count: limit + 1,
    rows: { beyond: afterId(query) ?? null, backwards: false },
    total: 0,
    ...(only === undefined ? {} : { filter: equals(only.key, only.value) }),
  });
  return cutPage(resources, limit);
}
