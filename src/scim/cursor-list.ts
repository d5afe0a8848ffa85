// One page of a walk by cursor (RFC 9865), for users and groups alike. Index paging stays the default: a page by
// cursor is answered only to a request that has the parameter `cursor`, empty for the first page.
import { rowsBeyond, type RowKey } from '../provisioning/cursor-page.ts';
import type { PageQuery, PageSource } from '../provisioning/resource-page.ts';
import { readCursor, writeCursor, type CursorScope, type Position } from './cursor.ts';
import type { Exchange } from './exchange.ts';
import type { ListQuery } from './list-query.ts';
import { LIST_SCHEMA } from './render.ts';

type Found<R> = { readonly total: number; readonly resources: readonly R[] };

type Page<R> = {
  /** The ListResponse up to and with `"Resources":[`. */
  readonly head: string;
  readonly resources: readonly R[];
};

/** `list` reads the rows that the page query names. Throws `invalidCursor`, `expiredCursor`. */
export async function cursorPage<R extends { readonly id: string }>(
  exchange: Exchange,
  page: ListQuery & { readonly cursor: { readonly text: string } },
  source: PageSource,
  list: (page: PageQuery) => Promise<Found<R>>,
): Promise<Page<R>> {
  const { ctx } = exchange;
  const { text, ...bound } = page.cursor;
  const scope: CursorScope = {
    ...bound,
    organizationId: ctx.organizationId,
    connectionId: ctx.actor.id,
    endpoint: source.table,
  };
  const position = text === '' ? undefined : readCursor(text, scope, ctx.now);
  const backwards = position?.backwards ?? false;
  const { found, keys } = await (page.sort
    ? sortedRows(exchange, page, source, list, position)
    : rowsById(page, list, position));
  // One row more than asked for tells whether the walk goes on.
  const more = keys.length > page.count;
  const near = keys.slice(0, page.count);
  const shown = backwards ? near.toReversed() : near;
  const byId = new Map(found.resources.map((resource) => [resource.id, resource]));
  const resources = shown.flatMap(({ id }) => byId.get(id) ?? []);
  const total = page.filter ? { total: found.total } : {};
  const cursor = (edge: RowKey | undefined, back: boolean) =>
    edge && writeCursor({ beyond: edge, backwards: back, ...total }, scope, ctx.now);
  const next = (backwards || more) && cursor(shown.at(-1), false);
  const previous = (backwards ? more : position !== undefined) && cursor(shown[0], true);
  const head = `{"schemas":["${LIST_SCHEMA}"],"totalResults":${found.total},"itemsPerPage":${resources.length}${
    next ? `,"nextCursor":"${next}"` : ''
  }${previous ? `,"previousCursor":"${previous}"` : ''},"Resources":[`;
  return { head, resources };
}

const known = (position: Position | undefined) => (position?.total === undefined ? {} : { total: position.total });

/** Without sorting the ids themselves are the order: one statement. */
async function rowsById<R extends { readonly id: string }>(
  page: ListQuery,
  list: (page: PageQuery) => Promise<Found<R>>,
  position: Position | undefined,
): Promise<{ found: Found<R>; keys: RowKey[] }> {
  const rows = { beyond: position?.beyond.id ?? null, backwards: position?.backwards ?? false };
  const found = await list({ ...page, count: page.count + 1, rows, ...known(position) });
  return { found, keys: found.resources.map(({ id }) => ({ id, key: null })) };
}

async function sortedRows<R extends { readonly id: string }>(
  { ctx }: Exchange,
  page: ListQuery,
  source: PageSource,
  list: (page: PageQuery) => Promise<Found<R>>,
  position: Position | undefined,
): Promise<{ found: Found<R>; keys: RowKey[] }> {
  const { sort, filter, count } = page;
  if (!sort) return rowsById(page, list, position);
  const keys = await rowsBeyond(ctx, source, {
    sort,
    ...(filter ? { filter } : {}),
    beyond: position?.beyond,
    backwards: position?.backwards ?? false,
    count: count + 1,
  });
  const found = await list({ ...page, rows: { ids: keys.slice(0, count).map(({ id }) => id) }, ...known(position) });
  return { found, keys };
}
