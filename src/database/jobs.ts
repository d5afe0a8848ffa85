// Work that happens outside a transaction: a job row is written in the transaction that causes it, and a worker
// of any process takes it up. pg-boss in the same database, on both engines.
import { PgBoss, type ConstructorOptions, type Job, type JobResult, type SendOptions } from 'pg-boss';
import type { Logger } from 'pino';
import { database } from './connect.ts';
import { ambientConnection } from './transaction.ts';

/** A queue's handler; a throw makes the job come again, later and later. `cron` runs it by the clock as well. */
export type JobHandler = {
  run: (data: Record<string, unknown>) => Promise<void>;
  cron?: string;
  /** Runs when a process starts as well, to take up what one left that died. */
  atStart?: true;
  retryLimit?: number;
  /** Jobs that take each other's place as they finish, instead of batches: for calls to others, who may be slow. */
  workers?: number;
  /** Of these, how many at most work for one group. */
  workersPerGroup?: number;
};
export type JobHandlers = Readonly<Record<string, JobHandler>>;

/** How often a queue is looked at, in seconds: `told` where PostgreSQL says when a job has come, so that only what comes
 * again is found by looking. What the clock alone sends has no hurry. */
const POLLING = { prompt: { told: 2, else: 0.5 }, clock: { told: 30, else: 5 } } as const;
/** Jobs of a queue that run side by side in this process; a full batch is followed by the next at once. */
const BATCH = 5;
let boss: PgBoss | undefined;
let queues: ReadonlySet<string> = new Set();

const executeSql = (text: string, values?: unknown[]) => (ambientConnection() ?? database().pool).query(text, values);

/** One job's outcome: a fault of its own makes it come again, whatever became of the others. */
async function settle(job: Job<Record<string, unknown>>, handler: JobHandler, log: Logger): Promise<JobResult> {
  try {
    await handler.run(job.data);
    return { id: job.id, status: 'completed' };
  } catch (error) {
    log.warn({ err: error, queue: job.name, job: job.id }, 'a job failed and will be tried again');
    return {
      id: job.id,
      status: 'failed',
      output: { message: error instanceof Error ? error.message : String(error) },
    };
  }
}

/** Starts the queues and, with handlers, their workers. */
export async function startJobs(handlers: JobHandlers, databaseUrl: string | null, log: Logger): Promise<void> {
  const shared: ConstructorOptions = { schema: 'jobs', maintenanceIntervalSeconds: 60 };
  boss = databaseUrl
    ? new PgBoss({ ...shared, connectionString: databaseUrl, max: 3, useListenNotify: true })
    : new PgBoss({ ...shared, db: { executeSql: (text, values) => database().pool.query(text, values) } });
  boss.on('error', (error) => log.warn({ err: error }, 'the job queue had an error'));
  await boss.start();
  queues = new Set(Object.keys(handlers));
  const known = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]));
  for (const [name, handler] of Object.entries(handlers)) {
    const queue = {
      retryLimit: handler.retryLimit ?? 10,
      retryBackoff: true,
      retryDelay: 1,
      retryDelayMax: 3600,
      notify: databaseUrl !== null,
    };
    const made = known.get(name);
    if (!made) await boss.createQueue(name, queue);
    // One that an earlier version made keeps what that version thought.
    else if (made.notify !== queue.notify || made.retryLimit !== queue.retryLimit) await boss.updateQueue(name, queue);
    const { workers, workersPerGroup } = handler;
    const polling = handler.cron === undefined ? POLLING.prompt : POLLING.clock;
    const options = {
      pollingIntervalSeconds: polling.else,
      notifyPollingIntervalSeconds: polling.told,
      batchSize: workers === undefined ? BATCH : 1,
      burstWhenBatchFull: true,
      perJobResults: true,
      ...(workers !== undefined && { localConcurrency: workers }),
      ...(workersPerGroup !== undefined && { localGroupConcurrency: workersPerGroup }),
    } as const;
    await boss.work<Record<string, unknown>>(name, options, (jobs) =>
      Promise.all(jobs.map((job) => settle(job, handler, log))),
    );
    if (handler.cron) await boss.schedule(name, handler.cron);
    if (handler.atStart) await boss.send(name, { atStart: true });
  }
}

/** Queues a job in the ambient transaction, so that it exists exactly if the change does. */
export async function enqueue(queue: string, data: Record<string, unknown>, options: SendOptions = {}): Promise<void> {
  if (!boss) throw new Error('The job queue is not started');
  // The library would look for it on another connection, which on the embedded engine waits for this transaction.
  if (!queues.has(queue)) throw new Error(`Nobody handles the queue ${queue}`);
  await boss.send(queue, data, { ...options, db: { executeSql } });
}

type GroupedJob = { readonly data: Record<string, unknown>; readonly group: string };

/** The same for many at once, in one statement. */
export async function enqueueAll(queue: string, jobs: readonly GroupedJob[]): Promise<void> {
  if (jobs.length === 0) return;
  if (!boss) throw new Error('The job queue is not started');
  if (!queues.has(queue)) throw new Error(`Nobody handles the queue ${queue}`);
  const inserts = jobs.map(({ data, group }) => ({ data, group: { id: group } }));
  await boss.insert(queue, inserts, { db: { executeSql } });
}

/** Lets a job that failed for good run once more, now. False for one that is not there or has not failed. */
export async function retryJob(queue: string, id: string): Promise<boolean> {
  if (!boss || !queues.has(queue)) return false;
  const answer: object = await boss.retry(queue, id, { db: { executeSql } });
  return 'affected' in answer && Number(answer.affected) > 0;
}

const HASTEN = `
  with found as (
    select id, state from jobs.job where name = $1 and data @> $2::jsonb and state in ('created', 'retry', 'active') for update
  ), hastened as (
    update jobs.job j set start_after = now() from found where j.name = $1 and j.id = found.id and found.state <> 'active'
  ) select state::text from found order by state = 'active' desc limit 1`;

/** Lets a job that waits, the one with this in its data, come now. `active`: it is under way; undefined: there is none. */
export async function hastenJob(
  queue: string,
  data: Record<string, unknown>,
): Promise<'waiting' | 'active' | undefined> {
  const { rows } = await executeSql(HASTEN, [queue, JSON.stringify(data)]);
  const [found] = rows as { state: string }[];
  return found && (found.state === 'active' ? 'active' : 'waiting');
}

/** Lets running jobs finish. */
export async function stopJobs(): Promise<void> {
  await boss?.stop({ graceful: true, timeout: 10_000 });
  boss = undefined;
}
