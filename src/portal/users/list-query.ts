// The address of the list of users says all that it shows: search, filters, order, page. Read and written here, so that
// every link of the page keeps the rest of what was asked.
import type { Request } from 'express';
import { USER_STATES } from '../../users/listed-user.ts';
import { USER_SORTS, type UserFilter, type UserListQuery } from '../../users/list-users.ts';

export const LIST_PATH = '/portal/users';
export const PAGE_SIZES = [25, 50, 100] as const;

const one = <T extends string>(all: readonly T[], value: unknown): T | undefined =>
  all.find((known) => known === value);
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 200) : undefined;

type Fields = Readonly<Record<string, unknown>>;

/** The filter of an address or of a form that carries it on; what means nothing is passed over. */
export function readFilter(fields: Fields): UserFilter {
  const search = text(fields['q']);
  const state = one(USER_STATES, fields['state']);
  const source = text(fields['source']);
  const group = text(fields['group']);
  return {
    ...(search !== undefined && { search }),
    ...(state && { state }),
    ...(source !== undefined && { source }),
    ...(fields['administrators'] === 'yes' && { administrators: true }),
    ...(group !== undefined && { group }),
  };
}

export function readListQuery(req: Request): UserListQuery {
  const { sort, order, size, after, before } = req.query;
  return {
    ...readFilter(req.query),
    sort: one(USER_SORTS, sort) ?? 'username',
    descending: order === 'descending',
    size: PAGE_SIZES.find((known) => String(known) === size) ?? PAGE_SIZES[0],
    ...(typeof after === 'string' && { after }),
    ...(typeof before === 'string' && { before }),
  };
}

/** The filter as the fields of a form or address; only what is set. */
export function filterFields(filter: UserFilter): Record<string, string> {
  const { search, state, source, administrators, group } = filter;
  return {
    ...(search !== undefined && { q: search }),
    ...(state && { state }),
    ...(source !== undefined && { source }),
    ...(administrators === true && { administrators: 'yes' }),
    ...(group !== undefined && { group }),
  };
}

/** As the list is when nothing is asked. */
export const LIST_START: UserListQuery = { sort: 'username', descending: false, size: PAGE_SIZES[0] };

/** Why one is back at the list. */
export const LIST_SAYS = ['none', 'too_many', 'too_many_given'] as const;
type ListSaid = (typeof LIST_SAYS)[number];

/** A link to the list with these changes; a change of anything but the page begins at the first page. `said`: why one is back. */
export function listHref(
  asked: UserListQuery,
  changes: Partial<Record<keyof UserListQuery, unknown>> = {},
  path = LIST_PATH,
  said?: ListSaid,
): string {
  const { after: _after, before: _before, ...kept } = asked;
  const next = { ...kept, ...changes } as Partial<UserListQuery>;
  const address = new URLSearchParams(filterFields(next));
  if (next.sort !== undefined && next.sort !== 'username') address.set('sort', next.sort);
  if (next.descending === true) address.set('order', 'descending');
  if (next.size !== undefined && next.size !== PAGE_SIZES[0]) address.set('size', String(next.size));
  if (next.after !== undefined) address.set('after', next.after);
  if (next.before !== undefined) address.set('before', next.before);
  if (said) address.set('said', said);
  const query = address.toString();
  return query === '' ? path : `${path}?${query}`;
}
