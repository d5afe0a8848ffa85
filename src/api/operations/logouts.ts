// The log of logouts that were sent to applications.
import { z } from 'zod';
import type { LogoutState } from '../../signals/list-logouts.ts';
import { operations } from '../operation.ts';
import { id, instant, pageOf, pageQuery, text } from '../shapes.ts';

/** Complete by its type; the list itself stands beside statements that the command line must not load. */
const LOGOUT_STATES = { waiting: 'waiting', delivered: 'delivered', given_up: 'given_up' } as const satisfies {
  [State in LogoutState]: State;
};

export const logoutOperations = operations({
  'logout.list': {
    noun: 'logout',
    verb: 'list',
    method: 'get',
    path: '/logouts',
    summary: 'Lists back-channel logouts: which application was told of which ended session, and how it went.',
    needs: 'clients.read',
    query: z.strictObject({
      state: z.enum(LOGOUT_STATES).optional().meta({ description: '`waiting` is tried again by itself.' }),
      client: text(100).optional().meta({ description: 'Client id.' }),
      of: id.optional().meta({ description: 'Only of this organization.' }),
      ...pageQuery,
    }),
    answer: pageOf(
      z
        .object({
          id: z.string(),
          organizationId: z.string(),
          userId: z.string(),
          clientId: z.string(),
          application: z.string().nullable(),
          sid: z.string().nullable(),
          state: z.enum(LOGOUT_STATES),
          attempts: z.int(),
          lastStatus: z.int().nullable(),
          lastError: z.string().nullable(),
          createdAt: instant,
          lastAttemptAt: instant.nullable(),
          settledAt: instant.nullable(),
        })
        .meta({ id: 'Logout' }),
    ),
    columns: ['id', 'createdAt', 'clientId', 'userId', 'state', 'attempts', 'lastStatus', 'lastError'],
    example: '--state waiting',
  },
  'logout.retry': {
    noun: 'logout',
    verb: 'retry',
    method: 'post',
    path: '/logouts/{logout}/retry',
    summary: 'Tries a back-channel logout that was given up again, from the start.',
    needs: 'clients.write',
    refusals: ['conflict'],
    example: '019391c3-1d47-7f60-b8a9-6e1d2c3b4a54',
  },
});
