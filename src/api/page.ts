// Cursors. Small lists (accounts, roles, connections) are read whole and cut here; long ones are paged by the domain,
// with the last id as cursor. A cursor stays good when the item that it names has gone meanwhile.
import { isId } from '../users/is-id.ts';
import { invalidInput, type RequestProblem } from './problems.ts';
import type { PageQuery } from './shapes.ts';

const DEFAULT_LIMIT = 50;

export const limitOf = (query: PageQuery): number => (query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit));

const badCursor = (): RequestProblem =>
  invalidInput([{ path: 'query.after', message: 'must be the `next` of the page before' }]);

/** The id after which a page begins. */
export function afterId(query: PageQuery): string | undefined {
  if (query.after !== undefined && !isId(query.after)) throw badCursor();
  return query.after?.toLowerCase();
}

/** A page of rows of which one more than `limit` was asked for; the cursor is the last one's id. */
export const cutPage = <T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
): { items: T[]; next: string | null } => ({
  items: rows.slice(0, limit),
  next: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null,
});

function decode(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (Buffer.from(key).toString('base64url') !== cursor) throw badCursor();
  return key;
}

/** In the order of the keys; a key names one item for ever. */
export function page<T>(
  all: readonly T[],
  query: PageQuery,
  keyOf: (item: T) => string,
): { items: T[]; next: string | null } {
  const after = query.after === undefined ? undefined : decode(query.after);
  const keyed = all
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const left = after === undefined ? keyed : keyed.filter(({ key }) => key > after);
  const cut = left.slice(0, limitOf(query));
  const last = cut.at(-1);
  return {
    items: cut.map(({ item }) => item),
    next: last !== undefined && left.length > cut.length ? Buffer.from(last.key).toString('base64url') : null,
  };
}
