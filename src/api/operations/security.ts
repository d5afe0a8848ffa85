// What guards the accounts of an organization: its policy and terms, its people's sessions and second factors, and the log
// of what applications were told when sessions ended.
import { z } from 'zod';
import { LANGUAGES } from '../../applications/application.ts';
import type { LogoutState } from '../../signals/list-logouts.ts';
import { operations } from '../operation.ts';
import { id, instant, pageOf, pageQuery, text } from '../shapes.ts';
import { chiefSettings } from './organizations.ts';

/** Complete by its type; the list itself stands beside statements that the command line must not load. */
const LOGOUT_STATES = { waiting: 'waiting', delivered: 'delivered', given_up: 'given_up' } as const satisfies {
  [State in LogoutState]: State;
};

const ORGANIZATION = '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const USER_EXAMPLE = `--organization ${ORGANIZATION} 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53`;
const USER = '/organizations/{organization}/users/{user}';
const rule = z.enum(['administrators', 'everyone']);

const policy = z
  .object({
    secondFactor: z.object({ rule, applications: z.record(z.string(), rule) }),
    deactivateOnly: z.boolean(),
    deactivateOnlyIn: z.record(z.string(), z.boolean()),
    username: z.enum(['free', 'email']),
    idleMinutesAdministrators: z.int(),
    idleMinutesUsers: z.int(),
    sessionHours: z.int(),
    passwordPolicy: z.enum(['standard', 'classic']),
    passwordHistory: z.int(),
    invitationReminderDays: z.int(),
    tellProvisionedDeactivation: z.boolean(),
  })
  .meta({ id: 'SecurityPolicy' });

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

const terms = z
  .object({ version: z.int(), texts: z.record(z.enum(LANGUAGES), z.string()), publishedAt: instant })
  .meta({ id: 'Terms' });

// Paragraphs are separated by empty lines, which `text` would refuse; the domain checks the lengths.
const longText = z
  .string()
  .min(1)
  .max(50_000)
  .refine((value) => value.isWellFormed() && !value.includes('\u0000'), 'must be text');

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

export const securityOperations = operations({
  'policy.get': {
    noun: 'policy',
    verb: 'get',
    method: 'get',
    path: '/organizations/{organization}/policy',
    summary: "Reads an organization's security policy: what its chief administrators may set themselves.",
    needs: 'organizations.read',
    answer: policy,
    example: `--organization ${ORGANIZATION}`,
  },
  'policy.change': {
    noun: 'policy',
    verb: 'change',
    method: 'patch',
    path: '/organizations/{organization}/policy',
    summary: 'Changes the security policy; what is absent stays.',
    needs: 'organizations.write',
    body: z
      .strictObject({
        secondFactor: z
          .strictObject({
            rule: rule.meta({ description: 'Who must give a second factor, beside administrators.' }),
            applications: z
              .record(text(64), rule.nullable())
              .meta({ description: "The same by application; null returns it to the organization's own rule." }),
          })
          .partial(),
        deactivateOnly: z.boolean(),
        deactivateOnlyIn: z.record(text(64), z.boolean().nullable()),
        username: z.enum(['free', 'email']),
        ...chiefSettings,
      })
      .partial(),
    answer: policy,
    refusals: ['unknown_application'],
    example: `--organization ${ORGANIZATION} --idle-minutes-users 60`,
  },
  'terms.get': {
    noun: 'terms',
    verb: 'get',
    method: 'get',
    path: '/organizations/{organization}/terms',
    summary: 'Reads the newest terms that people of an organization accept.',
    needs: 'organizations.read',
    answer: terms,
    example: `--organization ${ORGANIZATION}`,
  },
  'terms.publish': {
    noun: 'terms',
    verb: 'publish',
    method: 'post',
    path: '/organizations/{organization}/terms',
    summary: 'Publishes a new version of the terms, which everybody is asked to accept.',
    needs: 'organizations.write',
    body: z.strictObject({ texts: z.strictObject({ nl: longText, fr: longText, de: longText, en: longText }) }),
    answer: terms,
    status: 201,
    refusals: ['conflict'],
    example: `--organization ${ORGANIZATION} --input terms.json`,
  },
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
