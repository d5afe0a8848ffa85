// Brings the schema to the newest migration, once, however many processes start together.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Umzug, UmzugStorage } from 'umzug';
import { HubError } from '../errors.ts';
import { query } from './query.ts';
import { transaction } from './transaction.ts';

export type Migration = { up: (run: typeof query) => Promise<void>; down: (run: typeof query) => Promise<void> };

const folder = new URL('../../migrations/', import.meta.url).pathname;
const MIGRATION_LOCK = 7_301_944;

const applied = async (): Promise<string[]> =>
  (await query<{ name: string }>('select name from schema_migrations order by name')).map((row) => row.name);

const storage: UmzugStorage = {
  executed: applied,
  logMigration: async ({ name }) => void (await query('insert into schema_migrations (name) values ($1)', [name])),
  unlogMigration: async ({ name }) => void (await query('delete from schema_migrations where name = $1', [name])),
};

const names = async (): Promise<string[]> =>
  (await readdir(folder)).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -'.ts'.length)] : [])).sort();

/** It brings a command line and its parts along: loaded only where there is something to do. */
async function umzug(): Promise<Umzug> {
  const { Umzug } = await import('umzug');
  const migrations = await Promise.all(
    (await names()).map(async (name) => {
      const { up, down } = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as Migration;
      return { name, up: () => up(query), down: () => down(query) };
    }),
  );
  return new Umzug({ migrations, storage, logger: undefined });
}

/** Applies what is pending in one transaction under a lock; returns the names. */
export const migrate = (): Promise<string[]> =>
  transaction(async () => {
    // First, since whoever starts beside a long migration waits for it.
    await query("set local statement_timeout = '10min'");
    await query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await query("set local lock_timeout = '3s'");
    await query(
      'create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    const known = new Set(await applied());
    if ((await names()).every((name) => known.has(name))) return [];
    return (await (await umzug()).up()).map((migration) => migration.name);
  });

/** Undoes the newest migrations down to the named one, itself included; without a name the newest. Throws for one that is not applied. */
export const migrateDown = (to?: string): Promise<string[]> =>
  transaction(async () => {
    await query("set local statement_timeout = '10min'");
    await query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    if (to !== undefined && !(await applied()).includes(to))
      throw new HubError('not_found', `The migration ${to} is not applied.`);
    return (await (await umzug()).down(to === undefined ? {} : { to })).map((migration) => migration.name);
  });
