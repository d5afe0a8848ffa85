// The job queues and what failed in them; see ../operations/jobs.ts.
import { readFailedJobs, readQueues, retryFailedJob } from '../../figures/jobs-and-health.ts';
import type { Handlers } from '../operation.ts';
import type { jobOperations } from '../operations/jobs.ts';

export const jobHandlers: Handlers<typeof jobOperations> = {
  'job.queues': async (ctx) => ({ items: await readQueues(ctx) }),
  'job.failed': async (ctx, { query }) => ({ items: await readFailedJobs(ctx, query.queue) }),
  'job.retry': (ctx, { params, body }) => retryFailedJob(ctx, body.queue, params.job),
};
