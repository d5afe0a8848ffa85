// The parameters of a query, from the URL or the body of /.search (RFC 7644 sections 3.4.2 and 3.4.3).
import type { AttributeIndex } from '../provisioning/attribute.ts';
import type { PageQuery } from '../provisioning/resource-page.ts';
import { isObject } from './attribute-value.ts';
import { MAX_RESULTS } from './discovery.ts';
import { badRequest } from './errors.ts';
import { parseFilter } from './filter.ts';
import { parseSelection, type Selection } from './project.ts';
import { resolveFilter, resolveSort } from './resolve-filter.ts';

export const DEFAULT_COUNT = 100;
const SEARCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const LARGEST = 2_147_483_647;

/** As sent: a cursor is bound to it. */
type CursorQuery = {
  readonly text: string;
  readonly filter: string | undefined;
  readonly sortBy: string | undefined;
  readonly sortOrder: string | undefined;
};

export type ListQuery = PageQuery & { selection: Selection; cursor?: CursorQuery };
type ListOptions = {
  /** Filters by the letter of the grammar only. */
  readonly strict?: boolean;
};
export type Parameters = (name: string) => unknown;

/** The parameters of a GET. */
export const fromUrl =
  (query: URLSearchParams): Parameters =>
  (name) =>
    query.get(name) ?? undefined;

/** The parameters of a POST to /.search. Throws `invalidSyntax` for a body of another form. */
export function fromSearch(body: unknown): Parameters {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const { schemas } = body;
  if (!Array.isArray(schemas) || !schemas.includes(SEARCH_SCHEMA)) {
    throw badRequest('invalidSyntax', `schemas: expected it to contain ${SEARCH_SCHEMA}.`);
  }
  return (name) => body[name] ?? undefined;
}

function whole(parameters: Parameters, name: string, fallback: number): number {
  const given = parameters(name);
  if (given === undefined || given === '') return fallback;
  const number = Number(given);
  if (!Number.isInteger(number)) throw badRequest('invalidValue', `${name}: expected a whole number.`);
  return Math.max(-1, Math.min(number, LARGEST));
}

function text(parameters: Parameters, name: string): string | undefined {
  const given = parameters(name);
  if (given === undefined || given === '') return undefined;
  if (typeof given !== 'string') throw badRequest('invalidValue', `${name}: expected a text.`);
  return given;
}

/**
 * `count` below 0 counts as 0 and above 200 as 200, `startIndex` below 1 as 1 (RFC 7644 section 3.4.2.4).
 * Throws `invalidFilter`, `invalidValue`, `invalidPath`; with a cursor `invalidCursor`, `invalidCount`.
 */
export function readListQuery(
  parameters: Parameters,
  index: AttributeIndex,
  { strict = false }: ListOptions = {},
): ListQuery {
  const filter = text(parameters, 'filter');
  const sortBy = text(parameters, 'sortBy');
  const cursor = parameters('cursor');
  const sortOrder = text(parameters, 'sortOrder')?.toLowerCase() ?? 'ascending';
  if (sortOrder !== 'ascending' && sortOrder !== 'descending')
    throw badRequest('invalidValue', 'sortOrder: expected ascending or descending.');
  if (cursor !== undefined) checkWalk(parameters, cursor);
  return {
    startIndex: Math.max(1, whole(parameters, 'startIndex', 1)),
    count: Math.min(MAX_RESULTS, Math.max(0, whole(parameters, 'count', DEFAULT_COUNT))),
    selection: parseSelection(
      { attributes: parameters('attributes'), excludedAttributes: parameters('excludedAttributes') },
      index,
    ),
    descending: sortOrder === 'descending',
    ...(filter === undefined ? {} : { filter: resolveFilter(parseFilter(filter, { lenient: !strict }), index) }),
    ...(sortBy === undefined
      ? {}
      : { sort: { target: resolveSort(sortBy, index), descending: sortOrder === 'descending' } }),
    ...(typeof cursor === 'string' ? { cursor: { text: cursor, filter, sortBy, sortOrder } } : {}),
  };
}

/** RFC 9865 section 2: a page by cursor holds at least one resource, and is not counted off. */
function checkWalk(parameters: Parameters, cursor: unknown): void {
  if (typeof cursor !== 'string') throw badRequest('invalidCursor', 'cursor: expected a text.');
  const count = parameters('count');
  if (count === undefined || count === '') return;
  const number = Number(count);
  if (!Number.isInteger(number) || number < 1)
    throw badRequest('invalidCount', `count: expected a whole number from 1 to ${MAX_RESULTS}.`);
}
