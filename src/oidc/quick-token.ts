// The short way to a service's token: a client that proves itself by its secret and asks for the token of one application
// (RFC 6749 section 4.4), nothing else. It only ever says yes. Whatever is asked in another way, is refused or goes wrong
// passes on, unread, to the provider, whose answer it then is; the same request gets the same token from either.
// Why: docs/decisions/0010-short-way-to-a-token.md.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { parse } from 'node:querystring';
import type { Request, RequestHandler, Response } from 'express';
import { applicationAudience, applicationOfAudience } from '../clients/audience.ts';
import { findClient, type Client } from '../clients/find-client.ts';
import { countActivity } from '../figures/count-activity.ts';
import { recordApplicationUse } from '../users/record-use.ts';
import { rightsClaims } from './claims.ts';
import type { LiveProvider } from './live-provider.ts';
import { MOUNT_PATH, type OidcSettings } from './oidc-settings.ts';
import { peekBody } from './peek-body.ts';
import { admits } from './rights.ts';

export const TOKEN_PATH = `${MOUNT_PATH}/token`;

const FORM = /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i;
const BASIC = /^basic ([A-Za-z0-9+/]+={0,2})$/i;
/** Ids and secrets as we make them. */
const PLAIN = /^[A-Za-z0-9._~-]+$/;
const LONGEST_BODY = 2048;
/** A browser's request, and ways of proving who one is that the provider knows and this does not. */
const OTHER_HEADERS = ['origin', 'dpop', 'oauth-client-attestation', 'oauth-client-attestation-pop'];
const SECRET_METHODS: readonly unknown[] = ['client_secret_basic', 'client_secret_post'];

type Asked = { readonly clientId: string; readonly secret: string; readonly resource: string | undefined };

export function quickToken(settings: OidcSettings, live: LiveProvider): RequestHandler {
  async function answer(req: Request): Promise<object | undefined> {
    const body = await peekBody(req, LONGEST_BODY);
    const asked = body && askedIn(body, req.headers.authorization);
    const client = asked && (await findClient(asked.clientId));
    if (!client || !isProven(client, asked.secret)) return undefined;
    return tokenFor(client, asked.resource);
  }

  async function tokenFor(client: Client, resource: string | undefined): Promise<object | undefined> {
    const { serviceUser: subject } = client;
    const application = applicationFor(settings, client, resource);
    if (application === undefined || !subject) return undefined;
    const now = new Date();
    const rights = await settings.rights({ ...subject, application, now });
    if (!rights || !admits(settings, application, rights)) return undefined;
    const longest = settings.tokens.access_token_seconds;
    const left = rights.notAfter === null ? longest : Math.floor((rights.notAfter - Date.now()) / 1000);
    if (left < 1) return undefined;
    const seconds = Math.min(longest, left);
    const iat = Math.floor(Date.now() / 1000);
    const end = rights.notAfter === null ? Infinity : Math.floor(rights.notAfter / 1000);
    const claims = {
      jti: randomBytes(32).toString('base64url'),
      sub: client.clientId,
      iat,
      exp: Math.min(iat + seconds, end),
      client_id: client.clientId,
      aud: applicationAudience(settings.publicUrl, application),
      organization: subject.organizationId,
      ...rightsClaims(settings, rights),
    };
    const token = live.keys().sign(claims, 'at+jwt');
    await recordApplicationUse({ ...subject, application, now });
    return { access_token: token, expires_in: seconds, token_type: 'Bearer' };
  }

  return (req, res, next) => {
    if (!isPlain(req)) return next();
    answer(req).then(
      (token) => {
        if (!token) return next();
        countActivity('token', settings.log);
        send(res, token);
      },
      // The provider meets the same fault and says it in the protocol's words.
      () => next(),
    );
  };
}

function isPlain(req: Request): boolean {
  return (
    req.originalUrl === TOKEN_PATH &&
    FORM.test(req.headers['content-type'] ?? '') &&
    OTHER_HEADERS.every((name) => req.headers[name] === undefined)
  );
}

/** Undefined where anything is missing, doubled, unknown or not plain. */
function askedIn(body: string, authorization: string | undefined): Asked | undefined {
  const { grant_type: grantType, client_id, client_secret, resource, ...others } = parse(body);
  if (grantType !== 'client_credentials' || Object.keys(others).length > 0) return undefined;
  if (Array.isArray(resource) || Array.isArray(client_id) || Array.isArray(client_secret) || resource === '')
    return undefined;
  const [clientId, secret] =
    authorization === undefined ? [client_id, client_secret] : basic(authorization, client_id, client_secret);
  if (clientId === undefined || secret === undefined || !PLAIN.test(clientId) || !PLAIN.test(secret)) return undefined;
  return { clientId, secret, resource };
}

/** RFC 6749 section 2.3.1. */
function basic(authorization: string, clientId: string | undefined, secret: string | undefined): string[] {
  const encoded = BASIC.exec(authorization)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0 || secret !== undefined) return [];
  const [named, given, ...more] = Buffer.from(encoded, 'base64').toString().split(':').map(formDecoded);
  if (named === undefined || given === undefined || more.length > 0) return [];
  return clientId === undefined || clientId === named ? [named, given] : [];
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return '';
  }
}

/** Of a secret only its SHA-256 is kept; both sides have 32 bytes, compared in constant time. */
function isProven({ metadata, secretHash }: Client, secret: string): boolean {
  const grants = metadata['grant_types'];
  if (!SECRET_METHODS.includes(metadata['token_endpoint_auth_method']) || !secretHash) return false;
  if (!Array.isArray(grants) || !grants.includes('client_credentials')) return false;
  if (metadata['client_secret_expires_at'] !== undefined) return false;
  const actual = createHash('sha256').update(secret).digest();
  return secretHash.length === actual.length && timingSafeEqual(secretHash, actual);
}

/** As resource-servers.ts decides it. */
function applicationFor(settings: OidcSettings, client: Client, resource: string | undefined): string | undefined {
  const { publicUrl, catalogue } = settings;
  const named = resource === undefined ? client.application : applicationOfAudience(publicUrl, resource);
  if (typeof named !== 'string' || !catalogue.has(named)) return undefined;
  return client.application === null || client.application === named ? named : undefined;
}

function send(res: Response, token: object): void {
  res.vary('Origin');
  res.set({
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'WWW-Authenticate',
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
  });
  res.end(JSON.stringify(token));
}
