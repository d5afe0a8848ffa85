// The OpenID Provider: oidc-provider 9 with every choice that is ours, and nothing else. One issuer for all organizations.
// Code flow with PKCE (S256), refresh with rotation, client credentials; nothing implicit, no device flow.
import { createHash, timingSafeEqual } from 'node:crypto';
import Provider, { errors, type ClientMetadata, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { endSession } from '../credentials/end-sessions.ts';
import { queueLogouts } from '../signals/queue-logouts.ts';
import { decodeSubject } from '../users/subject.ts';
import { countActivity } from '../figures/count-activity.ts';
import { cookieName } from '../web/cookies.ts';
import { createAdapter } from './adapter.ts';
import { ACR_VALUES } from './assurance.ts';
import { accountFinder, CLAIMS_OF_SCOPE, tokenCustomizer } from './claims.ts';
import { loadFirstPartyGrant } from './first-party-grant.ts';
import { createInteractionPolicy } from './interaction-policy.ts';
import { sendPages, showPage } from './koa-pages.ts';
import {
  ANONYMOUS_SESSION_S,
  atLeastOne,
  CODE_S,
  epoch,
  ID_TOKEN_S,
  INTERACTION_S,
  refreshSeconds,
} from './lifetimes.ts';
import { forProvider } from './oidc-errors.ts';
import { issuerOf, type OidcSettings } from './oidc-settings.ts';
import { fetchOutside } from './outbound-fetch.ts';
import type { PublishedKeys } from './published-keys.ts';
import { resourceServers, SCOPES } from './resource-servers.ts';
import { DIRECTORY_SCOPES } from './scim-tokens.ts';
import { signOutPages } from './sign-out.ts';
import { serveStructuredTokens } from './structured-tokens.ts';

const ASYMMETRIC = ['RS256', 'ES256', 'PS256', 'Ed25519', 'EdDSA'] as const;
const { openid: OPENID_CLAIMS = [] } = CLAIMS_OF_SCOPE;
/** How surely the person was recognized stands in every ID token. */
const ID_TOKEN_CLAIMS = ['acr', 'amr', 'auth_time'];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createProvider(settings: OidcSettings, keys: PublishedKeys): Provider {
  const provider = new Provider(issuerOf(settings.publicUrl), configuration(settings, keys));
  // Host, scheme and address come from pin-request.ts, which writes these headers itself.
  provider.proxy = true;
  compareSecretsByHash(provider);
  endSessionsInOneAct(provider, settings);
  reportFaults(provider, settings);
  serveStructuredTokens(provider, settings, keys);
  provider.use(sendPages(settings.render) as Parameters<Provider['use']>[0]);
  return provider;
}

function configuration(settings: OidcSettings, keys: PublishedKeys): Configuration {
  const { tokens, publicUrl } = settings;
  const secure = publicUrl.protocol === 'https:';
  // Without a path here, each interaction's cookie has its own: two tabs that sign in do not end each other.
  const cookie = { httpOnly: true, sameSite: 'lax', secure, signed: false } as const;
  return {
    adapter: createAdapter,
    jwks: { keys: keys.keys.map((key) => key.privateJwk) },
    scopes: [...SCOPES, ...DIRECTORY_SCOPES],
    acrValues: [...ACR_VALUES],
    claims: { ...CLAIMS_OF_SCOPE, openid: [...OPENID_CLAIMS, ...ID_TOKEN_CLAIMS], sid: null, iss: null },
    findAccount: accountFinder(settings),
    loadExistingGrant: loadFirstPartyGrant,
    // `none` is the portal's: it shares the provider's session and needs no token (OAuth 2.0 Multiple Response Types).
    responseTypes: ['code', 'none'],
    // Required of every client; the method S256 is the only one the library knows.
    pkce: { required: () => true },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: {
      clientAuthSigningAlgValues: [...ASYMMETRIC],
      idTokenSigningAlgValues: ['RS256', 'ES256'],
      userinfoSigningAlgValues: ['RS256', 'ES256'],
      requestObjectSigningAlgValues: [...ASYMMETRIC],
    },
    cookies: {
      // Interaction cookies have a path of their own and therefore cannot be `__Host-`.
      names: {
        session: cookieName(publicUrl, 'session'),
        interaction: secure ? '__Secure-interaction' : 'interaction',
        resume: secure ? '__Secure-resume' : 'resume',
      },
      long: { ...cookie, path: '/' },
      short: cookie,
    },
    extraParams: {
      organization(_ctx: KoaContextWithOIDC, value: string | undefined) {
        if (value !== undefined && !UUID.test(value))
          throw new errors.InvalidRequest('organization must be the id of an organization');
      },
    },
    features: {
      devInteractions: { enabled: false },
      // Sender-constrained tokens come with a check of the proof at our own endpoints, not before.
      dPoP: { enabled: false },
      clientCredentials: { enabled: true },
      // Whoever comes by somebody else's opaque token learns nothing of it; access tokens are structured-tokens.ts's.
      introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      revocation: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, ...signOutPages(settings) },
      resourceIndicators: resourceServers(settings),
    },
    formats: { customizers: { jwt: tokenCustomizer(settings) } },
    interactions: {
      policy: createInteractionPolicy(settings),
      url: (_ctx, interaction) => `/sign-in/${interaction.uid}`,
    },
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: (_ctx, token) => !('scopes' in token && token.scopes.has('offline_access')),
    rotateRefreshToken: true,
    ttl: {
      AuthorizationCode: CODE_S,
      IdToken: ID_TOKEN_S,
      Interaction: INTERACTION_S,
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? tokens.access_token_seconds,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? tokens.access_token_seconds,
      Session: (_ctx, session) =>
        session.loginTs === undefined
          ? ANONYMOUS_SESSION_S
          : atLeastOne(session.loginTs + tokens.session_seconds - epoch()),
      Grant: (_ctx, grant) =>
        grant.getOIDCScope().includes('offline_access') ? tokens.offline_refresh_seconds : tokens.session_seconds,
      RefreshToken: (_ctx, { scopes, iiat }) => refreshSeconds(tokens, { offline: scopes.has('offline_access'), iiat }),
    },
    fetch: fetchOutside(settings),
    discovery: { claim_types_supported: ['normal', 'distributed'], ui_locales_supported: ['nl', 'fr', 'de', 'en'] },
    renderError: (ctx, _out, error) => {
      const { status } = ctx;
      const requestId = ctx.response.get('X-Request-Id');
      const homeHref = settings.site.links.home;
      if (status >= 500) {
        settings.log.error({ err: error }, 'request failed');
        const kind = status === 503 ? 'unavailable' : 'unexpected';
        return showPage(ctx, settings.render, 'error', { kind, requestId }, status);
      }
      if (error instanceof errors.SessionNotFound)
        return showPage(ctx, settings.render, 'sign-in/over', { kind: 'ended', goOnHref: homeHref }, status);
      const { error: code, error_description: description } = error as errors.OIDCProviderError;
      showPage(
        ctx,
        settings.render,
        'sign-in/request-refused',
        { error: code, description, homeHref, requestId },
        status,
      );
    },
  };
}

/** Of a secret only its SHA-256 is kept; both sides have 32 bytes, compared in constant time. */
function compareSecretsByHash(provider: Provider): void {
  const prototype = provider.Client.prototype as {
    compareClientSecret: (this: ClientMetadata & { clientSecret?: string }, given: string) => boolean;
  };
  prototype.compareClientSecret = function (given) {
    const expected = Buffer.from(this.clientSecret ?? '', 'base64url');
    const actual = createHash('sha256').update(given).digest();
    return expected.length === actual.length && timingSafeEqual(expected, actual);
  };
}

type SessionLike = { uid: string; accountId?: string; destroyed?: boolean; emit: (event: string) => void };
type Prototypes = {
  session: { destroy: (this: SessionLike) => Promise<void> };
  client: { backchannelLogout: (this: { clientId: string }, sub: string, sid?: string) => Promise<void> };
};

/**
 * The library ends a session step by step and posts logout tokens inside the request and once. Here its end, what hangs on
 * it and the jobs that tell the applications are one transaction.
 */
function endSessionsInOneAct(provider: Provider, { log }: OidcSettings): void {
  const session = provider.Session.prototype as unknown as Prototypes['session'];
  const client = provider.Client.prototype as unknown as Prototypes['client'];
  const destroyAnonymous = session.destroy;
  session.destroy = async function () {
    const owner = this.accountId === undefined ? undefined : decodeSubject(this.accountId);
    if (!owner) return destroyAnonymous.call(this);
    const { organizationId, userId } = owner;
    const actor = { kind: 'user', id: userId, organizationId, label: 'self' } as const;
    const requestId = String(Provider.ctx?.response.get('X-Request-Id') ?? '');
    const ctx = { organizationId, actor, requestId, now: new Date(), log };
    await forProvider(() => endSession(ctx, { organizationId, userId, uid: this.uid }, { keepOffline: true }));
    this.destroyed = true;
    this.emit('destroyed');
  };
  client.backchannelLogout = async function (sub, sid) {
    const owner = decodeSubject(sub);
    // Where the whole session ends, `destroy` tells this application with the others.
    if (!owner || Provider.ctx?.oidc.params?.['logout']) return;
    await queueLogouts(new Date(), [{ ...owner, clientId: this.clientId, sid: sid ?? null }]);
  };
}

function reportFaults(provider: Provider, { log }: OidcSettings): void {
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'the OpenID provider failed'));
  provider.on('grant.success', () => countActivity('token', log));
  provider.on('grant.error', (ctx, error) => {
    countActivity('token_refused', log);
    log.debug({ err: error, client: ctx.oidc.client?.clientId }, 'token request refused');
  });
}
