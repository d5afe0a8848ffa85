// Applications as resource servers (RFC 8707): an application's clients get its JWT without asking, a service user names
// one of its applications. How long the token lives is decided here, because the provider asks for it before it signs.
import { errors, type Client, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import { applicationAudience, applicationOfAudience } from '../clients/audience.ts';
import { findClient } from '../clients/find-client.ts';
import { forProvider } from './oidc-errors.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { grantedRights } from './rights.ts';

/** `scim:me`: the application may read the person's own record at /scim/v2/Me, as it reads userinfo. */
export const SCOPES = ['openid', 'profile', 'email', 'offline_access', 'scim:me'];

export function resourceServers(settings: OidcSettings) {
  return {
    enabled: true,
    useGrantedResource: () => true,

    async defaultResource(
      ctx: KoaContextWithOIDC,
      client: Client,
      oneOf?: readonly string[],
    ): Promise<string | string[]> {
      if (oneOf) return [...oneOf];
      const known = await forProvider(() => findClient(client.clientId));
      if (known?.application) return applicationAudience(settings.publicUrl, known.application);
      if (ctx.oidc.route === 'token' && known?.serviceUser)
        throw new errors.InvalidTarget('name the application by the parameter resource');
      // An own client of the hub: an opaque token for userinfo.
      return [];
    },

    async getResourceServerInfo(ctx: KoaContextWithOIDC, audience: string, client: Client): Promise<ResourceServer> {
      const application = applicationOfAudience(settings.publicUrl, audience);
      const known = await forProvider(() => findClient(client.clientId));
      const own = known?.application === application || (known?.application === null && known.serviceUser !== null);
      if (application === undefined || !settings.catalogue.has(application) || !own) throw new errors.InvalidTarget();
      return {
        scope: SCOPES.join(' '),
        audience,
        accessTokenFormat: 'jwt',
        accessTokenTTL: await lifetime(settings, ctx, audience),
        jwt: { sign: { alg: 'ES256' } },
      };
    },
  };
}

/** Seconds: never beyond the first end date of an entitlement in the token. */
async function lifetime(settings: OidcSettings, ctx: KoaContextWithOIDC, audience: string): Promise<number> {
  const longest = settings.tokens.access_token_seconds;
  if (ctx.oidc.route !== 'token') return longest;
  const { rights } = await grantedRights(settings, ctx, audience);
  if (rights.notAfter === null) return longest;
  const left = Math.floor((rights.notAfter - Date.now()) / 1000);
  if (left < 1) throw new errors.InvalidGrant('the rights end now');
  return Math.min(longest, left);
}
