// Queries at the root, over users and groups together (RFC 7644 sections 3.4.2.1 and 3.4.3): users first, unless sorted.
// An attribute that one type lacks has no value there; one that both lack is refused. Pages by index only.
import type { AttributeIndex } from '../provisioning/attribute.ts';
import { GROUP_ATTRIBUTES, USER_ATTRIBUTES } from '../provisioning/attribute-index.ts';
import type { Filter } from '../provisioning/filter-ast.ts';
import { mergedOrder } from '../provisioning/merged-order.ts';
import { groupSource, listGroups } from '../provisioning/read-groups.ts';
import { listUsers, userSource } from '../provisioning/read-users.ts';
import type { PageQuery } from '../provisioning/resource-page.ts';
import { badRequest } from './errors.ts';
import { parseFilter } from './filter.ts';
import type { Answer, Exchange } from './exchange.ts';
import { renderStoredGroup } from './groups.ts';
import { fromSearch, fromUrl, readListQuery, type ListQuery, type Parameters } from './list-query.ts';
import { openList } from './render.ts';
import { resolveFilter, resolveSort } from './resolve-filter.ts';
import { renderStoredUser } from './users.ts';

/** Always false, and always true: every resource has an id. */
const EVER: Filter = { kind: 'present', path: 'id', at: 1 };
const NEVER: Filter = { kind: 'not', term: EVER };

/** The filter as this type sees it. Throws `invalidFilter` for an attribute that neither type has. */
function seenBy(filter: Filter, index: AttributeIndex, other: AttributeIndex): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, terms: filter.terms.map((term) => seenBy(term, index, other)) };
    case 'not':
      return { kind: 'not', term: seenBy(filter.term, index, other) };
    default:
      return termSeenBy(filter, index, other);
  }
}

type Term = Extract<Filter, { path: string }>;

function termSeenBy(filter: Term, index: AttributeIndex, other: AttributeIndex): Filter {
  if (index.find(filter.path) || !other.find(filter.path)) return filter;
  // Resolving it for the type that has it finds every other fault.
  resolveFilter(filter, other);
  if (filter.kind !== 'compare') return NEVER;
  // No value differs from any value, and equals null.
  return (filter.value === null ? filter.operator === 'eq' : filter.operator === 'ne') ? EVER : NEVER;
}

type Query = { readonly users: ListQuery; readonly groups: ListQuery; readonly sortBy: string | undefined };

function readQuery(exchange: Exchange, parameters: Parameters): Query {
  if (parameters('cursor') !== undefined)
    throw badRequest('invalidCursor', 'Pages by cursor exist at /Users and /Groups; here page by startIndex.');
  const { strict } = exchange.settings;
  const text = parameters('filter');
  const filter = typeof text === 'string' && text !== '' ? parseFilter(text, { lenient: !strict }) : undefined;
  const sortBy = parameters('sortBy');
  const plain: Parameters = (name) => (name === 'filter' || name === 'sortBy' ? undefined : parameters(name));
  const of = (index: AttributeIndex, other: AttributeIndex): ListQuery => ({
    ...readListQuery(plain, index, { strict }),
    ...(filter ? { filter: resolveFilter(seenBy(filter, index, other), index) } : {}),
  });
  return {
    users: of(USER_ATTRIBUTES, GROUP_ATTRIBUTES),
    groups: of(GROUP_ATTRIBUTES, USER_ATTRIBUTES),
    sortBy: typeof sortBy === 'string' && sortBy !== '' ? sortBy : undefined,
  };
}

async function* pieces(head: string, resources: readonly (string | AsyncIterable<string>)[]): AsyncGenerator<string> {
  yield head;
  for (const [position, resource] of resources.entries()) {
    if (position > 0) yield ',';
    if (typeof resource === 'string') yield resource;
    else yield* resource;
  }
  yield ']}';
}

async function list(exchange: Exchange, parameters: Parameters): Promise<Answer> {
  const query = readQuery(exchange, parameters);
  const { ctx, baseUrl } = exchange;
  const { users, groups } =
    query.sortBy === undefined ? await inTurn(exchange, query) : await sorted(exchange, query, query.sortBy);
  const shown = new Map<string, string | AsyncIterable<string>>();
  if (users.page) {
    const { resources } = await listUsers(ctx, users.page, baseUrl);
    for (const stored of resources) shown.set(stored.id, renderStoredUser(stored, baseUrl, query.users.selection));
  }
  if (groups.page) {
    const { resources } = await listGroups(ctx, groups.page, baseUrl);
    for (const stored of resources) shown.set(stored.id, renderStoredGroup(exchange, stored, query.groups.selection));
  }
  const order = users.order ?? [...shown.keys()];
  const resources = order.flatMap((id) => shown.get(id) ?? []);
  return {
    status: 200,
    body: pieces(openList(users.total + groups.total, query.users.startIndex, resources.length), resources),
  };
}

type Part = { readonly total: number; readonly page?: PageQuery; readonly order?: readonly string[] };

/** Users, then groups, each in the order of their ids. */
async function inTurn({ ctx, baseUrl }: Exchange, { users, groups }: Query): Promise<{ users: Part; groups: Part }> {
  const { total: userTotal } = await listUsers(ctx, { ...users, count: 0 }, baseUrl);
  const { total: groupTotal } = await listGroups(ctx, { ...groups, count: 0 }, baseUrl);
  const fromUsers = Math.max(0, Math.min(users.count, userTotal - users.startIndex + 1));
  const fromGroups = users.count - fromUsers;
  const groupStart = Math.max(1, users.startIndex - userTotal);
  return {
    users: { total: userTotal, ...(fromUsers > 0 ? { page: { ...users, count: fromUsers } } : {}) },
    groups: {
      total: groupTotal,
      ...(fromGroups > 0 ? { page: { ...groups, startIndex: groupStart, count: fromGroups } } : {}),
    },
  };
}

async function sorted(
  { ctx, baseUrl }: Exchange,
  { users, groups }: Query,
  sortBy: string,
): Promise<{ users: Part; groups: Part }> {
  const targetIn = (index: AttributeIndex) => (index.find(sortBy) ? resolveSort(sortBy, index) : undefined);
  const [ofUsers, ofGroups] = [targetIn(USER_ATTRIBUTES), targetIn(GROUP_ATTRIBUTES)];
  // Neither has it: the refusal names it.
  if (!ofUsers && !ofGroups) resolveSort(sortBy, USER_ATTRIBUTES);
  const rows = await mergedOrder(ctx, {
    parts: [
      { source: userSource(baseUrl), filter: users.filter, sort: ofUsers },
      { source: groupSource(baseUrl), filter: groups.filter, sort: ofGroups },
    ],
    descending: users.descending === true,
    startIndex: users.startIndex,
    count: users.count,
  });
  const idsOf = (table: 'users' | 'groups') => rows.flatMap((row) => (row.kind === table ? [row.id] : []));
  const { total: userTotal } = await listUsers(ctx, { ...users, count: 0 }, baseUrl);
  const { total: groupTotal } = await listGroups(ctx, { ...groups, count: 0 }, baseUrl);
  return {
    users: { total: userTotal, page: { ...users, rows: { ids: idsOf('users') } }, order: rows.map(({ id }) => id) },
    groups: { total: groupTotal, page: { ...groups, rows: { ids: idsOf('groups') } } },
  };
}

export const queryAll = (exchange: Exchange): Promise<Answer> => list(exchange, fromUrl(exchange.query));
export const searchAll = (exchange: Exchange): Promise<Answer> => list(exchange, fromSearch(exchange.body));
