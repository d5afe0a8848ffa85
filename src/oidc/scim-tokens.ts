// Access tokens for /scim/v2 (RFC 8707, audience PUBLIC_URL/scim/v2). A directory's client gets one by client credentials,
// with scim:read and scim:write; an application's client gets one with scim:me for the person who signed in, who may
// read his own record with it. Neither says anything of rights, and no other token opens that door.
import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import { scimAudience } from '../clients/audience.ts';
import type { Client } from '../clients/find-client.ts';
import { findTokenUser } from '../credentials/live-user.ts';
import { authenticateClient, type ClientToken } from '../provisioning/authenticate.ts';
import { isConnectionLive } from '../provisioning/connection-client.ts';
import type { Subject } from '../users/subject.ts';
import { readAccessToken, type ReadToken } from './access-token.ts';
import { forProvider } from './oidc-errors.ts';
import type { OidcSettings } from './oidc-settings.ts';
import type { PublishedKeys } from './published-keys.ts';

export const ME_SCOPE = 'scim:me';
export const DIRECTORY_SCOPES = ['scim:read', 'scim:write'];

/** Throws `invalid_target` for a client that has no business there, and `invalid_client` for one whose connection is not live. */
export async function scimResourceServer(
  { publicUrl, tokens }: OidcSettings,
  ctx: KoaContextWithOIDC,
  client: Client,
  personTtl: () => Promise<number>,
): Promise<ResourceServer> {
  const common = {
    audience: scimAudience(publicUrl),
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  } as const;
  const { connection, metadata, application } = client;
  if (connection) {
    await liveConnection(connection);
    const { params } = ctx.oidc;
    // Directories seldom name a scope: then it is all that the client has (RFC 6749 section 3.3).
    if (params && params['scope'] === undefined) params['scope'] = String(metadata['scope'] ?? '');
    return { ...common, scope: DIRECTORY_SCOPES.join(' '), accessTokenTTL: tokens.access_token_seconds };
  }
  if (application === null || client.serviceUser) throw new errors.InvalidTarget();
  return { ...common, scope: ME_SCOPE, accessTokenTTL: await personTtl() };
}

async function liveConnection({ organizationId, connectionId }: NonNullable<Client['connection']>): Promise<void> {
  const live = await forProvider(() => isConnectionLive(organizationId, connectionId));
  if (!live) throw new errors.InvalidClient('the connection is not active');
}

/** The token of a directory's client, once signature, type, issuer, audience and end are in order; the rest is SCIM's to ask. */
export async function directoryToken(
  settings: OidcSettings,
  keys: PublishedKeys,
  token: string,
): Promise<ClientToken | undefined> {
  const read = await readAccessToken(settings, keys, token);
  if (!read || read.claims.aud !== scimAudience(settings.publicUrl) || read.claims.sub !== read.clientId)
    return undefined;
  const named = String(read.claims['scope'] ?? '').split(' ');
  const scopes = (['read', 'write'] as const).filter((scope) => named.includes(`scim:${scope}`));
  return { clientId: read.clientId, jti: read.jti, scopes };
}

/** The live person who let an application read his record with this token; undefined for any other token. */
export async function personOf(
  settings: OidcSettings,
  keys: PublishedKeys,
  token: string,
): Promise<Subject | undefined> {
  const read = await readAccessToken(settings, keys, token);
  if (!read?.issued || read.claims.aud !== scimAudience(settings.publicUrl) || read.claims.sub === read.clientId)
    return undefined;
  if (
    !String(read.claims['scope'] ?? '')
      .split(' ')
      .includes(ME_SCOPE)
  )
    return undefined;
  return findTokenUser(read.issued, new Date());
}

/** A token for SCIM that would be taken at this moment. */
export async function findScimToken(
  settings: OidcSettings,
  keys: PublishedKeys,
  token: string,
): Promise<ReadToken | undefined> {
  const read = await readAccessToken(settings, keys, token);
  if (read?.claims.aud !== scimAudience(settings.publicUrl)) return undefined;
  const directory = await directoryToken(settings, keys, token);
  const live = directory ? await authenticateClient(directory) : await personOf(settings, keys, token);
  return live && read;
}
