// What tokens and userinfo say of a person (OIDC Core 5.1) and what an access token says of his rights (RFC 9068,
// RFC 9396 section 9.1). The scoped entitlements stand in the access token only, never in an ID token.
import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import { applicationAudience, scimAudience } from '../clients/audience.ts';
import { findClient } from '../clients/find-client.ts';
import { grantRef } from '../credentials/artefact-hash.ts';
import { findLiveUser, type LiveUser } from '../credentials/live-user.ts';
import type { TokenRights } from '../entitlements/token-rights.ts';
import { emailOf, nameOf } from '../users/user-row.ts';
import { recordApplicationUse } from '../users/record-use.ts';
import { decodeSubject, encodeSubject } from '../users/subject.ts';
import { forProvider } from './oidc-errors.ts';
import { ENTITLEMENTS_PATH, type OidcSettings } from './oidc-settings.ts';
import { memory } from './request-memory.ts';
import { applicationOf, grantedRights, rightsOf } from './rights.ts';

type Claims = Record<string, unknown>;

/** Claims by scope; `organization` and `roles` come with `openid`. */
export const CLAIMS_OF_SCOPE: Readonly<Record<string, string[]>> = {
  openid: ['sub', 'organization', 'roles'],
  profile: ['name', 'given_name', 'family_name', 'preferred_username', 'locale'],
  email: ['email'],
};

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Everything that may be said; the scopes pick from it. */
export function personClaims(user: LiveUser, roles: readonly string[]): Claims & { sub: string } {
  const { document } = user;
  const name = (document['name'] ?? {}) as Record<string, unknown>;
  return {
    sub: encodeSubject(user.organizationId, user.userId),
    organization: user.organizationId,
    roles: [...roles],
    name: nameOf(document),
    given_name: text(name['givenName']),
    family_name: text(name['familyName']),
    preferred_username: String(document['userName']),
    locale: text(document['preferredLanguage']) ?? text(document['locale']),
    email: emailOf(document) ?? undefined,
  };
}

/** The part of a person's claims that the scopes open. */
export function claimsForScopes(claims: Claims, scopes: Iterable<string>): Claims {
  const open = new Set([...scopes].flatMap((scope) => CLAIMS_OF_SCOPE[scope] ?? []));
  return Object.fromEntries(Object.entries(claims).filter(([name, value]) => open.has(name) && value !== undefined));
}

/** oidc-provider's `findAccount`: undefined for whoever is not active. */
export function accountFinder(settings: OidcSettings) {
  return async (ctx: KoaContextWithOIDC, sub: string) => {
    const subject = decodeSubject(sub);
    if (!subject) return undefined;
    const user =
      memory(ctx.req).users.get(sub) ?? (await forProvider(() => findLiveUser(subject.organizationId, subject.userId)));
    if (!user) return undefined;
    return {
      accountId: sub,
      claims: async () => {
        const application = ctx.oidc.client && (await applicationOf(ctx.oidc.client.clientId));
        const rights = application === undefined ? undefined : await rightsOf(settings, ctx, subject, application);
        return personClaims(user, rights?.roles ?? []);
      },
    };
  };
}

/** The largest `authorization_details` that travels inside a token, in bytes of UTF-8 JSON. */
const LARGEST_DETAILS = 4096;

/** By value, or too large: by reference (OIDC Core 5.6.2). */
function detailsClaims(settings: Pick<OidcSettings, 'publicUrl'>, details: readonly object[]): Claims {
  if (Buffer.byteLength(JSON.stringify(details)) <= LARGEST_DETAILS) return { authorization_details: details };
  return {
    _claim_names: { authorization_details: 'entitlements' },
    _claim_sources: { entitlements: { endpoint: new URL(ENTITLEMENTS_PATH, settings.publicUrl.origin).href } },
  };
}

/** What an access token says besides who and until when. A token of somebody without rights has no details at all. */
export function rightsClaims(settings: Pick<OidcSettings, 'publicUrl'>, rights: TokenRights): Claims {
  return {
    roles: rights.roles,
    ent_v: rights.entV,
    ...(rights.flat && { entitlements: rights.flat }),
    ...(rights.holdsAny && detailsClaims(settings, rights.authorizationDetails)),
  };
}

/** How surely, and when, the person was recognized (RFC 9068 section 2.2.1, RFC 9470 section 6); nothing for a service. */
function recognitionClaims({ oidc }: KoaContextWithOIDC): Claims {
  const { authorizationCode, refreshToken } = oidc as RecognizedBy;
  const source = authorizationCode ?? refreshToken;
  if (!source) return {};
  return { auth_time: source.authTime, acr: source.acr, amr: source.amr };
}

type Recognized = { readonly authTime?: number; readonly acr?: string; readonly amr?: string[] };
type RecognizedBy = { readonly authorizationCode?: Recognized; readonly refreshToken?: Recognized };
type Token = AccessToken | ClientCredentials;

/** oidc-provider's `formats.customizers.jwt`: the one place from which `authorization_details` reaches a token. */
export function tokenCustomizer(settings: OidcSettings) {
  return async (ctx: KoaContextWithOIDC, token: Token, jwt: { payload: Claims }): Promise<void> => {
    if (token.aud === scimAudience(settings.publicUrl)) return scimClaims(settings, ctx, token, jwt);
    const { rights, subject, application } = await grantedRights(settings, ctx, String(token.aud));
    const grantId = 'grantId' in token ? token.grantId : undefined;
    Object.assign(jwt.payload, {
      organization: subject.organizationId,
      ...rightsClaims(settings, rights),
      ...recognitionClaims(ctx),
      // Lets introspection and revocation find what the token hangs on; it opens nothing.
      ...(grantId !== undefined && { gid: grantRef(grantId) }),
    });
    if (rights.notAfter !== null)
      jwt.payload['exp'] = Math.min(Number(jwt.payload['exp']), Math.floor(rights.notAfter / 1000));
    await forProvider(() => recordApplicationUse({ ...subject, application, now: memory(ctx.req).startedAt }));
  };
}

/** A token for SCIM says whose it is and nothing of rights; a person gets one as long as the application lets him in. */
async function scimClaims(
  settings: OidcSettings,
  ctx: KoaContextWithOIDC,
  token: Token,
  { payload }: { payload: Claims },
): Promise<void> {
  const known = await forProvider(() => findClient(String(token.clientId)));
  if (known?.connection) return void Object.assign(payload, { organization: known.connection.organizationId });
  const audience = applicationAudience(settings.publicUrl, String(known?.application));
  const { subject } = await grantedRights(settings, ctx, audience);
  const grantId = 'grantId' in token ? token.grantId : undefined;
  Object.assign(payload, {
    organization: subject.organizationId,
    ...recognitionClaims(ctx),
    ...(grantId !== undefined && { gid: grantRef(grantId) }),
  });
}
