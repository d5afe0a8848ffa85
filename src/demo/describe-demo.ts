// What the demonstration tells whoever drives it: the contents of DATA_DIR/demo.json (shape: demo-file.ts).
import { applicationAudience } from '../clients/audience.ts';
import { query } from '../database/query.ts';
import type { DemoClientData, DemoData } from './demo-data.ts';
import type { DemoClient, DemoFile } from './demo-file.ts';
import { demoPassword, demoSecret, demoTotpSeed } from './demo-secrets.ts';
import { givesSecondFactor, hasPassword } from './seed-organization.ts';

const GRANT_TYPES = {
  web: ['authorization_code', 'refresh_token'],
  native: ['authorization_code', 'refresh_token'],
  service: ['client_credentials'],
};

export const clientUris = (uris: readonly string[] | undefined, exampleUrl: string): string[] =>
  (uris ?? []).map((uri) => uri.replace('{example}', exampleUrl));

const describeClient = (client: DemoClientData, publicUrl: URL, exampleUrl: string): DemoClient => ({
  application: client.application,
  audience: applicationAudience(publicUrl, client.application),
  client_id: client.client_id,
  ...(client.kind === 'native' ? {} : { client_secret: demoSecret(`client ${client.client_id}`) }),
  grant_types: GRANT_TYPES[client.kind],
  redirect_uris: clientUris(client.redirect_uris, exampleUrl),
});

export async function describeDemo(data: DemoData, publicUrl: URL, exampleUrl: string): Promise<DemoFile> {
  const rows = await query<{ id: string; name: string }>('select id, name from organizations');
  const ids = new Map(rows.map((row) => [row.name, row.id]));
  return {
    issuer: `${publicUrl.origin}/oidc`,
    scim: data.organizations.flatMap((organization) =>
      (organization.connections ?? []).map((connection) => ({
        organization: organization.name,
        baseUrl: `${publicUrl.origin}/scim/v2`,
        token: `${ids.get(organization.name) ?? ''}.${demoSecret(`scim ${organization.key} ${connection.name}`)}`,
      })),
    ),
    users: data.organizations.flatMap((organization) =>
      organization.users
        .filter((person) => hasPassword(person) && person.active !== false)
        .map((person) => ({
          organization: organization.name,
          userName: person.user_name,
          password: demoPassword(organization.key, person.user_name),
          kind: person.kind ?? 'user',
          ...(givesSecondFactor(person) ? { totp: demoTotpSeed(organization.key, person.user_name) } : {}),
        })),
    ),
    clients: data.clients.map((client) => describeClient(client, publicUrl, exampleUrl)),
    staff: data.staff.map(({ user_name: userName, roles }) => ({
      userName,
      password: demoPassword('operator', userName),
      totp: demoTotpSeed('operator', userName),
      roles,
    })),
    operator: {
      userName: data.operator.user_name,
      password: demoPassword('operator', data.operator.user_name),
      totp: demoTotpSeed('operator', data.operator.user_name),
      apiToken: `mandate_${demoSecret('api token')}`,
    },
    mailbox: `${publicUrl.origin}/demo/mailbox`,
  };
}
