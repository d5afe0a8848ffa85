// An application's access token by the short way: the lifetime and the claims that resource-servers.ts and claims.ts give
// those of the provider.
import { randomBytes } from 'node:crypto';
import { applicationAudience } from '../clients/audience.ts';
import type { TokenRights } from '../entitlements/token-rights.ts';
import type { Subject } from '../users/subject.ts';
import { rightsClaims } from './claims.ts';
import { epoch } from './lifetimes.ts';
import type { OidcSettings } from './oidc-settings.ts';
import type { PublishedKeys } from './published-keys.ts';
import { admits } from './rights.ts';

export type Issuing = { readonly settings: OidcSettings; readonly keys: PublishedKeys; readonly now: Date };

type ForApplication = { readonly subject: Subject; readonly application: string };

/** Undefined: no token for this subject now; the provider says why. */
export async function admittedRights(
  { settings, now }: Issuing,
  { subject, application }: ForApplication,
): Promise<TokenRights | undefined> {
  const rights = await settings.rights({ ...subject, application, now });
  return rights && admits(settings, application, rights) && secondsOf(settings, rights) >= 1 ? rights : undefined;
}

/** Never beyond the first end date of an entitlement in it. */
function secondsOf({ tokens }: OidcSettings, { notAfter }: TokenRights): number {
  const longest = tokens.access_token_seconds;
  return notAfter === null ? longest : Math.min(longest, Math.floor((notAfter - Date.now()) / 1000));
}

/** @param own claims that only this kind of token has */
export function signAccessToken(
  { settings, keys }: Issuing,
  {
    application,
    subject,
    rights,
    sub,
    clientId,
  }: ForApplication & { rights: TokenRights; sub: string; clientId: string },
  own: Readonly<Record<string, unknown>> = {},
): { access_token: string; expires_in: number } {
  const seconds = secondsOf(settings, rights);
  const iat = epoch();
  const end = rights.notAfter === null ? Infinity : Math.floor(rights.notAfter / 1000);
  const claims = {
    jti: randomBytes(32).toString('base64url'),
    sub,
    iat,
    exp: Math.min(iat + seconds, end),
    client_id: clientId,
    aud: applicationAudience(settings.publicUrl, application),
    organization: subject.organizationId,
    ...rightsClaims(settings, rights),
    ...own,
  };
  return { access_token: keys.sign('ES256', claims, 'at+jwt'), expires_in: seconds };
}
