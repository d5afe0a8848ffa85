// Applications as resource servers (RFC 8707): an application's clients get its JWT without asking, a service user names
// one of its applications; SCIM is one more (scim-tokens.ts). How long the token lives is decided here, because the provider asks for it before it signs.
import { errors, type Client, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import { applicationAudience, applicationOfAudience, scimAudience } from '../clients/audience.ts';
import { findClient } from '../clients/find-client.ts';
import { forProvider } from './oidc-errors.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { grantedRights } from './rights.ts';
import { ME_SCOPE, scimResourceServer } from './scim-tokens.ts';

/** What an application may ask for. `scim:me`: to read the person's own record at /scim/v2/Me. */
export const SCOPES = ['openid', 'profile', 'email', 'offline_access', ME_SCOPE];

export function resourceServers(settings: OidcSettings) {
  return {
    enabled: true,
    useGrantedResource: () => true,

    async defaultResource(
      ctx: KoaContextWithOIDC,
      client: Client,
      oneOf?: readonly string[],
    ): Promise<string | string[]> {
      const known = await forProvider(() => findClient(client.clientId));
      const own = known?.application ? applicationAudience(settings.publicUrl, known.application) : undefined;
      if (oneOf) return own !== undefined && oneOf.includes(own) ? own : [...oneOf];
      if (own !== undefined) return own;
      if (known?.connection) return scimAudience(settings.publicUrl);
      if (ctx.oidc.route === 'token' && known?.serviceUser)
        throw new errors.InvalidTarget('name the application by the parameter resource');
      // An own client of the hub: an opaque token for userinfo.
      return [];
    },

    async getResourceServerInfo(ctx: KoaContextWithOIDC, audience: string, client: Client): Promise<ResourceServer> {
      const application = applicationOfAudience(settings.publicUrl, audience);
      const known = await forProvider(() => findClient(client.clientId));
      if (known && audience === scimAudience(settings.publicUrl)) {
        return scimResourceServer(settings, ctx, known, () =>
          lifetime(settings, ctx, applicationAudience(settings.publicUrl, String(known.application))),
        );
      }
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
