// Process entry, a hub as its operator runs it: settings, then the hub, then a graceful stop. With WORKERS above 1 this
// process only keeps the others running; they share the port and know nothing of each other but the database.
import cluster from 'node:cluster';
import { flushCompileCache } from 'node:module';
import { pino } from 'pino';
import { loadConfig, type Config } from './config.ts';
import { startHub } from './hub.ts';
import { onStop } from './on-stop.ts';
import { describeStartFault } from './start-fault.ts';

/** Between two attempts to replace a process that did not come to serve. */
const RETRY_MS = 1000;
/** What a process tells its keeper once it serves. */
const SERVES = 'serves';

function fail(error: unknown): never {
  console.error(describeStartFault(error) ?? error);
  process.exit(1);
}

async function serve(config: Config): Promise<void> {
  const log = pino({ level: config.log_level });
  const isFirst = cluster.isPrimary || cluster.worker?.id === 1;
  const starting = startHub(config, log, { greets: isFirst });
  onStop((signal) => {
    log.info({ signal }, 'stopping');
    starting.then((hub) => hub.stop()).then(() => process.exit(0), fail);
  });
  const hub = await starting;
  for (const line of hub.firstSteps) console.log(line);
  process.send?.(SERVES);
  // Now, since a process that is killed would not write it.
  flushCompileCache();
}

/** The first process starts alone: what stops it would stop them all, and is said once. */
function keepWorkers(count: number): void {
  let stopping = false;
  const served = new Set<number>();
  const workers = () => Object.values(cluster.workers ?? {});
  cluster.on('message', (worker, message) => {
    if (message !== SERVES) return;
    served.add(worker.id);
    if (served.size === 1) for (let i = 1; i < count; i++) cluster.fork();
  });
  cluster.on('exit', (worker) => {
    if (stopping) {
      if (workers().length === 0) process.exit(0);
    } else if (served.size === 0) process.exit(1);
    else if (served.has(worker.id)) cluster.fork();
    else setTimeout(() => void (stopping || cluster.fork()), RETRY_MS);
  });
  onStop((signal) => {
    stopping = true;
    if (workers().length === 0) process.exit(0);
    for (const worker of workers()) worker?.process.kill(signal);
  });
  cluster.fork();
}

try {
  const config = loadConfig();
  if (config.workers > 1 && cluster.isPrimary) keepWorkers(config.workers);
  else await serve(config);
} catch (error) {
  fail(error);
}
