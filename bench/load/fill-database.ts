// Fills a new database with organizations, users, groups and memberships for load tests, by COPY; the rows are made by
// the code that makes them in operation.
import pg from 'pg';
import { pino } from 'pino';
import { closeDatabase, openDatabase } from '../../src/database/connect.ts';
import { migrate } from '../../src/database/migrate.ts';
import { groupRow } from '../../src/groups/group-row.ts';
import { GROUP_SCHEMA } from '../../src/provisioning/schemas.ts';
import { hashToken } from '../../src/provisioning/connection.ts';
import { rowValues, userRow } from '../../src/users/user-row.ts';
import { openSink, type Sink, type Value } from './copy.ts';
import {
  DEPARTMENT,
  LARGE_GROUPS,
  SMALL_GROUP,
  connectionId,
  departmentId,
  largeGroupId,
  organizationId,
  person,
  sizeOf,
  smallGroupId,
  token,
  userId,
  type Population,
} from './population.ts';

const BY = JSON.stringify({ kind: 'system', id: 'load', label: 'load' });
const CHUNK = 500;
const USER_COLUMNS = `organization_id, id, connection_id, active, user_name, user_name_key, display_name_key, external_id, email_key,
  work_email_key, manager_id, document, folded, created_by`;
const GROUP_COLUMNS =
  'organization_id, id, connection_id, display_name, display_name_key, external_id, document, folded, created_by';
const FILLED = ['users', 'sign_in_names', 'group_users', 'groups'];

async function copyAll(url: string, table: string, columns: string, rows: Value[][]): Promise<void> {
  const sink = await openSink(url, table, columns);
  await sink.write(rows);
  await sink.end();
}

async function fillOrganizations(url: string, population: Population): Promise<void> {
  const all = Array.from({ length: population.organizations }, (_, i) => i);
  await copyAll(
    url,
    'organizations',
    'id, name',
    all.map((i) => [organizationId(i), `Customer ${i}`]),
  );
  await copyAll(
    url,
    'provisioning_connections',
    'organization_id, id, name',
    all.map((i) => [organizationId(i), connectionId(i), 'HR']),
  );
  await copyAll(
    url,
    'provisioning_tokens',
    'organization_id, id, connection_id, name, secret_hash',
    all.map((i) => [
      organizationId(i),
      connectionId(i),
      connectionId(i),
      'load',
      `\\x${hashToken(token(i)).toString('hex')}`,
    ]),
  );
  const groups = all.map((i) => groupsOf(population, i));
  await copyAll(
    url,
    'resource_counts',
    'organization_id, connection_id, kind, id, delta',
    all.flatMap((i) => [
      [organizationId(i), connectionId(i), 'user', connectionId(i), sizeOf(population, i)],
      [organizationId(i), connectionId(i), 'group', connectionId(i), groups[i]?.length ?? 0],
    ]),
  );
  const sink = await openSink(url, 'groups', GROUP_COLUMNS);
  for (const [i, some] of groups.entries()) {
    await sink.write(
      some.map(({ id, displayName }) => {
        const row = groupRow({ schemas: [GROUP_SCHEMA], displayName });
        return [
          organizationId(i),
          id,
          connectionId(i),
          displayName,
          row.displayNameKey,
          null,
          row.document,
          row.folded,
          BY,
        ];
      }),
    );
  }
  await sink.end();
}

function groupsOf(population: Population, organization: number): { id: string; displayName: string }[] {
  const size = sizeOf(population, organization);
  const times = (count: number, make: (n: number) => { id: string; displayName: string }) =>
    Array.from({ length: count }, (_, n) => make(n));
  return [
    ...times(Math.ceil(size / SMALL_GROUP), (n) => ({ id: smallGroupId(organization, n), displayName: `Team ${n}` })),
    ...times(Math.ceil(size / DEPARTMENT), (n) => ({
      id: departmentId(organization, n),
      displayName: `Department ${n}`,
    })),
    ...LARGE_GROUPS.filter((members) => organization === 0 && members <= size / 2).map((members) => ({
      id: largeGroupId(members),
      displayName: `All ${members}`,
    })),
  ];
}

type Sinks = { users: Sink; names: Sink; memberships: Sink };

async function fillUsers(
  { users, names, memberships }: Sinks,
  population: Population,
  organization: number,
): Promise<void> {
  const size = sizeOf(population, organization);
  const owner = organizationId(organization);
  for (let start = 0; start < size; start += CHUNK) {
    const numbers = Array.from({ length: Math.min(CHUNK, size - start) }, (_, i) => start + i);
    const rows = numbers.map((n) => ({ n, id: userId(organization, n), row: userRow(person(organization, n)) }));
    await users.write(rows.map(({ id, row }) => [owner, id, connectionId(organization), ...rowValues(row), BY]));
    await names.write(rows.flatMap(({ id, row }) => row.signInNames.map((name) => [name, owner, id])));
    await memberships.write(
      rows.flatMap(({ n, id }) => [
        [owner, smallGroupId(organization, Math.floor(n / SMALL_GROUP)), id],
        [owner, departmentId(organization, Math.floor(n / DEPARTMENT)), id],
        ...LARGE_GROUPS.filter((members) => organization === 0 && n < members && members <= size / 2).map((members) => [
          owner,
          largeGroupId(members),
          id,
        ]),
      ]),
    );
  }
}

/** Loads without the secondary indexes and builds them afterwards: several times quicker than row by row. */
async function withoutIndexes(client: pg.Client, work: () => Promise<void>): Promise<void> {
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
     where i.indrelid = any($1::text[]::regclass[]) and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)`,
    [FILLED],
  );
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  await work();
  for (const { definition } of indexes) await client.query(definition);
}

/** Brings the schema of a database to the newest migration. */
export async function migrated(databaseUrl: string): Promise<void> {
  await openDatabase({ databaseUrl, dataDir: '', poolSize: 2 }, pino({ level: 'silent' }));
  await migrate().finally(closeDatabase);
}

/** Migrates the empty database behind the URL and fills it. */
export async function fillDatabase(databaseUrl: string, population: Population): Promise<void> {
  await migrated(databaseUrl);
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query("set maintenance_work_mem = '512MB'");
    await withoutIndexes(client, async () => {
      await fillOrganizations(databaseUrl, population);
      const [users, names, memberships] = await Promise.all([
        openSink(databaseUrl, 'users', USER_COLUMNS),
        openSink(databaseUrl, 'sign_in_names', 'name_key, organization_id, user_id'),
        openSink(databaseUrl, 'group_users', 'organization_id, group_id, user_id'),
      ]);
      for (let i = 0; i < population.organizations; i++) await fillUsers({ users, names, memberships }, population, i);
      await Promise.all([users.end(), names.end(), memberships.end()]);
    });
    await client.query('vacuum (analyze)');
  } finally {
    await client.end();
  }
}
