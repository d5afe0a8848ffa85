// A refresh by the short way and by the provider: whoever answers, the answer is the same. A DPoP header, which the provider
// ignores while it is switched off, is what makes a request take the long way.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, createRemoteJWKSet, jwtVerify } from 'jose';
import express from 'express';
import * as client from 'openid-client';
import { query } from '../../src/database/query.ts';
import { startLiveProvider } from '../../src/oidc/live-provider.ts';
import { quickToken, TOKEN_PATH } from '../../src/oidc/quick-token.ts';
import { NO_RIGHTS, signIn, SOME_RIGHTS, startHub, type TestHub, type TestUser } from './hub.ts';

type Known = { clientId: string; clientSecret: string };
type Answer = { status: number; headers: Record<string, string>; body: Record<string, unknown> };

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const LONG = { dpop: 'none' };
/** What may differ between two answers to the same question. */
const OWN = ['date', 'x-request-id', 'content-length'];

let hub: TestHub;
let web: Known;
let native: Known;
/** The short way with nothing behind it. */
let alone: Server;
const configs = new Map<Known, client.Configuration>();

beforeAll(async () => {
  hub = await startHub();
  web = await hub.register();
  native = await hub.register({
    kind: 'native',
    redirectUris: ['http://127.0.0.1/callback', 'https://app.example/callback'],
  });
  const app = express();
  app.post(TOKEN_PATH, quickToken(hub.settings, await startLiveProvider(hub.settings)));
  alone = createServer(app);
  await new Promise<void>((resolve) => alone.listen(0, resolve));
  for (const one of [web, native]) configs.set(one, await hub.relyingParty(one));
});
afterAll(async () => {
  alone.closeAllConnections();
  await new Promise((resolve) => alone.close(resolve));
  await hub.stop();
});

const aloneOrigin = () => `http://localhost:${(alone.address() as AddressInfo).port}`;

async function signedIn(by: Known = web, parameters: Record<string, string> = {}, rights = SOME_RIGHTS) {
  const user = await hub.addUser({ email: 'anke@example.com' });
  hub.hold(user.userId, rights);
  const tokens = await signIn(configs.get(by) as client.Configuration, hub.browser(), user, parameters);
  return { user, token: tokens.refresh_token ?? '' };
}

const basic = ({ clientId, clientSecret }: Known) => ({
  ...FORM,
  authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
});

async function post(body: string, headers: Record<string, string>, origin = hub.origin): Promise<Answer> {
  const answer = await fetch(`${origin}${TOKEN_PATH}`, { method: 'POST', headers, body });
  const said = Object.fromEntries([...answer.headers].filter(([name]) => !OWN.includes(name)));
  return { status: answer.status, headers: said, body: (await answer.json()) as Record<string, unknown> };
}

const body = (token: string, more = '') => `grant_type=refresh_token&refresh_token=${token}${more}`;

function read(token: unknown) {
  if (typeof token !== 'string') return undefined;
  const { jti, iat, exp, ...claims } = decodeJwt(token);
  return {
    header: decodeProtectedHeader(token),
    claims,
    hasId: jti !== undefined,
    lifetime: Number(exp) - Number(iat),
  };
}

/** Without what differs from token to token. */
function comparable({ status, headers, body: { access_token, id_token, refresh_token, ...rest } }: Answer) {
  return {
    status,
    headers,
    rest,
    refreshed: typeof refresh_token === 'string' && /^[\w-]{43}$/.test(refresh_token),
    access: read(access_token),
    id: read(id_token),
  };
}

/** The stored row of a refresh token's newest successor, without what differs from one to the next. */
async function stored(user: TestUser) {
  const [row] = await query<{ payload: Record<string, unknown>; more: Record<string, unknown> }>(
    `select payload - 'iat' - 'exp' - 'rotations' as payload,
       jsonb_build_object('client', client_id, 'grant', grant_id, 'owner', user_id, 'seconds', (payload ->> 'exp')::int - (payload ->> 'iat')::int,
         'row', round(extract(epoch from expires_at - issued_at))) as more
     from oidc_artefacts where model = 'RefreshToken' and user_id = $1 and consumed_at is null`,
    [user.userId],
  );
  return row;
}

const rows: [name: string, by: () => Known, parameters: Record<string, string>, rights: typeof SOME_RIGHTS][] = [
  ['of a web application', () => web, {}, SOME_RIGHTS],
  ['of a native application, which keeps no secret', () => native, {}, SOME_RIGHTS],
  ['with a nonce', () => web, { nonce: 'n-0S6_WzA2Mj' }, SOME_RIGHTS],
  ['that outlives its session', () => web, { scope: 'openid offline_access', prompt: 'consent' }, SOME_RIGHTS],
  ['of a name only', () => web, { scope: 'openid' }, SOME_RIGHTS],
  ['of rights that end within a minute', () => web, {}, { ...SOME_RIGHTS, notAfter: Date.now() + 60_000 }],
];

describe('a refresh token', () => {
  it.each(rows)('%s gives the same by the short way and by the long way', async (_name, by, parameters, rights) => {
    const { user, token } = await signedIn(by(), parameters, rights);
    const party = by();
    const headers = party.clientSecret === '' ? FORM : basic(party);
    const named = party.clientSecret === '' ? `&client_id=${party.clientId}` : '';
    const short = await post(body(token, named), headers);
    const afterShort = await stored(user);
    const long = await post(body(String(short.body['refresh_token']), named), { ...headers, ...LONG });
    const afterLong = await stored(user);
    expect(short.status).toBe(200);
    const [a, b] = [comparable(short), comparable(long)];
    expect(a.refreshed && b.refreshed).toBe(true);
    // A second may pass between the two.
    expect(Math.abs((a.access?.lifetime ?? 0) - (b.access?.lifetime ?? 0))).toBeLessThanOrEqual(1);
    expect(Math.abs(Number(a.rest['expires_in']) - Number(b.rest['expires_in']))).toBeLessThanOrEqual(1);
    const timeless = (one: typeof a) => ({
      ...one,
      rest: { ...one.rest, expires_in: 0 },
      access: { ...one.access, lifetime: 0 },
    });
    expect(timeless(a)).toEqual(timeless(b));
    expect((await post(body(String(long.body['refresh_token']), named), headers, aloneOrigin())).status).toBe(200);
    expect(afterShort?.payload).toEqual(afterLong?.payload);
    expect(Object.keys(afterShort?.more ?? {})).toEqual(Object.keys(afterLong?.more ?? {}));
  });

  it('used by two at once gives each an answer, as within the grace, and afterwards ends the family', async () => {
    const { user, token } = await signedIn();
    const both = await Promise.all([post(body(token), basic(web)), post(body(token), basic(web))]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    await query("update oidc_artefacts set consumed_at = consumed_at - interval '11 seconds' where user_id = $1", [
      user.userId,
    ]);
    expect(await post(body(token), basic(web))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const next = String(both[0].body['refresh_token']);
    expect(await post(body(next), basic(web))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('still works after a refusal', async () => {
    const { token } = await signedIn();
    const other = await hub.register({ application: 'distriplanner' });
    for (const [what, headers] of [
      [body(token), basic(other)],
      [body(token), basic({ ...web, clientSecret: 'wrong' })],
      [body(token, '&scope=profile%20scim:me'), basic(web)],
      [body(token, `&resource=${encodeURIComponent('https://elsewhere.example')}`), basic(web)],
      [`${body(token)}&refresh_token=${token}`, basic(web)],
    ] as const) {
      expect((await post(what, headers)).status).toBeGreaterThanOrEqual(400);
    }
    expect((await post(body(token), basic(web))).status).toBe(200);
  });

  it('gives nothing to somebody who holds nothing any more, and says so', async () => {
    const { user, token } = await signedIn();
    hub.hold(user.userId, NO_RIGHTS);
    const answer = await post(body(token), basic(web));
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('is verified by the published keys in either token', async () => {
    const { token } = await signedIn();
    const answer = await post(body(token), basic(web));
    const keys = createRemoteJWKSet(new URL(`${hub.issuer}/jwks`));
    const { payload: access } = await jwtVerify(String(answer.body['access_token']), keys, {
      audience: hub.audience,
      issuer: hub.issuer,
    });
    const { payload: id } = await jwtVerify(String(answer.body['id_token']), keys, {
      audience: web.clientId,
      issuer: hub.issuer,
    });
    expect(access.sub).toBe(id.sub);
    expect(id['email']).toBe('anke@example.com');
  });
});
