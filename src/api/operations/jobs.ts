// The job queues and what failed in them.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { instant, text } from '../shapes.ts';

export const jobOperations = operations({
  'job.queues': {
    noun: 'job',
    verb: 'queues',
    method: 'get',
    path: '/jobs/queues',
    summary: 'Lists the job queues with what waits, runs and failed in them.',
    needs: 'jobs.read',
    answer: z.object({
      items: z.array(
        z.object({
          name: z.string(),
          waiting: z.int(),
          active: z.int(),
          retrying: z.int(),
          failed: z.int(),
          cron: z.string().nullable(),
        }),
      ),
    }),
    example: '',
  },
  'job.failed': {
    noun: 'job',
    verb: 'failed',
    method: 'get',
    path: '/jobs/failed',
    summary: 'Lists the last jobs that failed, with their error.',
    needs: 'jobs.read',
    query: z.strictObject({ queue: text(100).optional() }),
    answer: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          queue: z.string(),
          state: z.enum(['retry', 'failed']),
          attempts: z.int(),
          createdAt: instant,
          failedAt: instant.nullable(),
          nextAt: instant.nullable(),
          error: z.string().nullable(),
        }),
      ),
    }),
    columns: ['id', 'queue', 'state', 'attempts', 'error', 'nextAt'],
    example: '--queue deliver-mail',
  },
  'job.retry': {
    noun: 'job',
    verb: 'retry',
    method: 'post',
    path: '/jobs/{job}/retry',
    summary: 'Lets a job that failed for good run once more.',
    needs: 'jobs.write',
    body: z.strictObject({ queue: text(100) }),
    example: '019391c2-9c02-7b3d-a1e6-5f0c9b8d7e32 --queue deliver-mail',
  },
});
