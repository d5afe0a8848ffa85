import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type * as client from 'openid-client';
import { rotateSigningKeys } from '../../src/credentials/signing-keys.ts';
import { query } from '../../src/database/query.ts';
import { NO_RIGHTS, signIn, SOME_RIGHTS, startHub, type TestHub, type TestUser } from './hub.ts';

const MANY = Array.from({ length: 60 }, (_, index) => ({
  type: 'entitlement',
  identifier: `0${index}`,
  privileges: ['creation', 'follow_up'],
  contracts: [`BPI/2024/${index}`, 'Ünïcode'],
}));

let hub: TestHub;
let config: client.Configuration;
let clientId: string;

beforeAll(async () => {
  hub = await startHub();
  const made = await hub.register();
  clientId = made.clientId;
  config = await hub.relyingParty(made);
});
afterAll(() => hub.stop());

async function tokenWith(rights: typeof SOME_RIGHTS): Promise<{ user: TestUser; token: string }> {
  const user = await hub.addUser();
  hub.hold(user.userId, rights);
  return { user, token: (await signIn(config, hub.browser(), user)).access_token };
}

const fetchMine = (token: string, headers: Record<string, string> = {}) =>
  fetch(`${hub.origin}/entitlements/me`, { headers: { authorization: `Bearer ${token}`, ...headers } });

describe('entitlements that are too large for a token', () => {
  it('are left out, and the token says where they are', async () => {
    const { token } = await tokenWith({ ...SOME_RIGHTS, authorizationDetails: MANY });
    const claims = decodeJwt(token);
    expect(claims).not.toHaveProperty('authorization_details');
    expect(claims['_claim_names']).toEqual({ authorization_details: 'entitlements' });
    expect(claims['_claim_sources']).toEqual({ entitlements: { endpoint: `${hub.origin}/entitlements/me` } });
  });

  it('travel inside up to 4,096 bytes', async () => {
    // Two bytes a letter: it is the bytes that count.
    const sized = (bytes: number) => {
      const room = bytes - JSON.stringify([{ identifier: '' }]).length;
      return {
        ...SOME_RIGHTS,
        authorizationDetails: [{ identifier: 'a'.repeat(room % 2) + 'é'.repeat(Math.floor(room / 2)) }],
      };
    };
    expect(decodeJwt((await tokenWith(sized(4096))).token)).toHaveProperty('authorization_details');
    const over = await tokenWith(sized(4097));
    expect(decodeJwt(over.token)).not.toHaveProperty('authorization_details');
  });

  it('are fetched with the very token, signed for the client', async () => {
    const { user, token } = await tokenWith({ ...SOME_RIGHTS, authorizationDetails: MANY });
    const res = await fetchMine(token);
    expect(res.headers.get('content-type')).toContain('application/jwt');
    const { payload } = await jwtVerify(await res.text(), createRemoteJWKSet(new URL(`${hub.issuer}/jwks`)), {
      issuer: hub.issuer,
      audience: clientId,
    });
    expect(payload).toMatchObject({ sub: user.sub, ent_v: SOME_RIGHTS.entV, authorization_details: MANY });
  });

  it('come as JSON on request, and not again while they are the same', async () => {
    const { user, token } = await tokenWith({ ...SOME_RIGHTS, authorizationDetails: MANY });
    const res = await fetchMine(token, { accept: 'application/json' });
    expect(((await res.json()) as { authorization_details: object }).authorization_details).toEqual(MANY);
    const etag = res.headers.get('etag') ?? '';
    expect(etag).toBe(`"${SOME_RIGHTS.entV}"`);
    expect((await fetchMine(token, { 'if-none-match': etag })).status).toBe(304);
    hub.hold(user.userId, { ...SOME_RIGHTS, entV: 'other' });
    expect((await fetchMine(token, { 'if-none-match': etag })).status).toBe(200);
  });

  it('are not given to a token whose user is gone, holds nothing, or to no token', async () => {
    const { user, token } = await tokenWith(SOME_RIGHTS);
    expect((await fetch(`${hub.origin}/entitlements/me`)).headers.get('www-authenticate')).toBe('Bearer');
    expect((await fetchMine(`${token}x`)).status).toBe(401);
    hub.hold(user.userId, NO_RIGHTS);
    expect((await fetchMine(token)).status).toBe(401);
    hub.hold(user.userId, SOME_RIGHTS);
    await query('update users set active = false where id = $1', [user.userId]);
    expect((await fetchMine(token)).status).toBe(401);
  });
});

describe('flat rights', () => {
  it('stand in the token where there are any', async () => {
    const { token } = await tokenWith({ ...SOME_RIGHTS, flat: ['order_entry'] });
    expect(decodeJwt(token)['entitlements']).toEqual(['order_entry']);
  });
});

describe('discovery', () => {
  const read = async (path: string) => (await (await fetch(`${hub.origin}${path}`)).json()) as Record<string, unknown>;

  it('answers the same at each of its addresses, whatever host the caller names', async () => {
    const usual = await read('/oidc/.well-known/openid-configuration');
    expect(usual).toMatchObject({
      issuer: hub.issuer,
      token_endpoint: `${hub.issuer}/token`,
      code_challenge_methods_supported: ['S256'],
    });
    expect(await read('/.well-known/oauth-authorization-server/oidc')).toEqual(usual);
    const misled = await fetch(`${hub.issuer}/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    expect(await misled.json()).toEqual(usual);
  });

  it('publishes public keys only, of both algorithms', async () => {
    const { keys } = (await read('/oidc/jwks')) as { keys: Record<string, unknown>[] };
    expect(keys.map((key) => key['alg']).sort()).toEqual(['ES256', 'RS256']);
    expect(keys.every((key) => !('d' in key) && !('p' in key))).toBe(true);
  });

  it('follows a rotation of the keys, and old tokens stay good', async () => {
    const { token } = await tokenWith(SOME_RIGHTS);
    await rotateSigningKeys(new Date(), { force: true });
    await query("update signing_keys set created_at = created_at - interval '2 days'");
    await rotateSigningKeys(new Date(), { force: true });
    const states = await query<{ state: string }>('select state from signing_keys order by state');
    expect(states.map(({ state }) => state)).toEqual(['active', 'active', 'next', 'next', 'retiring', 'retiring']);
    let published: unknown[] = [];
    while (published.length < 6) published = (await read('/oidc/jwks'))['keys'] as unknown[];
    expect((await fetchMine(token)).status).toBe(200);
    const { token: fresh } = await tokenWith(SOME_RIGHTS);
    expect((await fetchMine(fresh)).status).toBe(200);
  });

  it('refuses what a key signed that was destroyed while nobody asked, from the first request on', async () => {
    const { token } = await tokenWith(SOME_RIGHTS);
    await query('delete from signing_keys where kid = $1', [decodeProtectedHeader(token).kid]);
    await query("update signing_keys set state = 'active' where state = 'next' and algorithm = 'ES256'");
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
    const answers = await Promise.all([fetchMine(token), fetchMine(token)]);
    clock.mockRestore();
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
  });
});
