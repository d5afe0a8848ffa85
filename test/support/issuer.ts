// A tiny OpenID provider for the tests of applications: discovery, keys, authorization with PKCE, token, entitlements endpoint.
// It lets everybody in as `person`; what its tokens say, and whether it refuses, is set by the test.
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';

export const CLIENT = { clientId: 'the-client', clientSecret: 'a secret+of/the client' };
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

export type Signing = { alg?: string; typ?: string | undefined; key?: CryptoKey | Uint8Array; kid?: string };

/** Claims as a test sets them; undefined takes one away. */
type Claims = Record<string, unknown>;

/** What the provider says and does; change it as the test needs. */
type Behavior = {
  person: { sub: string; sid: string; name: string };
  details: object[] | undefined;
  entV: string;
  /** Over the claims of every access token. */
  accessClaims: Claims;
  accessSigning: Signing;
  /** Of access tokens. */
  seconds: number;
  /** In the answer to the authorization request (RFC 9207); undefined: the issuer itself. */
  iss: string | undefined;
  nonce: string | undefined;
  /** Answer of the authorization or the token endpoint. */
  refuseSignIn: string | undefined;
  refuseRefresh: { status: number; error: string } | undefined;
  /** Over the claims of the entitlements endpoint. */
  entitlementClaims: Claims;
};

type Asked = { challenge: string | undefined; nonce: string; redirectUri: string };

export async function startIssuer(audience: string) {
  const es = await generateKeyPair('ES256', { extractable: true });
  const rs = await generateKeyPair('RS256', { extractable: true });
  const seen = { keys: 0, tokens: [] as string[], entitlements: [] as string[], challenges: 0 };
  const codes = new Map<string, Asked>();
  const refreshTokens = new Set<string>();
  const server = createServer((req, res) => {
    answer(req, res).catch((error: unknown) => res.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const issuer = `${origin}/oidc`;
  const behavior: Behavior = {
    person: { sub: 'p-1', sid: 's-1', name: 'Carla De Wit' },
    details: [],
    entV: 'v1',
    accessClaims: {},
    accessSigning: {},
    seconds: 300,
    iss: undefined,
    nonce: undefined,
    refuseSignIn: undefined,
    refuseRefresh: undefined,
    entitlementClaims: {},
  };
  const now = () => Math.floor(Date.now() / 1000);

  const sign = (claims: Claims, signing: Signing = {}): Promise<string> => {
    const { alg = 'ES256', kid = alg === 'RS256' ? 'rs' : 'es', typ } = signing;
    const key = signing.key ?? (alg === 'RS256' ? rs.privateKey : es.privateKey);
    return new SignJWT(claims).setProtectedHeader({ alg, kid, ...(typ === undefined ? {} : { typ }) }).sign(key);
  };
  const accessToken = (claims: Claims = {}, signing: Signing = {}): Promise<string> => {
    const common = { iss: issuer, aud: audience, sub: behavior.person.sub, client_id: CLIENT.clientId, jti: id() };
    const times = { iat: now(), exp: now() + behavior.seconds, ent_v: behavior.entV };
    const rights = behavior.details && { authorization_details: behavior.details };
    return sign(
      { ...common, ...times, ...rights, ...behavior.accessClaims, ...claims },
      { typ: 'at+jwt', ...behavior.accessSigning, ...signing },
    );
  };
  const logoutToken = (claims: Claims = {}, signing: Signing = {}): Promise<string> => {
    const common = { iss: issuer, aud: CLIENT.clientId, iat: now(), exp: now() + 120, jti: id() };
    const what = { sub: behavior.person.sub, events: { [LOGOUT_EVENT]: {} } };
    return sign({ ...common, ...what, ...claims }, { alg: 'RS256', typ: 'logout+jwt', ...signing });
  };
  /** The claim that refers to the entitlements endpoint instead of `authorization_details`. */
  const reference = (endpoint = `${origin}/entitlements/me`): Claims => ({
    authorization_details: undefined,
    _claim_names: { authorization_details: 'entitlements' },
    _claim_sources: { entitlements: { endpoint } },
  });

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', origin);
    const json = (body: object, status = 200) =>
      void res
        .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(JSON.stringify(body));
    if (url.pathname === '/oidc/.well-known/openid-configuration') return void json(metadata());
    if (url.pathname === '/oidc/jwks') {
      seen.keys++;
      return void json({
        keys: [await publicKey(es.publicKey, 'es', 'ES256'), await publicKey(rs.publicKey, 'rs', 'RS256')],
      });
    }
    if (url.pathname === '/oidc/auth') return void authorize(url, res);
    if (url.pathname === '/oidc/token') {
      const form = new URLSearchParams(await bodyOf(req));
      seen.tokens.push(form.get('grant_type') ?? '');
      if (!isClient(req.headers.authorization)) return void json({ error: 'invalid_client' }, 401);
      return void json(...(await exchange(form)));
    }
    if (url.pathname === '/entitlements/me') {
      seen.entitlements.push(`${req.headers.authorization} ${req.headers.accept}`);
      res.writeHead(200, { 'content-type': 'application/jwt' });
      return void res.end(await entitlements());
    }
    res.writeHead(404).end();
  }

  const metadata = () => ({
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    end_session_endpoint: `${issuer}/session/end`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  });

  function authorize(url: URL, res: ServerResponse): void {
    const asked = url.searchParams;
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('state', asked.get('state') ?? '');
    back.searchParams.set('iss', behavior.iss ?? issuer);
    const code = id();
    const challenge =
      asked.get('code_challenge_method') === 'S256' ? (asked.get('code_challenge') ?? undefined) : undefined;
    codes.set(code, { challenge, nonce: asked.get('nonce') ?? '', redirectUri: asked.get('redirect_uri') ?? '' });
    if (behavior.refuseSignIn === undefined) back.searchParams.set('code', code);
    else back.searchParams.set('error', behavior.refuseSignIn);
    res.writeHead(303, { location: back.href }).end();
  }

  async function exchange(form: URLSearchParams): Promise<[object, number]> {
    if (form.get('grant_type') === 'refresh_token') {
      const shown = form.get('refresh_token') ?? '';
      if (behavior.refuseRefresh) return [{ error: behavior.refuseRefresh.error }, behavior.refuseRefresh.status];
      if (!refreshTokens.delete(shown)) return [{ error: 'invalid_grant' }, 400];
      return [await tokens(undefined), 200];
    }
    const asked = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (asked === undefined || asked.challenge !== proof || asked.redirectUri !== form.get('redirect_uri')) {
      return [{ error: 'invalid_grant' }, 400];
    }
    seen.challenges++;
    return [await tokens(behavior.nonce ?? asked.nonce), 200];
  }

  async function tokens(nonce: string | undefined): Promise<object> {
    const { sub, sid, name } = behavior.person;
    const refresh_token = id();
    refreshTokens.add(refresh_token);
    const times = { iat: now(), exp: now() + 300 };
    const claims = {
      iss: issuer,
      aud: CLIENT.clientId,
      sub,
      sid,
      name,
      ...times,
      ...(nonce !== undefined && { nonce }),
    };
    return {
      token_type: 'Bearer',
      access_token: await accessToken(),
      expires_in: behavior.seconds,
      refresh_token,
      id_token: await sign(claims, { alg: 'RS256' }),
    };
  }

  const entitlements = () =>
    sign({
      iss: issuer,
      sub: behavior.person.sub,
      aud: CLIENT.clientId,
      iat: now(),
      exp: now() + 60,
      ent_v: behavior.entV,
      authorization_details: behavior.details ?? [],
      ...behavior.entitlementClaims,
    });

  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin, issuer, behavior, seen, sign, accessToken, logoutToken, reference, publicKey: es.publicKey, close };
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

// RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
function isClient(authorization: string | undefined): boolean {
  const parts = Buffer.from(authorization?.replace(/^Basic /, '') ?? '', 'base64')
    .toString()
    .split(':');
  const [clientId, clientSecret] = parts.map((part) => new URLSearchParams(`part=${part}`).get('part'));
  return clientId === CLIENT.clientId && clientSecret === CLIENT.clientSecret;
}
const id = () => randomBytes(12).toString('hex');

async function publicKey(key: CryptoKey, kid: string, alg: string) {
  return { ...(await exportJWK(key)), kid, alg, use: 'sig' };
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
