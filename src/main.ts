// Process entry, a hub as its operator runs it: settings, then the hub, then a graceful stop. With WORKERS above 1 this
// process only keeps the others running; they share the port and know nothing of each other but the database.
import cluster from 'node:cluster';
import { flushCompileCache } from 'node:module';
import { pino } from 'pino';
import { CatalogueError } from './applications/catalogue.ts';
import { ConfigError, loadConfig, type Config } from './config.ts';
import { SecretsKeyError } from './credentials/secrets.ts';
import { FolderLockedError } from './database/folder-lock.ts';
import { startHub } from './hub.ts';

/** Faults that the operator can mend: one clear text, no stack. */
const isOperatorFault = (error: unknown): error is Error =>
  [ConfigError, CatalogueError, SecretsKeyError, FolderLockedError].some((kind) => error instanceof kind);

function fail(error: unknown): never {
  console.error(isOperatorFault(error) ? error.message : error);
  process.exit(1);
}

async function serve(config: Config): Promise<void> {
  const log = pino({ level: config.log_level });
  const starting = startHub(config, log);
  const stop = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'stopping');
    starting.then((hub) => hub.stop()).then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const hub = await starting;
  for (const line of hub.firstSteps) console.log(line);
  // Now, since a process that is killed would not write it.
  flushCompileCache();
}

function keepWorkers(count: number): void {
  let stopping = false;
  for (let i = 0; i < count; i++) cluster.fork();
  cluster.on('exit', () => {
    if (!stopping) cluster.fork();
    else if (Object.keys(cluster.workers ?? {}).length === 0) process.exit(0);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stopping = true;
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal);
    });
  }
}

try {
  const config = loadConfig();
  if (config.workers > 1 && cluster.isPrimary) keepWorkers(config.workers);
  else await serve(config);
} catch (error) {
  fail(error);
}
