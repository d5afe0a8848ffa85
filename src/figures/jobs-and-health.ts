// The job queues and the state of the hub, for the operator.
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { databaseAnswers } from '../database/health.ts';
import { listFailedJobs, listQueues, type FailedJob, type QueueState } from '../database/job-queues.ts';
import { retryJob } from '../database/jobs.ts';
import { queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { isId } from '../users/is-id.ts';

export type { FailedJob, QueueState };
const MOST_FAILED = 100;

/** Throws HubError `not_permitted` (operator only). */
export async function readQueues(ctx: Ctx): Promise<QueueState[]> {
  checkOperator(ctx);
  return listQueues();
}

/** The last that failed, of all queues or of one. Throws HubError `not_permitted` (operator only). */
export async function readFailedJobs(ctx: Ctx, queue?: string): Promise<FailedJob[]> {
  checkOperator(ctx);
  return listFailedJobs(MOST_FAILED, queue);
}

/** One that failed for good runs once more. Throws HubError `not_permitted` (operator only), `not_found`. */
export function retryFailedJob(ctx: Ctx, queue: string, id: string): Promise<void> {
  checkOperator(ctx);
  return transaction(async () => {
    if (!isId(id) || !(await retryJob(queue, id))) throw new HubError('not_found', 'There is no such failed job.');
    await recordAudit(ctx, {
      action: 'job.retried',
      targetKind: 'job',
      targetId: id,
      organizationId: OPERATOR_ORGANIZATION_ID,
      after: { name: queue },
    });
  });
}

type Health = {
  readonly database: boolean;
  readonly databaseVersion: string;
  readonly databaseBytes: number;
  readonly lastMigration: string | null;
  readonly node: string;
  /** Of this process. */
  readonly startedAt: Date;
  readonly memoryBytes: number;
};

/** Throws HubError `not_permitted` (operator only). */
export async function readHealth(ctx: Ctx): Promise<Health> {
  checkOperator(ctx);
  const [database, row] = await Promise.all([
    databaseAnswers(),
    queryOne<{ version: string; bytes: string; migration: string | null }>(
      `select current_setting('server_version') as version, pg_database_size(current_database())::text as bytes,
         (select max(name) from schema_migrations) as migration`,
    ),
  ]);
  return {
    database,
    databaseVersion: row?.version ?? '',
    databaseBytes: Number(row?.bytes ?? 0),
    lastMigration: row?.migration ?? null,
    node: process.versions.node,
    startedAt: new Date(Date.now() - process.uptime() * 1000),
    memoryBytes: process.memoryUsage.rss(),
  };
}
