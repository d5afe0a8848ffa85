// The job queues as the operator sees them: how many jobs wait, run and failed, with the error of those that did, and
// another try. Reads the library's own tables (pg-boss, schema `jobs`); trying again is the library's.
import { query } from './query.ts';

export type QueueState = {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  /** Failed and waiting for another try. */
  readonly retrying: number;
  /** Failed for good. */
  readonly failed: number;
  /** By the clock, where it is. */
  readonly cron: string | null;
};

export type FailedJob = {
  readonly id: string;
  readonly queue: string;
  readonly state: 'retry' | 'failed';
  readonly attempts: number;
  readonly createdAt: Date;
  readonly failedAt: Date | null;
  /** When it comes again; null for one that failed for good. */
  readonly nextAt: Date | null;
  readonly error: string | null;
};

const OWN = "q.name not like '\\_\\_pgboss%'";

/** In the order of their names. What has been completed is not counted. */
export const listQueues = (): Promise<QueueState[]> =>
  query<QueueState>(
    `select q.name, s.cron, coalesce(j.waiting, 0) as waiting, coalesce(j.active, 0) as active, coalesce(j.retrying, 0) as retrying,
       coalesce(j.failed, 0) as failed
     from jobs.queue q left join (select distinct on (name) name, cron from jobs.schedule) s on s.name = q.name
     left join (
       select name, count(*) filter (where state = 'created')::int as waiting, count(*) filter (where state = 'active')::int as active,
         count(*) filter (where state = 'retry')::int as retrying, count(*) filter (where state = 'failed')::int as failed
       from jobs.job where state in ('created', 'active', 'retry', 'failed') group by name
     ) j on j.name = q.name where ${OWN} order by q.name`,
  );

const COLUMNS = `j.id, j.name as queue, j.state::text as state, j.retry_count as attempts, j.created_on as "createdAt",
  j.completed_on as "failedAt", case when j.state = 'retry' then j.start_after end as "nextAt",
  coalesce(j.output ->> 'message', j.output #>> '{value,message}', j.output::text) as error`;

/** The newest first; of all queues or of one. */
export const listFailedJobs = (limit: number, queue?: string): Promise<FailedJob[]> =>
  query<FailedJob>(
    `select ${COLUMNS} from jobs.job j where j.state in ('retry', 'failed') and ($2::text is null or j.name = $2)
     order by j.created_on desc, j.id desc limit $1`,
    [limit, queue ?? null],
  );

export type FailingQueue = { readonly queue: string; readonly jobs: number };

/** Queues with jobs that failed, and how many. Those that failed for good are as the library last counted them (each minute). */
export const failingQueues = (): Promise<FailingQueue[]> =>
  query<FailingQueue>(
    `select q.name as queue, q.failed_count + coalesce(r.jobs, 0) as jobs from jobs.queue q left join (
       select name, count(*)::int as jobs from jobs.job where state = 'retry' and not blocked group by name
     ) r on r.name = q.name where q.failed_count + coalesce(r.jobs, 0) > 0 and ${OWN} order by q.name`,
  );
