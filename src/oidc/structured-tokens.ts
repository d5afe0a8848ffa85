// userinfo, introspection (RFC 7662) and revocation (RFC 7009) for our signed access tokens, which oidc-provider refuses there.
// It runs around the provider: the provider authenticates the client and reads the request, and where it then refuses a
// token because of its form, the answer is made here. Everything else stays the provider's.
import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { applicationAudience } from '../clients/audience.ts';
import { findClient } from '../clients/find-client.ts';
import { revokeToken } from '../credentials/live-user.ts';
import { findLiveToken, looksLikeJwt, readAccessToken, rightsNow, type LiveToken } from './access-token.ts';
import { claimsForScopes, personClaims, rightsClaims } from './claims.ts';
import { dropPage } from './koa-pages.ts';
import { forProvider } from './oidc-errors.ts';
import type { OidcSettings } from './oidc-settings.ts';
import type { PublishedKeys } from './published-keys.ts';
import { admits } from './rights.ts';
import { findScimToken } from './scim-tokens.ts';

const INACTIVE = { active: false };
/** Claims that introspection computes anew. */
const RIGHTS_CLAIMS = ['roles', 'ent_v', 'entitlements', 'authorization_details', '_claim_names', '_claim_sources'];

export function serveStructuredTokens(provider: Provider, settings: OidcSettings, keys: PublishedKeys): void {
  const refused = new WeakMap<object, Error>();
  const note = (ctx: KoaContextWithOIDC, error: Error) => void refused.set(ctx.req, error);
  provider.on('userinfo.error', note);
  provider.on('introspection.error', note);
  provider.on('revocation.error', note);

  provider.use(async (context, next) => {
    await next();
    const error = refused.get(context.req);
    if (!error) return;
    const ctx = context as KoaContextWithOIDC;
    const token = error instanceof errors.InvalidToken ? bearer(ctx) : ctx.oidc.params?.['token'];
    if (!looksLikeJwt(token)) return;
    if (ctx.oidc.route === 'userinfo' && error instanceof errors.InvalidToken) return userinfo(ctx, token);
    if (!(error instanceof errors.UnsupportedTokenType)) return undefined;
    if (ctx.oidc.route === 'introspection') return introspect(ctx, token);
    if (ctx.oidc.route === 'revocation') return revoke(ctx, token);
  });

  async function userinfo(ctx: KoaContextWithOIDC, token: string): Promise<void> {
    const live = await forProvider(() => findLiveToken(settings, keys, token));
    // Nothing of the answer changes for a token that is not alive: the provider has said 401 already.
    if (!live || live.claims.sub === live.clientId) return;
    const scopes = String(live.claims['scope'] ?? '').split(' ');
    if (!scopes.includes('openid')) {
      ctx.set('WWW-Authenticate', 'Bearer error="insufficient_scope", scope="openid"');
      return answer(ctx, { error: 'insufficient_scope', scope: 'openid' }, 403);
    }
    if (!originAllowed(ctx, (await findClient(live.clientId))?.metadata['redirect_uris'])) return;
    const rights = await forProvider(() => rightsNow(settings, live));
    ctx.remove('WWW-Authenticate');
    answer(ctx, claimsForScopes(personClaims(live.user, rights?.roles ?? []), scopes));
  }

  async function introspect(ctx: KoaContextWithOIDC, token: string): Promise<void> {
    const live = await forProvider(() => findLiveToken(settings, keys, token));
    if (!live) return introspectForScim(ctx, token);
    if (!(await mayIntrospect(ctx, live))) return answer(ctx, INACTIVE);
    const rights = await forProvider(() => rightsNow(settings, live));
    if (!rights || !admits(settings, live.application, rights)) return answer(ctx, INACTIVE);
    const fixed = Object.entries(live.claims).filter(([name]) => !RIGHTS_CLAIMS.includes(name));
    answer(ctx, {
      active: true,
      token_type: 'Bearer',
      ...Object.fromEntries(fixed),
      ...rightsClaims(settings, rights),
    });
  }

  /** A token for SCIM concerns its holder only. */
  async function introspectForScim(ctx: KoaContextWithOIDC, token: string): Promise<void> {
    const alive = await forProvider(() => findScimToken(settings, keys, token));
    if (!alive || alive.clientId !== ctx.oidc.client?.clientId) return answer(ctx, INACTIVE);
    answer(ctx, { active: true, token_type: 'Bearer', ...alive.claims });
  }

  /** The client that holds the token, and any confidential client of the application that the token is for. */
  async function mayIntrospect(ctx: KoaContextWithOIDC, live: LiveToken): Promise<boolean> {
    const { client } = ctx.oidc;
    if (!client) return false;
    if (client.clientId === live.clientId) return true;
    if (client.clientAuthMethod === 'none') return false;
    const application = (await forProvider(() => findClient(client.clientId)))?.application;
    return typeof application === 'string' && applicationAudience(settings.publicUrl, application) === live.claims.aud;
  }

  async function revoke(ctx: KoaContextWithOIDC, token: string): Promise<void> {
    const read = await forProvider(() => readAccessToken(settings, keys, token));
    // A token that is invalid is revoked as it should be (RFC 7009 section 2.2).
    if (!read) return answer(ctx, '');
    if (read.clientId !== ctx.oidc.client?.clientId) {
      return answer(
        ctx,
        { error: 'invalid_request', error_description: 'client is not authorized to revoke the presented token' },
        400,
      );
    }
    await forProvider(() => revokeToken(read, new Date(read.claims.exp * 1000)));
    answer(ctx, '');
  }
}

function bearer(ctx: KoaContextWithOIDC): string | undefined {
  try {
    return ctx.oidc.getAccessToken();
  } catch {
    return undefined;
  }
}

/** A browser may read the answer only from a page of the client's own (the provider has reflected the origin already). */
function originAllowed(ctx: KoaContextWithOIDC, redirectUris: unknown): boolean {
  const origin = ctx.get('Origin');
  if (
    origin === '' ||
    (Array.isArray(redirectUris) && redirectUris.some((uri) => URL.parse(String(uri))?.origin === origin))
  )
    return true;
  ctx.remove('Access-Control-Allow-Origin');
  return false;
}

function answer(ctx: KoaContextWithOIDC, body: object | string, status = 200): void {
  dropPage(ctx);
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  if (body !== '') ctx.type = 'json';
  ctx.body = body;
}
