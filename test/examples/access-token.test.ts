// Which access tokens the example's API takes (RFC 9068 section 4), and where it finds the rights of one.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { exportSPKI, generateKeyPair, UnsecuredJWT } from 'jose';
import { CLIENT } from '../support/issuer.ts';
import { AUDIENCE, carlas, element, startBoth } from './visitor.ts';

let both: Awaited<ReturnType<typeof startBoth>>;
beforeAll(async () => {
  both = await startBoth();
});
afterAll(() => both.close());
beforeEach(() => {
  Object.assign(both.issuer.behavior, {
    details: carlas(both.issuer),
    entV: 'v1',
    accessClaims: {},
    entitlementClaims: {},
  });
});

const LETTER = { customer_account: '0001234567', product: 'letter', billing_address: 'NM-SALES', items: 500 };
const call = async (token: string | undefined, body: object = LETTER) => {
  const answer = await fetch(`${both.example.url}/api/deposits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
};
const past = () => Math.floor(Date.now() / 1000) - 3600;

describe('the API', () => {
  it('takes a token of the hub for e-MassPost', async () => {
    const { status, body, headers } = await call(await both.issuer.accessToken());
    expect(status).toBe(201);
    expect(body).toMatchObject({ product: 'letter', billing_address: 'NM-SALES', items: 500, created_by: 'p-1' });
    expect(headers.get('location')).toBe(`/api/deposits/${String(body['id'])}`);
  });

  it('asks for a token where there is none', async () => {
    const { status, headers } = await call(undefined);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="e-masspost"');
  });

  const refused: [string, () => Promise<string> | string][] = [
    ['of another type', () => both.issuer.accessToken({}, { typ: 'JWT' })],
    ['without a type', () => both.issuer.accessToken({}, { typ: undefined })],
    [
      'that is an ID token',
      () => both.issuer.sign({ iss: both.issuer.issuer, aud: AUDIENCE, sub: 'p-1' }, { alg: 'RS256' }),
    ],
    ['of another issuer', () => both.issuer.accessToken({ iss: 'https://elsewhere.example' })],
    ['for another application', () => both.issuer.accessToken({ aud: 'https://portal.example/applications/pickup' })],
    ['that has expired', () => both.issuer.accessToken({ iat: past(), exp: past() + 300 })],
    ['that never expires', () => both.issuer.accessToken({ exp: undefined })],
    ['without a client', () => both.issuer.accessToken({ client_id: undefined })],
    ['signed by RS256, which access tokens never are', () => both.issuer.accessToken({}, { alg: 'RS256' })],
    [
      'signed by another key',
      async () => both.issuer.accessToken({}, { key: (await generateKeyPair('ES256')).privateKey }),
    ],
    [
      'signed by a key nobody published',
      async () => both.issuer.accessToken({}, { kid: 'other', key: (await generateKeyPair('ES256')).privateKey }),
    ],
    [
      'with the public key as an HS256 secret',
      async () =>
        both.issuer.accessToken(
          {},
          { alg: 'HS256', key: new TextEncoder().encode(await exportSPKI(both.issuer.publicKey)) },
        ),
    ],
    [
      'with its payload changed',
      async () => {
        const [head, , tag] = (await both.issuer.accessToken()).split('.');
        const payload = Buffer.from(JSON.stringify({ iss: both.issuer.issuer, sub: 'p-2', aud: AUDIENCE }));
        return `${head}.${payload.toString('base64url')}.${tag}`;
      },
    ],
    ['that is no JWT', () => 'abcdef'],
    [
      'whose elements cannot be read',
      () => both.issuer.accessToken({ authorization_details: [{ ...element(both.issuer), products: 'letter' }] }),
    ],
  ];
  it.each(refused)('refuses a token %s', async (_, token) => {
    const { status, headers, body } = await call(await token());
    expect({ status, title: body['title'] }).toEqual({ status: 401, title: 'The access token was refused' });
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(headers.get('content-type')).toContain('application/problem+json');
  });

  it('refuses a token without a signature', async () => {
    const payload = { client_id: CLIENT.clientId, jti: 'j', authorization_details: carlas(both.issuer) };
    const token = new UnsecuredJWT(payload)
      .setIssuer(both.issuer.issuer)
      .setAudience(AUDIENCE)
      .setSubject('p-1')
      .setIssuedAt()
      .setExpirationTime('5m')
      .encode();
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
    const { status } = await call(`${header}.${token.split('.')[1]}.`);
    expect(status).toBe(401);
  });

  it('answers 403 with what was refused for a combination across elements', async () => {
    const { status, headers, body } = await call(await both.issuer.accessToken(), {
      ...LETTER,
      billing_address: 'NM-FINANCE',
    });
    expect(status).toBe(403);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({
      status: 403,
      held_nowhere: [],
      refused: {
        identifier: '0001234567',
        privileges: 'create_deposit',
        products: 'letter',
        billing_addresses: 'NM-FINANCE',
      },
    });
  });

  it('refuses what the right to create does not cover', async () => {
    both.issuer.behavior.details = [element(both.issuer, { privileges: ['deposit_statement'] })];
    const { status, body } = await call(await both.issuer.accessToken());
    expect([status, body['held_nowhere']]).toEqual([403, ['privileges']]);
  });

  it('names the fields of a deposit that is not complete', async () => {
    const { status, body } = await call(await both.issuer.accessToken(), { product: 'letter', items: 0 });
    expect([status, body['fields']]).toEqual([400, ['customer_account', 'billing_address', 'items']]);
  });

  it('gives no rights to elements of another type', async () => {
    both.issuer.behavior.details = [{ ...element(both.issuer), type: 'https://elsewhere.example/payment' }];
    expect((await call(await both.issuer.accessToken())).status).toBe(403);
  });

  it('gives no rights to a token with neither details nor a reference', async () => {
    expect((await call(await both.issuer.accessToken({ authorization_details: undefined }))).status).toBe(403);
  });

  it('fetches the keys once for many tokens', async () => {
    const before = both.issuer.seen.keys;
    for (let i = 0; i < 5; i++) await call(await both.issuer.accessToken());
    expect(both.issuer.seen.keys - before).toBeLessThanOrEqual(1);
  });

  it("shows its deposits to their creator, and nobody else's to him", async () => {
    const mine = await call(await both.issuer.accessToken());
    const list = async (sub: string, privileges: string[]) => {
      const details = [element(both.issuer, { privileges })];
      const authorization = `Bearer ${await both.issuer.accessToken({ sub, authorization_details: details })}`;
      const answer = await fetch(`${both.example.url}/api/deposits`, { headers: { authorization } });
      return ((await answer.json()) as { deposits: { id: string }[] }).deposits.map(({ id }) => id);
    };
    expect(await list('p-1', ['deposit_statement'])).toContain(mine.body['id']);
    expect(await list('p-1', ['create_deposit'])).toEqual([]);
    expect(await list('p-2', ['deposit_statement'])).toEqual([]);
    expect(await list('p-2', ['general_follow_up'])).toContain(mine.body['id']);
  });
});

describe('rights too large for the token', () => {
  it('are fetched from the hub with the same token, and kept while they stay the same', async () => {
    const token = await both.issuer.accessToken({ ...both.issuer.reference(), ent_v: 'large', sub: 'p-1' });
    both.issuer.behavior.entV = 'large';
    both.issuer.seen.entitlements.length = 0;
    expect((await call(token)).status).toBe(201);
    expect((await call(token, { ...LETTER, billing_address: 'NM-FINANCE' })).status).toBe(403);
    expect(both.issuer.seen.entitlements).toEqual([`Bearer ${token} application/jwt`]);
  });

  const refused: [string, () => object][] = [
    ['of another issuer', () => ({ iss: 'https://elsewhere.example' })],
    ['of another person', () => ({ sub: 'p-2' })],
    ['for another client', () => ({ aud: 'other-client' })],
    ['that has expired', () => ({ iat: past(), exp: past() + 60 })],
    ['of another state of the rights', () => ({ ent_v: 'other' })],
    ['without details', () => ({ authorization_details: undefined })],
  ];
  it.each(refused)('are refused from an answer %s', async (name, claims) => {
    both.issuer.behavior.entV = name;
    both.issuer.behavior.entitlementClaims = claims() as Record<string, unknown>;
    expect((await call(await both.issuer.accessToken({ ...both.issuer.reference(), ent_v: name }))).status).toBe(401);
  });

  it.each(['https://elsewhere.example/entitlements/me', 'http://127.0.0.1:1/', 'not an address'])(
    'are never asked at %s, where the token would leak',
    async (endpoint) => {
      const token = await both.issuer.accessToken({ ...both.issuer.reference(endpoint), ent_v: endpoint });
      expect((await call(token)).status).toBe(401);
    },
  );
});
