// `mandate migrate`: the one command that works on the database itself, with the hub's own settings. A hub does the same
// at its start; this is for those who want it done before, and for the way back to the release before.
import { pino } from 'pino';
import { ConfigError, loadConfig } from '../config.ts';
import { closeDatabase, openDatabase } from '../database/connect.ts';
import { migrate, migrateDown } from '../database/migrate.ts';
import { HubError } from '../errors.ts';
import { describeStartFault } from '../start-fault.ts';
import { UnreachableError } from './call.ts';
import { UsageError } from './usage-error.ts';

/** A sentence. Throws UsageError for faulty settings or an unknown migration, UnreachableError for a database that is away or in use. */
export async function migrateDatabase(undo?: string): Promise<string> {
  try {
    const config = loadConfig();
    const log = pino({ level: config.log_level }, pino.destination(2));
    await openDatabase(
      { databaseUrl: config.database_url, dataDir: config.data_dir, poolSize: config.database_pool },
      log,
    );
    if (undo !== undefined) return `Undone: ${(await migrateDown(undo).finally(closeDatabase)).join(', ')}.\n`;
    const applied = await migrate().finally(closeDatabase);
    return applied.length === 0 ? 'The database is up to date.\n' : `Applied: ${applied.join(', ')}.\n`;
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message, 'mandate');
    if (error instanceof HubError && error.code === 'not_found')
      throw new UsageError(`--undo: ${error.message}`, 'mandate');
    const fault = describeStartFault(error);
    throw fault === undefined ? error : new UnreachableError(fault);
  }
}
