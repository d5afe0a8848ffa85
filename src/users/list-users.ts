// The list of an organization's people for its administrators: searched, filtered and sorted by the database, a page at a
// time, in one statement whatever the page holds. Pages begin after (or end before) a row, so that page 100 costs what
// page 1 costs: the four columns of the search and three of the sorts read an index.
import type { OrganizationCtx } from '../context.ts';
import { INVITATION_COLUMNS, INVITATION_JOINS } from '../credentials/invitation-state.ts';
import { preparedText, query } from '../database/query.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { fold } from '../provisioning/fold.ts';
import { isId } from './is-id.ts';
import {
  LISTED_COLUMNS,
  listedUser,
  USER_STATE,
  type ListedRow,
  type ListedUser,
  type UserState,
} from './listed-user.ts';

export const USER_SORTS = ['username', 'name', 'email', 'created_by'] as const;
type UserSort = (typeof USER_SORTS)[number];

export type UserFilter = {
  /** The beginning of a username, name, last name or e-mail address, whatever its case. */
  readonly search?: string;
  readonly state?: UserState;
  /** `own`: made by the organization itself; else the id of the directory. */
  readonly source?: string;
  /** Those who administer others. */
  readonly administrators?: boolean;
  /** Members of the group, directly. */
  readonly group?: string;
};
export type UserListQuery = UserFilter & {
  readonly sort: UserSort;
  readonly descending: boolean;
  readonly size: number;
  readonly after?: string;
  readonly before?: string;
};
export type UserPage = {
  readonly users: ListedUser[];
  /** Number of the first row in the whole list, from 1; 0 when there is none. */
  readonly from: number;
  /** At most MOST_COUNTED + 1. */
  readonly total: number;
  readonly next: string | null;
  readonly previous: string | null;
};

/** More are not counted one by one: "over 10,000" is as good an answer. */
export const MOST_COUNTED = 10_000;

/** `nullable`: rows without the value come last, by username. */
const SORT_KEYS: Record<UserSort, { sql: string; nullable: boolean }> = {
  username: { sql: 'u.user_name_key', nullable: false },
  name: { sql: 'u.display_name_key', nullable: true },
  email: { sql: 'u.email_key', nullable: true },
  created_by: { sql: `lower(u.created_by ->> 'label') collate "C"`, nullable: true },
};

type Cursor = { key: string | null; tie: string; /** Rows before this one. */ at: number };

const encode = ({ key, tie, at }: Cursor) => Buffer.from(JSON.stringify([key, tie, at])).toString('base64url');

/** Undefined for what encode did not make: the list then begins at its beginning. */
function decode(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  try {
    const [key, tie, at] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
    if ((key !== null && typeof key !== 'string') || typeof tie !== 'string' || !Number.isSafeInteger(at))
      return undefined;
    return { key, tie, at: at as number };
  } catch {
    return undefined;
  }
}

/** Collects the statement's values: `add(x)` is the placeholder of x. */
class Values {
  readonly all: unknown[] = [];
  add(value: unknown): string {
    return `$${this.all.push(value)}`;
  }
}

const ADMINISTERS = `r.ended_at is null and (r.valid_until is null or r.valid_until > $2)
  and r.name in ('chief_administrator', 'manage_administrators', 'manage_users')`;

const PEOPLE = `u.organization_id = $1 and u.deleted_at is null and u.kind = 'person'`;
const SEARCHED = ['u.user_name_key', 'u.display_name_key', 'u.email_key', 'u.family_name_key'];

/** SQL for each of the searched columns: it begins with what is searched. Empty: nothing is searched. */
function beginnings({ search }: UserFilter, values: Values): string[] {
  const start = fold((search ?? '').trim());
  if (start === '') return [];
  const [from, to] = [values.add(start), values.add(`${start}\u{10ffff}`)];
  return SEARCHED.map((key) => `(${key} >= ${from} and ${key} < ${to})`);
}

const HAS_PASSWORD = 'exists (select 1 from passwords p where p.organization_id = $1 and p.user_id = u.id)';
const WAITING = `u.active and u.last_sign_in_at is null and not ${HAS_PASSWORD}`;
/** What USER_STATE says, one by one, in a form that an index can serve. */
const STATE_IS: Record<UserState, string> = {
  deactivated: 'not u.active',
  active: `u.active and (u.last_sign_in_at is not null or ${HAS_PASSWORD})`,
  provisioned: `${WAITING} and u.connection_id is not null`,
  invited: `${WAITING} and u.connection_id is null`,
};

/** All of the filter but the search. */
function conditions({ state, source, administrators, group }: UserFilter, values: Values): string[] {
  const where = [PEOPLE];
  if (state !== undefined) where.push(STATE_IS[state]);
  if (source === 'own') where.push('u.connection_id is null');
  else if (source !== undefined) where.push(`u.connection_id = ${values.add(isId(source) ? source : null)}`);
  if (administrators === true) where.push('u.id in (select id from administrators)');
  if (group !== undefined)
    where.push(
      `u.id in (select user_id from group_users where organization_id = $1 and group_id = ${values.add(isId(group) ? group : null)})`,
    );
  return where;
}

/**
 * Where rows come from. A search that finds few is read from the four indexes and sorted; for one that finds many, the
 * list is walked in its order and what does not match is passed over. Which of both is decided by the statement itself,
 * since the planner cannot know: it takes every beginning for equally common.
 */
type Source = { readonly from: string; readonly where: readonly string[] };

function sourcesOf(filter: UserFilter, values: Values): { ctes: string; sources: Source[]; count: string } {
  const where = conditions(filter, values);
  const starts = beginnings(filter, values);
  const countOf = ({ from, where: all }: Source) =>
    `(select count(*)::int from (select 1 from ${from} where ${all.join(' and ')} limit ${MOST_COUNTED + 1}) c)`;
  const plain: Source = { from: 'users u', where };
  if (starts.length === 0) return { ctes: '', sources: [plain], count: countOf(plain) };
  const arms = starts.map(
    (start) => `(select u.id from users u where ${PEOPLE} and ${start} limit ${MOST_COUNTED + 1})`,
  );
  const few: Source = {
    from: 'found f cross join lateral (select * from users u where u.organization_id = $1 and u.id = f.id offset 0) u',
    where: ['not (select yes from many)', ...where],
  };
  const many: Source = { from: 'users u', where: ['(select yes from many)', ...where, `(${starts.join(' or ')})`] };
  return {
    ctes: `found as materialized (${arms.join(' union ')}), many as materialized (select count(*) > ${MOST_COUNTED} as yes from found), `,
    sources: [few, many],
    count: `case when (select yes from many) then ${countOf(many)} else ${countOf(few)} end`,
  };
}

/** Every user who administers, by his own right or that of a group he is in. */
const ADMINISTRATORS = `subjects(id) as (
    select r.subject_id from administration_rights r where r.organization_id = $1 and ${ADMINISTERS}
    union select n.child_id from subjects s join group_groups n on n.organization_id = $1 and n.parent_id = s.id
  ), administrators(id) as (
    select id from subjects union select m.user_id from subjects s join group_users m on m.organization_id = $1 and m.group_id = s.id
  ), `;

/** The rows of the page, `limit` of them, in the order of reading; the rows without a sort value are a list of their own. */
function pageRows(
  asked: UserListQuery,
  sources: readonly Source[],
  cursor: Cursor | undefined,
  backward: boolean,
  limit: number,
  values: Values,
): string {
  const { sql: key, nullable } = SORT_KEYS[asked.sort];
  const descending = asked.descending !== backward;
  const [order, past] = descending ? ['desc', '<'] : ['asc', '>'];
  const branch = (nulls: boolean): string[] => {
    const also = nullable ? [`${key} is ${nulls ? '' : 'not '}null`] : [];
    if (cursor && nulls && cursor.key === null) also.push(`u.user_name_key ${past} ${values.add(cursor.tie)}`);
    else if (cursor && !nulls && cursor.key !== null)
      also.push(`(${key}, u.user_name_key) ${past} (${values.add(cursor.key)}, ${values.add(cursor.tie)})`);
    // The page begins among the rows of the other kind, and these lie behind it.
    else if (cursor && nulls === backward) return [];
    const by = nulls ? `u.user_name_key ${order}` : `${key} ${order}, u.user_name_key ${order}`;
    return sources.map(
      ({ from, where }) =>
        `(select ${LISTED_COLUMNS}, ${USER_STATE} as state, ${key} as sort_key, u.user_name_key as tie from ${from}
          where ${[...where, ...also].join(' and ')} order by ${by} limit ${limit})`,
    );
  };
  const branches = nullable ? [branch(backward), branch(!backward)].flat() : branch(false);
  return `select * from (${branches.join(' union all ')}) rows limit ${limit}`;
}

type Row = ListedRow & { sort_key: string | null; tie: string };

async function readPage(ctx: OrganizationCtx, asked: UserListQuery, count: boolean) {
  const backward = asked.after === undefined && asked.before !== undefined;
  const cursor = decode(asked.after ?? asked.before);
  const values = new Values();
  values.all.push(ctx.organizationId, ctx.now);
  const { ctes, sources, count: counting } = sourcesOf(asked, values);
  const rows = pageRows(asked, sources, cursor, backward && cursor !== undefined, asked.size + 1, values);
  const counted = count ? counting : '0';
  const found = await query<Row & { id: string | null; total: number }>(
    preparedText(`with recursive ${asked.administrators === true ? ADMINISTRATORS : ''}${ctes}page as materialized (
      ${rows}
    ), reach(user_id, subject_id) as (
      select id, id from page
      union select p.id, m.group_id from page p join group_users m on m.organization_id = $1 and m.user_id = p.id
      union select reach.user_id, n.parent_id from reach join group_groups n on n.organization_id = $1 and n.child_id = reach.subject_id
    )
    select t.total, u.*, c.name as "directoryName", ${INVITATION_COLUMNS},
      (select array_agg(distinct r.name) from reach join administration_rights r on r.organization_id = $1 and r.subject_id = reach.subject_id
        where reach.user_id = u.id and ${ADMINISTERS}) as rights
    from (select ${counted} as total) t left join page u on true
    left join provisioning_connections c on c.organization_id = $1 and c.id = u."directoryId" ${INVITATION_JOINS}`),
    values.all,
  );
  const people = found.filter(({ id }) => (id as string | null) !== null);
  return {
    rows: inOrder(people, asked.descending),
    total: found[0]?.total ?? 0,
    cursor,
    backward: backward && cursor !== undefined,
  };
}

/** The joins keep no order. Code units of folded text do not sort as its bytes do beyond the basic plane, so bytes are compared. */
function inOrder<R extends { sort_key: string | null; tie: string }>(rows: R[], descending: boolean): R[] {
  const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const by = (a: R, b: R) =>
    (a.sort_key === null || b.sort_key === null ? 0 : compare(a.sort_key, b.sort_key)) || compare(a.tie, b.tie);
  return rows.sort(
    (a, b) => Number(a.sort_key === null) - Number(b.sort_key === null) || (descending ? -by(a, b) : by(a, b)),
  );
}

/** Service users are not people and are not in it. Throws HubError `not_permitted` for somebody who administers nobody. */
export async function listUsers(ctx: OrganizationCtx, asked: UserListQuery): Promise<UserPage> {
  await checkAdministers(ctx);
  const { rows: read, total, cursor, backward } = await readPage(ctx, asked, true);
  const more = read.length > asked.size;
  const rows = backward ? read.slice(more ? 1 : 0) : read.slice(0, asked.size);
  const begin = backward ? (more ? Math.max(0, (cursor?.at ?? 0) - rows.length) : 0) : (cursor?.at ?? 0);
  const cursorOf = (row: Row, at: number) => encode({ key: row.sort_key, tie: row.tie, at });
  const [first, last] = [rows[0], rows.at(-1)];
  const hasPrevious = backward ? more : cursor !== undefined;
  return {
    users: rows.map((row) => listedUser(row, ctx.now)),
    from: rows.length === 0 ? 0 : begin + 1,
    total,
    next: last && (backward || more) ? cursorOf(last, begin + rows.length) : null,
    previous: first && hasPrevious ? cursorOf(first, begin) : null,
  };
}

const CHUNK = 500;

/** All that the filter finds, by username, in chunks: for an export, and for an act on many. Throws as listUsers does. */
export async function* eachUser(ctx: OrganizationCtx, filter: UserFilter): AsyncGenerator<ListedUser[]> {
  await checkAdministers(ctx);
  for (let after: string | undefined; ;) {
    const asked: UserListQuery = {
      ...filter,
      sort: 'username',
      descending: false,
      size: CHUNK,
      ...(after && { after }),
    };
    const { rows } = await readPage(ctx, asked, false);
    const chunk = rows.slice(0, CHUNK);
    if (chunk.length > 0) yield chunk.map((row) => listedUser(row, ctx.now));
    const last = chunk.at(-1);
    if (!last || rows.length <= CHUNK) return;
    after = encode({ key: last.sort_key, tie: last.tie, at: 0 });
  }
}
