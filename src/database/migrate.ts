// Brings the schema to the newest migration, once, however many processes start together.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Umzug, type UmzugStorage } from 'umzug';
import { query } from './query.ts';
import { transaction } from './transaction.ts';

export type Migration = { up: (run: typeof query) => Promise<void>; down: (run: typeof query) => Promise<void> };

const folder = new URL('../../migrations/', import.meta.url).pathname;
const MIGRATION_LOCK = 7_301_944;

const storage: UmzugStorage = {
  executed: async () =>
    (await query<{ name: string }>('select name from schema_migrations order by name')).map((row) => row.name),
  logMigration: async ({ name }) => void (await query('insert into schema_migrations (name) values ($1)', [name])),
  unlogMigration: async ({ name }) => void (await query('delete from schema_migrations where name = $1', [name])),
};

async function umzug(): Promise<Umzug> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort();
  const migrations = await Promise.all(
    files.map(async (file) => {
      const { up, down } = (await import(pathToFileURL(join(folder, file)).href)) as Migration;
      return { name: file.replace(/\.ts$/, ''), up: () => up(query), down: () => down(query) };
    }),
  );
  return new Umzug({ migrations, storage, logger: undefined });
}

/** Applies what is pending in one transaction under a lock; returns the names. */
export const migrate = (): Promise<string[]> =>
  transaction(async () => {
    await query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await query("set local statement_timeout = '10min'");
    await query("set local lock_timeout = '3s'");
    await query(
      'create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    return (await (await umzug()).up()).map((migration) => migration.name);
  });

/** Undoes the newest migration, or all of them. */
export const migrateDown = (all = false): Promise<string[]> =>
  transaction(async () => {
    await query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    return (await (await umzug()).down(all ? { to: 0 } : {})).map((migration) => migration.name);
  });
