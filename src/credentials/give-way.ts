// Hashing a password takes a core for some 30 ms. The threads it happens in step back behind everybody else, the event
// loop, the database, another process, so that a storm of sign-ins makes sign-ins slow and nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { Logger } from 'pino';

const THREADS = '/proc/self/task';
const NAME = 'libuv-worker';

/** Call once these threads are there: after the first hash. Linux alone gives each thread a priority of its own; elsewhere nothing happens. */
export function giveWay(log: Logger): void {
  if (process.platform !== 'linux') return;
  try {
    for (const thread of readdirSync(THREADS))
      if (readFileSync(`${THREADS}/${thread}/comm`, 'utf8').trim() === NAME)
        setPriority(Number(thread), constants.priority.PRIORITY_BELOW_NORMAL);
  } catch (error) {
    log.debug({ err: error }, 'hashing threads keep their priority');
  }
}
