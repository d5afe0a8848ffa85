// What one of our access tokens is worth at this moment: signature, type, issuer and end (RFC 9068 section 4), and then the
// live state of user, organization, client and grant, with the rights as they are now.
import type { JWTPayload } from 'jose';
import { applicationOfAudience, scimAudience } from '../clients/audience.ts';
import { findClient, type Client } from '../clients/find-client.ts';
import { findTokenUser, type IssuedToken, type LiveUser } from '../credentials/live-user.ts';
import type { TokenRights } from '../entitlements/token-rights.ts';
import { decodeSubject, type Subject } from '../users/subject.ts';
import type { OidcSettings } from './oidc-settings.ts';
import type { PublishedKeys } from './published-keys.ts';

export type ReadToken = {
  readonly claims: JWTPayload & {
    readonly aud: string;
    readonly sub: string;
    readonly exp: number;
    readonly iat: number;
  };
  readonly clientId: string;
  /** Undefined: it is for SCIM. */
  readonly application: string | undefined;
  readonly jti: string;
  /** Grant that it hangs on (grantRef); none for client credentials. */
  readonly grant: string | undefined;
  /** Undefined: it stands for a directory, which is no user. */
  readonly issued: IssuedToken | undefined;
};

export const looksLikeJwt = (token: unknown): token is string =>
  typeof token === 'string' && token.split('.').length === 3;

/** Undefined for what is no access token of ours, or has ended. Says nothing of the live state. */
export async function readAccessToken(
  settings: OidcSettings,
  keys: PublishedKeys,
  token: string,
): Promise<ReadToken | undefined> {
  const claims = await keys.verifyAccessToken(token);
  if (!claims || typeof claims.aud !== 'string' || typeof claims['client_id'] !== 'string') return undefined;
  const application = applicationOfAudience(settings.publicUrl, claims.aud);
  const client = await findClient(claims['client_id']);
  const subject = client && subjectOfToken(claims, client);
  const forScim = claims.aud === scimAudience(settings.publicUrl);
  if (!client || (application === undefined && !forScim)) return undefined;
  if (!subject && !(forScim && client.connection)) return undefined;
  const gid = claims['gid'];
  const clientId = client.clientId;
  const grant = typeof gid === 'string' ? gid : undefined;
  const jti = String(claims.jti);
  return {
    claims: claims as ReadToken['claims'],
    clientId,
    application,
    jti,
    grant,
    issued: subject && { ...subject, clientId, grant, jti, issuedAt: Number(claims.iat) },
  };
}

/** A client that got the token for itself is its `sub` (RFC 9068 section 5): the rights are its service user's. */
function subjectOfToken(claims: JWTPayload, client: Client): Subject | undefined {
  if (claims.sub === client.clientId) return client.serviceUser ?? undefined;
  return typeof claims.sub === 'string' ? decodeSubject(claims.sub) : undefined;
}

export type LiveToken = ReadToken & {
  readonly application: string;
  readonly issued: IssuedToken;
  readonly user: LiveUser;
};

/** An application's token with its user; undefined when any of what it rests on is gone. */
export async function findLiveToken(
  settings: OidcSettings,
  keys: PublishedKeys,
  token: string,
): Promise<LiveToken | undefined> {
  const read = await readAccessToken(settings, keys, token);
  if (read?.application === undefined || !read.issued) return undefined;
  const user = await findTokenUser(read.issued, new Date());
  return user && { ...read, application: read.application, issued: read.issued, user };
}

export function rightsNow(
  settings: OidcSettings,
  { issued, application }: LiveToken,
): Promise<TokenRights | undefined> {
  return settings.rights({
    organizationId: issued.organizationId,
    userId: issued.userId,
    application,
    now: new Date(),
  });
}
