// What belongs to the hub as a whole: the catalogue of applications, the API's own tokens, and the audit.
import { z } from 'zod';
import { DIMENSIONS, FIXED_DIMENSIONS, LANGUAGES, MATRIX_CELLS } from '../../applications/application.ts';
import type { EventKind } from '../../audit/list-events.ts';
import type { ApiRole } from '../../organizations/api-token.ts';
import { operations } from '../operation.ts';
import { actor, id, instant, pageOf, pageQuery, text } from '../shapes.ts';

/** Complete by its type; the list itself stands beside statements that the command line must not load. */
const API_ROLES = {
  owner: 'owner',
  support: 'support',
  catalogue: 'catalogue',
  security: 'security',
  auditor: 'auditor',
} as const satisfies { [Role in ApiRole]: Role };

const labels = z.record(z.enum(LANGUAGES), z.string());
const value = z.object({
  key: z.string(),
  label: labels,
  means: labels.nullable(),
  retired: z.boolean(),
  placeholder: z.boolean(),
  requires: z.array(z.string()),
});

const application = z
  .object({
    key: z.string(),
    codes: z.array(z.string()),
    label: labels,
    description: labels.nullable(),
    dimensions: z.array(z.enum(DIMENSIONS)),
    minimum: z.partialRecord(z.enum(DIMENSIONS), z.int()),
    values: z.partialRecord(z.enum(FIXED_DIMENSIONS), z.array(value)),
    profiles: z.array(
      z.object({
        key: z.string(),
        label: labels,
        cells: z.partialRecord(z.enum(FIXED_DIMENSIONS), z.record(z.string(), z.enum(MATRIX_CELLS))),
      }),
    ),
    profilePrecedence: z.array(z.string()),
    onlyMasterContracts: z.boolean(),
    givesMandates: z.string().nullable(),
    flatRights: z.boolean(),
    admit: z.enum(['holders', 'everyone']),
    audience: z.string().meta({ description: '`aud` of its access tokens.' }),
  })
  .meta({ id: 'Application' });

const apiToken = {
  id: z.string(),
  name: z.string(),
  roles: z.array(z.enum(API_ROLES)),
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
};

/** Complete by its type, like the roles. */
const EVENT_KINDS = {
  sign_in: 'sign_in',
  users: 'users',
  passwords: 'passwords',
  rights: 'rights',
  administration: 'administration',
  groups: 'groups',
  mandates: 'mandates',
  directory: 'directory',
  organization: 'organization',
} as const satisfies { [Kind in EventKind]: Kind };

const auditEvent = z
  .object({
    id: z.string(),
    at: instant,
    actor,
    action: z.string().meta({ description: 'noun.verb in the past: user.created.' }),
    targetKind: z.string(),
    targetId: z.string(),
    targetName: z.string().nullable().meta({ description: 'What it is called now.' }),
    before: z.unknown(),
    after: z.unknown(),
    requestId: z.string(),
  })
  .meta({ id: 'AuditEvent' });

export const hubOperations = operations({
  'application.list': {
    noun: 'application',
    verb: 'list',
    method: 'get',
    path: '/applications',
    summary: 'Lists the applications of the catalogue in the order of the tiles.',
    needs: 'applications.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(application),
    columns: ['key', 'label', 'dimensions', 'audience'],
    example: '',
  },
  'application.get': {
    noun: 'application',
    verb: 'get',
    method: 'get',
    path: '/applications/{application}',
    summary: 'Reads an application with all values and profiles.',
    needs: 'applications.read',
    answer: application,
    example: 'emasspost',
  },
  'api-token.create': {
    noun: 'api-token',
    verb: 'create',
    method: 'post',
    path: '/api-tokens',
    summary: 'Makes a token for this API. It is shown this once.',
    needs: 'api_tokens.write',
    body: z.strictObject({
      name: text(200),
      roles: z.array(z.enum(API_ROLES)).min(1).max(5),
      expiresAt: instant.nullable().optional(),
    }),
    answer: z.object({ ...apiToken, token: z.string() }),
    status: 201,
    example: '--name "ticket system" --roles support --expires-at 2030-12-31T00:00:00Z',
  },
  'api-token.list': {
    noun: 'api-token',
    verb: 'list',
    method: 'get',
    path: '/api-tokens',
    summary: "Lists this API's tokens without their secrets, the oldest first.",
    needs: 'api_tokens.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(z.object(apiToken).meta({ id: 'ApiToken' })),
    example: '',
  },
  'api-token.revoke': {
    noun: 'api-token',
    verb: 'revoke',
    method: 'delete',
    path: '/api-tokens/{apiToken}',
    summary: "Revokes one of this API's tokens, within a second everywhere.",
    needs: 'api_tokens.revoke',
    example: '019391c6-5566-7778-b99a-e25d6e7f80db',
  },
  'audit-event.list': {
    noun: 'audit-event',
    verb: 'list',
    method: 'get',
    path: '/organizations/{organization}/audit-events',
    summary:
      "Lists what happened in an organization, the newest first; the operator's own acts stand in his organization.",
    needs: 'audit.read',
    query: z.strictObject({
      target: id
        .optional()
        .meta({ description: 'What was done to this user, group, connection, ..., and what the user did.' }),
      kind: z.enum(EVENT_KINDS).optional(),
      visit: id.optional().meta({ description: 'What a member of staff did in this support visit.' }),
      from: instant.optional(),
      until: instant.optional().meta({ description: 'Not included.' }),
      ...pageQuery,
    }),
    answer: pageOf(auditEvent),
    columns: ['at', 'actor', 'action', 'targetKind', 'targetName', 'targetId'],
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 --kind rights --from 2030-01-01T00:00:00Z --limit 50',
  },
});
