// OAuth clients: an application's web and native clients, and the clients of service users. Their fields have the names
// of OAuth 2.0 Dynamic Client Registration (RFC 7591).
import { z } from 'zod';
import { operations } from '../operation.ts';
import { id, pageOf, pageQuery, text } from '../shapes.ts';

const uri = text(2000);
const client = z
  .object({
    client_id: z.string(),
    client_name: z.string(),
    application: z.string().nullable(),
    service_user_id: z.string().nullable(),
    connection_id: z.string().nullable(),
    grant_types: z.array(z.string()),
    redirect_uris: z.array(z.string()),
    post_logout_redirect_uris: z.array(z.string()),
    backchannel_logout_uri: z.string().nullable(),
  })
  .meta({ id: 'Client' });

const created = z.object({
  client_id: z.string(),
  client_secret: z
    .string()
    .nullable()
    .meta({ description: 'Shown this once; null for a native client, which keeps no secret.' }),
});

const OWN = '/organizations/{organization}/clients';
const clientId = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{3,100}$/, 'must be 3 to 100 letters, digits and the signs . _ ~ -')
  .optional();

export const clientOperations = operations({
  'client.create': {
    noun: 'client',
    verb: 'create',
    method: 'post',
    path: '/clients',
    summary: "Registers an application's web or native client. The secret is shown this once.",
    needs: 'clients.write',
    body: z.strictObject({
      client_id: clientId,
      client_name: text(200),
      kind: z.enum(['web', 'native']),
      application: text(64).meta({ description: 'Key of the application whose rights its tokens carry.' }),
      redirect_uris: z.array(uri).min(1).max(50),
      post_logout_redirect_uris: z.array(uri).max(50).optional(),
      backchannel_logout_uri: uri.optional(),
    }),
    answer: created,
    status: 201,
    refusals: ['uniqueness', 'unknown_application'],
    example:
      '--client-name "e-MassPost" --kind web --application emasspost --redirect-uris https://emasspost.example/callback',
  },
  'client.list': {
    noun: 'client',
    verb: 'list',
    method: 'get',
    path: '/clients',
    summary: 'Lists all clients that have not ended, by id; secrets are never answered.',
    needs: 'clients.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(client),
    example: '',
  },
  'client.get': {
    noun: 'client',
    verb: 'get',
    method: 'get',
    path: '/clients/{client}',
    summary: 'Reads a client; its secret is never answered.',
    needs: 'clients.read',
    answer: client,
    example: 'Zk3vT0qXn1bR7yQa',
  },
  'client.change': {
    noun: 'client',
    verb: 'change',
    method: 'put',
    path: '/clients/{client}/addresses',
    summary: 'Replaces the addresses to which a web or native client may be sent back.',
    needs: 'clients.write',
    body: z.strictObject({
      redirect_uris: z.array(uri).min(1).max(50),
      post_logout_redirect_uris: z.array(uri).max(50),
      backchannel_logout_uri: uri.optional().meta({ description: 'Where it hears of sign-outs; absent: as it was.' }),
    }),
    answer: client,
    example:
      'Zk3vT0qXn1bR7yQa --redirect-uris https://emasspost.example/callback --post-logout-redirect-uris https://emasspost.example/',
  },
  'client.end': {
    noun: 'client',
    verb: 'end',
    method: 'delete',
    path: '/clients/{client}',
    summary: 'Ends a client for good: every door refuses it from then on.',
    needs: 'clients.end',
    example: 'Zk3vT0qXn1bR7yQa',
  },
  'service-client.create': {
    noun: 'service-client',
    verb: 'create',
    method: 'post',
    path: OWN,
    summary: 'Registers the client of a service user, for the client credentials grant. The secret is shown this once.',
    needs: 'users.write',
    body: z.strictObject({ client_id: clientId, client_name: text(200), application: text(64), service_user_id: id }),
    answer: created,
    status: 201,
    refusals: ['uniqueness', 'unknown_application'],
    example:
      '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 --client-name "Night run" --application emasspost --service-user-id 019391c3-7f90-7b15-a2de-8e3f4a5b6c75',
  },
  'service-client.list': {
    noun: 'service-client',
    verb: 'list',
    method: 'get',
    path: OWN,
    summary: "Lists the clients of an organization's service users, by id.",
    needs: 'clients.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(client),
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10',
  },
  'service-client.get': {
    noun: 'service-client',
    verb: 'get',
    method: 'get',
    path: `${OWN}/{client}`,
    summary: "Reads the client of an organization's service user.",
    needs: 'clients.read',
    answer: client,
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 Zk3vT0qXn1bR7yQa',
  },
  'service-client.end': {
    noun: 'service-client',
    verb: 'end',
    method: 'delete',
    path: `${OWN}/{client}`,
    summary: "Ends the client of an organization's service user.",
    needs: 'users.deactivate',
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 Zk3vT0qXn1bR7yQa',
  },
});
