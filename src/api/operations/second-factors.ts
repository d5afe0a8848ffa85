// A user's sessions and second factors, and requests to reset a lost one.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { instant } from '../shapes.ts';

const ORGANIZATION = '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const USER_EXAMPLE = `--organization ${ORGANIZATION} 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53`;
const USER = '/organizations/{organization}/users/{user}';
const session = z
  .object({
    uid: z.string().meta({ description: 'Names the session; opens nothing.' }),
    browser: z.string().nullable(),
    platform: z.string().nullable(),
    addressPrefix: z.string().nullable().meta({ description: 'The network, /24 or /48, of the sign-in.' }),
    startedAt: instant,
    usedAt: instant.meta({ description: 'Noted at most once a minute.' }),
    endsAt: instant.meta({ description: 'Unless it is used before.' }),
    clients: z.array(z.object({ clientId: z.string(), name: z.string(), application: z.string().nullable() })),
  })
  .meta({ id: 'Session' });
const factorReset = z
  .object({
    id: z.string(),
    userId: z.string(),
    userName: z.string(),
    name: z.string(),
    reason: z.string(),
    requestedAt: instant,
    expiresAt: instant,
  })
  .meta({ id: 'SecondFactorReset' });

export const secondFactorOperations = operations({
  'session.list': {
    noun: 'session',
    verb: 'list',
    method: 'get',
    path: `${USER}/sessions`,
    summary: "Lists a user's sessions that still open a door, the last used first.",
    needs: 'users.read',
    answer: z.object({ items: z.array(session) }),
    columns: ['uid', 'browser', 'platform', 'addressPrefix', 'startedAt', 'usedAt'],
    example: USER_EXAMPLE,
  },
  'session.end-all': {
    noun: 'session',
    verb: 'end-all',
    method: 'post',
    path: `${USER}/sessions/end`,
    summary: "Ends all of a user's sessions and tokens; applications are told, and he is by mail.",
    needs: 'users.deactivate',
    example: USER_EXAMPLE,
  },
  'second-factor.list': {
    noun: 'second-factor',
    verb: 'list',
    method: 'get',
    path: `${USER}/second-factors`,
    summary: "Lists an active user's second factors.",
    needs: 'users.read',
    answer: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          kind: z.enum(['totp', 'passkey']),
          name: z.string(),
          backedUp: z.boolean(),
          createdAt: instant,
          lastUsedAt: instant.nullable(),
        }),
      ),
      recoveryCodes: z.int().meta({ description: 'Unused ones.' }),
      required: z.boolean(),
    }),
    columns: ['id', 'kind', 'name', 'createdAt', 'lastUsedAt'],
    example: USER_EXAMPLE,
  },
  'second-factor.reset': {
    noun: 'second-factor',
    verb: 'reset',
    method: 'post',
    path: `${USER}/second-factors/reset`,
    summary: "Takes all of a user's second factors away and ends his sessions.",
    needs: 'users.write',
    example: USER_EXAMPLE,
  },
  'factor-reset.list': {
    noun: 'factor-reset',
    verb: 'list',
    method: 'get',
    path: '/organizations/{organization}/factor-resets',
    summary: 'Lists who lost his second factor and asks for a new one, the oldest first.',
    needs: 'users.read',
    answer: z.object({ items: z.array(factorReset) }),
    columns: ['id', 'userName', 'name', 'reason', 'requestedAt', 'expiresAt'],
    example: `--organization ${ORGANIZATION}`,
  },
  'factor-reset.approve': {
    noun: 'factor-reset',
    verb: 'approve',
    method: 'post',
    path: '/organizations/{organization}/factor-resets/{request}/approve',
    summary: "Approves a request: all of the person's second factors go, and his sessions end.",
    needs: 'users.write',
    example: `--organization ${ORGANIZATION} 019391c3-1d47-7f60-b8a9-6e1d2c3b4a54`,
  },
  'factor-reset.deny': {
    noun: 'factor-reset',
    verb: 'deny',
    method: 'post',
    path: '/organizations/{organization}/factor-resets/{request}/deny',
    summary: 'Denies a request.',
    needs: 'users.write',
    example: `--organization ${ORGANIZATION} 019391c3-1d47-7f60-b8a9-6e1d2c3b4a54`,
  },
});
