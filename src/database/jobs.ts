// Work that happens outside a transaction: a job row is written in the transaction that causes it, and a worker
// of any process takes it up. pg-boss in the same database, on both engines.
import { PgBoss, type ConstructorOptions, type Job, type JobResult, type SendOptions } from 'pg-boss';
import type { Logger } from 'pino';
import { database } from './connect.ts';
import { ambientConnection } from './transaction.ts';

/** A queue's handler; a throw makes the job come again, later and later. `cron` runs it by the clock as well. */
export type JobHandler = { run: (data: Record<string, unknown>) => Promise<void>; cron?: string; retryLimit?: number };
export type JobHandlers = Readonly<Record<string, JobHandler>>;

const POLLING_S = 0.5;
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
  for (const [name, handler] of Object.entries(handlers)) {
    await boss.createQueue(name, {
      retryLimit: handler.retryLimit ?? 10,
      retryBackoff: true,
      retryDelay: 1,
      retryDelayMax: 3600,
    });
    const options = {
      pollingIntervalSeconds: POLLING_S,
      batchSize: BATCH,
      burstWhenBatchFull: true,
      perJobResults: true,
    } as const;
    await boss.work<Record<string, unknown>>(name, options, (jobs) =>
      Promise.all(jobs.map((job) => settle(job, handler, log))),
    );
    if (handler.cron) await boss.schedule(name, handler.cron);
  }
}

/** Queues a job in the ambient transaction, so that it exists exactly if the change does. */
export async function enqueue(queue: string, data: Record<string, unknown>, options: SendOptions = {}): Promise<void> {
  if (!boss) throw new Error('The job queue is not started');
  // The library would look for it on another connection, which on the embedded engine waits for this transaction.
  if (!queues.has(queue)) throw new Error(`Nobody handles the queue ${queue}`);
  await boss.send(queue, data, { ...options, db: { executeSql } });
}

/** Lets running jobs finish. */
export async function stopJobs(): Promise<void> {
  await boss?.stop({ graceful: true, timeout: 10_000 });
  boss = undefined;
}
