// What the operator looks at first: health, what needs attention, directories' tokens that end soon.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { instant } from '../shapes.ts';

export const overviewOperations = operations({
  'hub.health': {
    noun: 'hub',
    verb: 'health',
    method: 'get',
    path: '/hub/health',
    summary: 'Reads the state of the database and of the process that answers.',
    needs: 'jobs.read',
    answer: z.object({
      database: z.boolean(),
      databaseVersion: z.string(),
      databaseBytes: z.number(),
      lastMigration: z.string().nullable(),
      node: z.string(),
      startedAt: instant,
      memoryBytes: z.number(),
    }),
    example: '',
  },
  'hub.overview': {
    noun: 'hub',
    verb: 'overview',
    method: 'get',
    path: '/hub/overview',
    summary: 'Tells what needs attention, and how busy the hub was.',
    needs: 'overview.read',
    query: z.strictObject({
      span: z.enum(['day', 'week', 'quarter']).optional().meta({ description: 'day without it.' }),
    }),
    answer: z.object({
      attention: z.object({
        withoutChief: z.int(),
        registrations: z.int(),
        requests: z.int().meta({ description: 'For access, that nobody in their organization can answer.' }),
        approvals: z.int(),
        mails: z.int(),
        tokens: z.int(),
        logouts: z.int(),
        queues: z.array(z.object({ queue: z.string(), jobs: z.int() })),
      }),
      activity: z.array(
        z.object({
          kind: z.string(),
          total: z.number(),
          points: z.array(z.object({ at: instant, count: z.number() })),
        }),
      ),
      directories: z.array(z.object({ id: z.string(), name: z.string(), requests: z.number(), failed: z.number() })),
    }),
    example: '--span week',
  },
  'provisioning-token.expiring': {
    noun: 'provisioning-token',
    verb: 'expiring',
    method: 'get',
    path: '/provisioning-tokens/expiring',
    summary: "Lists directories' tokens that end within so many days, of all organizations.",
    needs: 'provisioning.read',
    query: z.strictObject({
      days: z
        .string()
        .regex(/^[1-9]\d{0,2}$/, 'must be 1 to 999')
        .optional()
        .meta({ description: '30 without it.' }),
    }),
    answer: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          organizationId: z.string(),
          organization: z.string(),
          connection: z.string(),
          expiresAt: instant,
          lastUsedAt: instant.nullable(),
        }),
      ),
    }),
    example: '--days 60',
  },
});
