// What was mailed and what became of it.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { instant, pageQuery } from '../shapes.ts';

const ORGANIZATION = '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const ORG = '/organizations/{organization}';

export const mailOperations = operations({
  'mail.list': {
    noun: 'mail',
    verb: 'list',
    method: 'get',
    path: '/mails',
    summary: 'Lists what was mailed and what became of it, the newest first; never what a mail said.',
    needs: 'mails.read',
    query: z.strictObject({
      state: z.enum(['queued', 'sent', 'failed', 'bounced', 'kept']).optional(),
      before: z.string().max(80).optional().meta({ description: 'The `next` of the page before.' }),
      limit: pageQuery.limit,
    }),
    answer: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          organizationId: z.string(),
          organization: z.string(),
          kind: z.string(),
          recipient: z.string().nullable(),
          state: z.enum(['queued', 'sent', 'failed', 'bounced', 'kept']),
          attempts: z.int(),
          lastError: z.string().nullable(),
          createdAt: instant,
          sentAt: instant.nullable(),
        }),
      ),
      next: z.string().nullable(),
    }),
    columns: ['id', 'organization', 'kind', 'recipient', 'state', 'lastError', 'createdAt'],
    example: '--state failed',
  },
  'mail.retry': {
    noun: 'mail',
    verb: 'retry',
    method: 'post',
    path: `${ORG}/mails/{mail}/retry`,
    summary: 'Tries at once a mail that waits for its next attempt.',
    needs: 'mails.write',
    refusals: ['conflict'],
    example: `--organization ${ORGANIZATION} 019391c2-9c02-7b3d-a1e6-5f0c9b8d7e32`,
  },
});
