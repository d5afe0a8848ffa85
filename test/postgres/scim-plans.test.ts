// The hot SCIM statements on PostgreSQL, in an organization of 40,000 among 200,000 users: each is served by its index
// and reads a handful of pages, whether PostgreSQL plans it for its values or once for all.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { fillDatabase } from '../../bench/load/fill-database.ts';
import {
  connectionId,
  displayNameOf,
  externalIdOf,
  largeGroupId,
  organizationId,
  userId,
  userNameOf,
  workEmailOf,
} from '../../bench/load/population.ts';
import { UNOPENED_GROUPS } from '../../src/entitlements/carried-rights.ts';
import { CHANGE_MEMBERS } from '../../src/groups/change-members.ts';
import { FIND_GROUP } from '../../src/groups/find-group.ts';
import { GROUP_ATTRIBUTES, USER_ATTRIBUTES } from '../../src/provisioning/attribute-index.ts';
import { groupSource } from '../../src/provisioning/read-groups.ts';
import { READ_USER, usersPage } from '../../src/provisioning/read-users.ts';
import { pageStatement, type PageQuery } from '../../src/provisioning/resource-page.ts';
import { parseFilter } from '../../src/scim/filter.ts';
import { resolveFilter } from '../../src/scim/resolve-filter.ts';
import { FIND_USER } from '../../src/users/find-user.ts';
import { silent } from '../support/database.ts';
import { databaseUrl, onServer } from '../support/template.ts';

const POPULATION = { users: 200_000, organizations: 20 };
const GROUP_SIZE = 10_000;
const BASE = 'http://localhost:3000/scim/v2';

const server = process.env['TEST_DATABASE_URL'] ?? '';
const name = `mandate_plans_${randomBytes(6).toString('hex')}`;
const client = new pg.Client(databaseUrl(server, name));

beforeAll(async () => {
  await onServer(server, `create database ${name}`);
  await fillDatabase(databaseUrl(server, name), POPULATION);
  await client.connect();
}, 180_000);
afterAll(async () => {
  await client.end();
  await onServer(server, `drop database ${name} with (force)`);
});

const [organization, connection] = [organizationId(0), connectionId(0)];
const ctx = {
  organizationId: organization,
  actor: { kind: 'connection', id: connection, organizationId: organization, label: 'HR' },
  requestId: 'plans',
  now: new Date(),
  log: silent,
} as const;

type Plan = { 'Index Name'?: string; 'Shared Hit Blocks': number; 'Shared Read Blocks': number; Plans?: Plan[] };
type Seen = { indexes: string[]; pages: number };

const indexesOf = (plan: Plan): string[] => [
  ...(plan['Index Name'] === undefined ? [] : [plan['Index Name']]),
  ...(plan.Plans ?? []).flatMap(indexesOf),
];

function literal(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = Array.isArray(value)
    ? `{${value.join(',')}}`
    : value instanceof Date
      ? value.toISOString()
      : String(value);
  return `'${text.replaceAll("'", "''")}'`;
}

/** Runs the statement, undoes it, and tells the indexes and the 8 KB pages it looked at. */
async function explained(mode: string, text: string, values: readonly unknown[]): Promise<Seen> {
  await client.query(`begin; set local plan_cache_mode = force_${mode}_plan; prepare hot as ${text}`);
  try {
    const run = `explain (analyze, buffers, format json) execute hot (${values.map(literal).join(', ')})`;
    // The first execution fills the caches of the session, whose pages would count too.
    await client.query(`savepoint before; ${run}; rollback to before`);
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(run);
    const plan = rows[0]!['QUERY PLAN'][0].Plan;
    return { indexes: indexesOf(plan), pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] };
  } finally {
    await client.query('rollback; deallocate hot');
  }
}

const users = (page: Partial<PageQuery> & { find?: string }): [string, unknown[]] => {
  const { find, ...rest } = page;
  const filter = find === undefined ? {} : { filter: resolveFilter(parseFilter(find), USER_ATTRIBUTES) };
  const { text, values } = usersPage(ctx, { startIndex: 1, count: 100, ...rest, ...filter }, BASE);
  return [text, values];
};
const groups = (find: string): [string, unknown[]] => {
  const page = { startIndex: 1, count: 100, filter: resolveFilter(parseFilter(find), GROUP_ATTRIBUTES) };
  const { text, values } = pageStatement(ctx, groupSource(BASE), page, 'g.id, g.document');
  return [text, values];
};
const members = (add: string[], remove: string[]): [string, unknown[]] => [
  CHANGE_MEMBERS.text,
  [
    ...[organization, largeGroupId(GROUP_SIZE), connection, add, remove, ctx.now, false],
    ...[
      organization,
      randomUUID(),
      ctx.now,
      '{}',
      'group.members_changed',
      'group',
      largeGroupId(GROUP_SIZE),
      null,
      '{}',
      'plans',
    ],
  ],
];
const MEMBER = userId(0, 77);
const HUNDRED = Array.from({ length: 100 }, (_, i) => userId(0, i * 399));
const OUTSIDER = userId(0, GROUP_SIZE + 77);

/** What is asked, its statement, the index that leads to the rows, and the most pages it may look at. */
const HOT: [string, () => [string, unknown[]], string, number][] = [
  ['a user by id', () => [READ_USER.text, [organization, connection, MEMBER, BASE]], 'users_pkey', 60],
  ['a user to be changed', () => [FIND_USER.text, [organization, MEMBER, connection]], 'users_pkey', 10],
  ['a user by userName', () => users({ find: `userName eq "${userNameOf(0, 77)}"` }), 'users_user_name', 60],
  ['a user by externalId', () => users({ find: `externalId eq "${externalIdOf(0, 77)}"` }), 'users_external_id', 60],
  [
    'a user by work e-mail',
    () => users({ find: `emails[type eq "work" and value eq "${workEmailOf(0, 77)}"]` }),
    'users_work_email',
    60,
  ],
  ['a user by displayName', () => users({ find: `displayName eq "${displayNameOf(77)}"` }), 'users_display_name', 60],
  ['the first page', () => users({}), 'users_connection', 2500],
  [
    'a page in the middle, by cursor',
    () => users({ rows: { beyond: userId(0, 20_000), backwards: false } }),
    'users_connection',
    2500,
  ],
  ['a hundred users by id', () => users({ rows: { ids: HUNDRED } }), 'users_pkey', 2500],
  ['a group by displayName', () => groups('displayName eq "Team 77"'), 'groups_display_name', 20],
  [
    'a group to be changed',
    () => [FIND_GROUP.text, [organization, largeGroupId(GROUP_SIZE), connection]],
    'groups_pkey',
    10,
  ],
  [
    'whether a group is open',
    () => [UNOPENED_GROUPS.text, [organization, [largeGroupId(GROUP_SIZE)], ctx.now, connection]],
    'groups_pkey',
    30,
  ],
  ['a member more in a large group', () => members([OUTSIDER], []), 'users_pkey', 60],
  ['a member less in a large group', () => members([], [MEMBER]), 'group_users_user', 60],
];

describe.each(['custom', 'generic'])('by a %s plan', (mode) => {
  it.each(HOT)('%s comes by its index and few pages', async (_what, statement, index, most) => {
    const { indexes, pages } = await explained(mode, ...statement());
    expect(indexes).toContain(index);
    expect(pages).toBeLessThanOrEqual(most);
  });
});

describe('a change of a user', () => {
  it('is made in place: no index names a column that every change changes', async () => {
    const { rows } = await client.query<{ column: string }>(
      `select distinct a.attname as column from pg_index i
       join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refobjid = i.indrelid and d.refobjsubid > 0
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = d.refobjsubid where i.indrelid = 'users'::regclass`,
    );
    const named = rows.map(({ column }) => column);
    expect(named).toContain('family_name_key');
    for (const changing of ['document', 'folded', 'version', 'updated_at', 'last_sign_in_at'])
      expect(named).not.toContain(changing);
  });
});
