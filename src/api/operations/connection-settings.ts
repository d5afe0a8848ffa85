// How a provisioning connection is served, what was asked of it lately, and its OAuth clients.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { instant, pageOf, pageQuery, text } from '../shapes.ts';

const CONNECTION = '/organizations/{organization}/connections/{connection}';
const EXAMPLE = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c5-1122-7334-8556-c03b4c5d6eb9';

const mapping = z
  .array(z.strictObject({ from: text(250), to: text(250) }))
  .max(20)
  .meta({ description: "A user's value that comes under `from` is taken for `to`: SCIM paths without filters." });

const settings = z
  .object({
    strict: z.boolean(),
    ifMatchRequired: z.boolean(),
    dryRun: z.boolean(),
    mapping: z.array(z.object({ from: z.string(), to: z.string() })),
  })
  .meta({ id: 'ConnectionSettings' });

const scopes = z
  .array(z.enum(['read', 'write']))
  .min(1)
  .max(2);

export const connectionSettingsOperations = operations({
  'connection-settings.get': {
    noun: 'connection-settings',
    verb: 'get',
    method: 'get',
    path: `${CONNECTION}/settings`,
    summary: 'Reads how a connection is served.',
    needs: 'provisioning.read',
    answer: settings,
    example: EXAMPLE,
  },
  'connection-settings.change': {
    noun: 'connection-settings',
    verb: 'change',
    method: 'patch',
    path: `${CONNECTION}/settings`,
    summary: 'Changes how a connection is served, within a second everywhere; what is absent stays.',
    needs: 'provisioning.write',
    body: z.strictObject({
      strict: z
        .boolean()
        .optional()
        .meta({ description: 'Refuses unknown attributes, unquoted filter values and text for true and false.' }),
      ifMatchRequired: z
        .boolean()
        .optional()
        .meta({ description: 'PUT, PATCH and DELETE of a resource must send If-Match.' }),
      dryRun: z
        .boolean()
        .optional()
        .meta({ description: 'Every change is carried out and undone: the answer says what would have happened.' }),
      mapping: mapping.optional(),
    }),
    answer: settings,
    example: `${EXAMPLE} --dry-run true --if-match-required true`,
  },
  'connection-request.list': {
    noun: 'connection-request',
    verb: 'list',
    method: 'get',
    path: `${CONNECTION}/requests`,
    summary: 'Lists the requests of the last 30 days, the newest first, also of a connection that has ended.',
    needs: 'provisioning.read',
    query: z.strictObject({
      failed: z.enum(['true', 'false']).optional().meta({ description: 'Only those that were refused or failed.' }),
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
      since: z.iso
        .datetime({ offset: true, error: 'must be a date and time as 2030-01-31T12:00:00Z' })
        .optional()
        .meta({ description: 'From this instant on.' }),
      ...pageQuery,
    }),
    answer: pageOf(
      z
        .object({
          id: z.string(),
          at: instant,
          method: z.string().meta({ description: 'Empty where `requests` counts several.' }),
          path: z.string(),
          status: z.int(),
          scimType: z.string().nullable(),
          why: z.string().nullable().meta({ description: 'The refusal in words.' }),
          durationMs: z.int(),
          body: z.string().nullable().meta({ description: 'Without secrets, shortened.' }),
          tokenId: z.string().nullable(),
          clientId: z.string().nullable(),
          requestId: z.string(),
          dryRun: z.boolean(),
          requests: z.int().meta({ description: 'More than one: successes that were counted together.' }),
        })
        .meta({ id: 'ConnectionRequest' }),
    ),
    columns: ['at', 'method', 'path', 'status', 'scimType', 'why'],
    example: `${EXAMPLE} --failed true --since 2030-01-31T00:00:00Z`,
  },
  'connection-client.create': {
    noun: 'connection-client',
    verb: 'create',
    method: 'post',
    path: `${CONNECTION}/clients`,
    summary:
      'Registers a client that gets tokens for /scim/v2 by client credentials. The secret is shown this once; at most two.',
    needs: 'provisioning.write',
    body: z.strictObject({ client_name: text(200), scopes: scopes.optional() }),
    answer: z.object({
      client_id: z.string(),
      client_secret: z.string(),
      token_endpoint: z.string(),
      scope: z.string(),
      baseUrl: z.string(),
    }),
    status: 201,
    refusals: ['too_many'],
    example: `${EXAMPLE} --client-name "Entra ID"`,
  },
  'connection-client.list': {
    noun: 'connection-client',
    verb: 'list',
    method: 'get',
    path: `${CONNECTION}/clients`,
    summary: 'Lists the clients of a connection that have not ended; their secrets are never answered.',
    needs: 'provisioning.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(
      z
        .object({ client_id: z.string(), client_name: z.string(), scopes: z.array(z.string()), createdAt: instant })
        .meta({ id: 'ConnectionClient' }),
    ),
    example: EXAMPLE,
  },
  'connection-client.end': {
    noun: 'connection-client',
    verb: 'end',
    method: 'delete',
    path: `${CONNECTION}/clients/{client}`,
    summary: 'Ends a client of a connection; its tokens open nothing from then on.',
    needs: 'provisioning.end',
    example: `${EXAMPLE} Zk3vT0qXn1bR7yQa`,
  },
});
