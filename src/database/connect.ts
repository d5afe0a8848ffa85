// The process's one database: PostgreSQL by DATABASE_URL, else the embedded engine. One pool of `pg`
// connections serves hand-written SQL (query.ts) and Sequelize's models alike, so that both share a transaction.
import pg from 'pg';
import { Sequelize } from 'sequelize';
import type { Logger } from 'pino';
import { defineClients } from './models/client.ts';
import { defineNews } from './models/news.ts';
import { startEmbedded, type Embedded } from './embedded.ts';
import { transactionScope } from './transaction-scope.ts';
import { asHubError } from './unavailable.ts';

export type Engine = 'embedded' | 'postgres';
type DatabaseSettings = { databaseUrl: string | null; dataDir: string; poolSize: number };
type Database = { engine: Engine; pool: pg.Pool; sequelize: Sequelize };

let current: (Database & { embedded: Embedded | undefined }) | undefined;

/** The open database. A programming error when there is none. */
export function database(): Database {
  if (!current) throw new Error('The database is not open');
  return current;
}

// Versions and counts are far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
// A day is no instant: as one it would move with the machine's time zone.
pg.types.setTypeParser(pg.types.builtins.DATE, String);

const STATEMENT_TIMEOUT_MS = 5000;

function createPool(settings: DatabaseSettings, embedded: Embedded | undefined, log: Logger): pg.Pool {
  // On the embedded engine a long transaction, such as the first migration, makes everybody else wait.
  const patience = embedded ? 60_000 : 5000;
  const shared = { max: settings.poolSize, connectionTimeoutMillis: patience, allowExitOnIdle: false };
  const pool = embedded
    ? new pg.Pool({ ...shared, host: embedded.host, port: 5432, user: 'postgres', database: 'postgres' })
    : new pg.Pool({
        ...shared,
        connectionString: settings.databaseUrl ?? '',
        application_name: 'mandate',
        keepAlive: true,
        statement_timeout: STATEMENT_TIMEOUT_MS,
        idle_in_transaction_session_timeout: 30_000,
        // Compiling a plan takes longer than any of our statements, and is done again at each execution.
        options: '-c jit=off',
      });
  // A connection that breaks while idle is replaced at the next use; unheard, its error would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
  return pool;
}

/** What a model asks meets a database that is away as hand-written SQL does. */
function mapErrors(sequelize: Sequelize): void {
  const run = sequelize.query.bind(sequelize) as (...given: unknown[]) => Promise<unknown>;
  const mapped = async (...given: unknown[]): Promise<unknown> => {
    try {
      return await run(...given);
    } catch (error) {
      throw asHubError(error);
    }
  };
  sequelize.query = mapped as typeof sequelize.query;
}

/** Sequelize on our pool instead of its own, with the tables that everyday queries go to. */
function createSequelize(pool: pg.Pool): Sequelize {
  Sequelize.useCLS(transactionScope);
  const sequelize = new Sequelize({ dialect: 'postgres', dialectModule: pg, logging: false });
  mapErrors(sequelize);
  for (const define of [defineClients, defineNews]) define(sequelize);
  // Sequelize would open a connection of its own to ask for the server's version.
  (sequelize as unknown as { options: { databaseVersion: string } }).options.databaseVersion = '15.0.0';
  const connections = sequelize.connectionManager as unknown as Record<string, unknown>;
  connections['getConnection'] = () => pool.connect();
  connections['releaseConnection'] = (client: pg.PoolClient) => client.release();
  connections['destroyConnection'] = (client: pg.PoolClient) => client.release(true);
  return sequelize;
}

/** Opens the process's database. Throws FolderLockedError when the embedded engine's folder is taken. */
export async function openDatabase(settings: DatabaseSettings, log: Logger): Promise<Database> {
  if (current) throw new Error('The database is open already');
  const embedded = settings.databaseUrl ? undefined : await startEmbedded(settings.dataDir);
  const pool = createPool(settings, embedded, log);
  current = { engine: embedded ? 'embedded' : 'postgres', pool, sequelize: createSequelize(pool), embedded };
  return current;
}

export async function closeDatabase(): Promise<void> {
  const closing = current;
  if (!closing) return;
  await closing.pool.end();
  await closing.embedded?.stop();
  current = undefined;
}
