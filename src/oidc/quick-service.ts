// The short way of client credentials (RFC 6749 section 4.4): the token of one application, for the client itself.
import { applicationOfAudience } from '../clients/audience.ts';
import type { Client } from '../clients/find-client.ts';
import { recordApplicationUse } from '../users/record-use.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { admittedRights, signAccessToken, type Issuing } from './quick-access-token.ts';
import type { Asked } from './quick-request.ts';

export async function serviceToken(issuing: Issuing, asked: Asked): Promise<object | undefined> {
  const { client, parameters } = asked;
  const { resource, ...others } = parameters;
  const { clientId, serviceUser: subject, secretHash } = client;
  const application = applicationFor(issuing.settings, client, resource);
  if (Object.keys(others).length > 0 || application === undefined || !subject || !secretHash) return undefined;
  const rights = await admittedRights(issuing, { subject, application });
  if (!rights) return undefined;
  const token = signAccessToken(issuing, { application, subject, rights, sub: clientId, clientId });
  await recordApplicationUse({ ...subject, application, now: issuing.now });
  return { ...token, token_type: 'Bearer' };
}

/** As resource-servers.ts decides it. */
function applicationFor(settings: OidcSettings, client: Client, resource: string | undefined): string | undefined {
  const { publicUrl, catalogue } = settings;
  const named = resource === undefined ? client.application : applicationOfAudience(publicUrl, resource);
  if (typeof named !== 'string' || !catalogue.has(named)) return undefined;
  return client.application === null || client.application === named ? named : undefined;
}
