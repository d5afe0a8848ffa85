// Provisioning connections: the SCIM sources of an organization, their bearer tokens, and what they may hand on.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { id, instant, pageOf, pageQuery, text } from '../shapes.ts';

const product = z.enum(['entra', 'okta', 'other']);
const connection = z.object({ id: z.string(), name: z.string(), product }).meta({ id: 'Connection' });
const CONNECTIONS = '/organizations/{organization}/connections';
const EXAMPLE = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c5-1122-7334-8556-c03b4c5d6eb9';
const target = { kind: z.enum(['group', 'role']), targetId: id };

export const connectionOperations = operations({
  'connection.create': {
    noun: 'connection',
    verb: 'create',
    method: 'post',
    path: CONNECTIONS,
    summary: 'Makes a provisioning connection; it needs a token and may hand on no right yet.',
    needs: 'provisioning.write',
    body: z.strictObject({
      name: text(200),
      product: product.optional().meta({ description: 'Whose steps the set-up page shows; absent: other.' }),
    }),
    answer: connection,
    status: 201,
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 --name "Entra ID"',
  },
  'connection.list': {
    noun: 'connection',
    verb: 'list',
    method: 'get',
    path: CONNECTIONS,
    summary: 'Lists the provisioning connections of an organization that were not ended.',
    needs: 'provisioning.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(connection),
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10',
  },
  'connection.end': {
    noun: 'connection',
    verb: 'end',
    method: 'delete',
    path: `${CONNECTIONS}/{connection}`,
    summary: "Ends a connection and its tokens at once; its users and groups stay and become the organization's own.",
    needs: 'provisioning.end',
    example: EXAMPLE,
  },
  'connection-token.list': {
    noun: 'connection-token',
    verb: 'list',
    method: 'get',
    path: `${CONNECTIONS}/{connection}/tokens`,
    summary: 'Lists the bearer tokens of a connection, revoked ones too; their secrets are never answered.',
    needs: 'provisioning.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(
      z
        .object({
          id: z.string(),
          name: z.string(),
          scopes: z.array(z.string()),
          createdAt: instant,
          expiresAt: instant.nullable(),
          lastUsedAt: instant.nullable(),
          revokedAt: instant.nullable(),
        })
        .meta({ id: 'ConnectionToken' }),
    ),
    example: EXAMPLE,
  },
  'connection-token.create': {
    noun: 'connection-token',
    verb: 'create',
    method: 'post',
    path: `${CONNECTIONS}/{connection}/tokens`,
    summary: 'Issues a bearer token for /scim/v2. It is shown this once; at most two are live.',
    needs: 'provisioning.write',
    body: z.strictObject({
      name: text(200),
      scopes: z
        .array(z.enum(['read', 'write']))
        .min(1)
        .max(2)
        .optional(),
      expiresAt: instant.nullable().optional(),
    }),
    answer: z.object({ id: z.string(), token: z.string(), baseUrl: z.string(), expiresAt: instant.nullable() }),
    status: 201,
    refusals: ['too_many'],
    example: `${EXAMPLE} --name "token of 2030" --expires-at 2030-12-31T00:00:00Z`,
  },
  'connection-token.revoke': {
    noun: 'connection-token',
    verb: 'revoke',
    method: 'delete',
    path: `${CONNECTIONS}/{connection}/tokens/{connectionToken}`,
    summary: 'Revokes a bearer token, within a second everywhere.',
    needs: 'provisioning.end',
    example: `${EXAMPLE} 019391c5-3344-7556-a778-d14c5d6e7fca`,
  },
  'opening.list': {
    noun: 'opening',
    verb: 'list',
    method: 'get',
    path: `${CONNECTIONS}/{connection}/openings`,
    summary: 'Lists the groups and roles that a connection may hand on.',
    needs: 'provisioning.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(
      z
        .object({ kind: z.string(), targetId: z.string(), name: z.string(), openedBy: z.string(), openedAt: instant })
        .meta({ id: 'Opening' }),
    ),
    example: EXAMPLE,
  },
  'opening.open': {
    noun: 'opening',
    verb: 'open',
    method: 'put',
    path: `${CONNECTIONS}/{connection}/openings`,
    summary: 'Opens a group or role to a connection, so that the directory may hand on what it gives.',
    needs: 'rights.write',
    body: z.strictObject({
      ...target,
      administrationRights: z
        .boolean()
        .optional()
        .meta({ description: 'The separate tick for a group that carries administration rights.' }),
    }),
    answer: z.object({ opened: z.boolean().meta({ description: 'It was closed before.' }) }),
    refusals: ['group_not_opened', 'grantor_lacks_right', 'outlasts_ceiling'],
    example: `${EXAMPLE} --kind group --target-id 019391c3-5e88-7a04-91cd-7d2e3f4a5b64`,
  },
  'opening.close': {
    noun: 'opening',
    verb: 'close',
    method: 'delete',
    path: `${CONNECTIONS}/{connection}/openings/{target}`,
    summary: 'Closes a group or role to a connection; those who have it keep it.',
    needs: 'rights.write',
    example: `${EXAMPLE} 019391c3-5e88-7a04-91cd-7d2e3f4a5b64`,
  },
});
