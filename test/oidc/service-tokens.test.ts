// A service's token by the short way and by the provider: whoever answers, the answer is the same. A DPoP header, which the
// provider ignores while it is switched off, is what makes a request take the long way.
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { endClient } from '../../src/clients/end-client.ts';
import { query } from '../../src/database/query.ts';
import { addOrganization, addUser, SOME_RIGHTS, startHub, systemCtx, type TestHub } from './hub.ts';

type Known = { clientId: string; clientSecret: string };
type Asked = { headers?: Record<string, string>; body: string };
type Row = [name: string, ask: () => Asked, status: number];

const GRANT = 'grant_type=client_credentials';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let hub: TestHub;
const clients: Record<string, Known> = {};
const resource = (application: string) => encodeURIComponent(`${hub.origin}/applications/${application}`);
const known = (name: string): Known => clients[name] as Known;
const basic = (id: string, secret: string) => ({
  ...FORM,
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
const as = (name: string) => basic(known(name).clientId, known(name).clientSecret);
/** As RFC 6749 section 2.3.1 has it, down to the signs that need no encoding. */
const encoded = (text: string) => text.replace(/[^A-Za-z0-9]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);

beforeAll(async () => {
  hub = await startHub();
  const service = async (rights = SOME_RIGHTS, organizationId = hub.organizationId) => {
    const user = await addUser(organizationId, { kind: 'service' });
    hub.hold(user.userId, rights);
    return user;
  };
  const register = async (name: string, serviceUser: { organizationId: string; userId: string }, input = {}) => {
    clients[name] = await hub.register({ kind: 'service', serviceUser, ...input });
  };
  const large = { type: 'entitlement', identifier: '0100', contracts: Array.from({ length: 900 }, (_, i) => `C${i}`) };
  await register('plain', await service());
  await register('any', await service(), { application: undefined });
  await register('ending', await service({ ...SOME_RIGHTS, notAfter: Date.now() + 60_000 }));
  await register('ended-rights', await service({ ...SOME_RIGHTS, notAfter: Date.now() - 1000 }));
  await register('large', await service({ ...SOME_RIGHTS, flat: ['a'], authorizationDetails: [large] }));
  await register('nothing', await service({ ...SOME_RIGHTS, holdsAny: false }));
  await register('odd', await service(), { clientSecret: 'a secret: with signs + and %' });
  const gone = await service();
  await register('inactive', gone);
  await query('update users set active = false where id = $1', [gone.userId]);
  const suspended = await addOrganization('Suspended');
  await register('suspended', await service(SOME_RIGHTS, suspended));
  await query("update organizations set state = 'suspended' where id = $1", [suspended]);
  await register('ended', await service());
  await endClient(systemCtx(hub.operator), known('ended').clientId);
  clients['web'] = await hub.register();
});
afterAll(() => hub.stop());

const rows: Row[] = [
  ['a secret in the header', () => ({ headers: as('plain'), body: GRANT }), 200],
  [
    'credentials with every sign encoded',
    () => ({ headers: basic(encoded(known('plain').clientId), encoded(known('plain').clientSecret)), body: GRANT }),
    200,
  ],
  [
    'its id once more in the body',
    () => ({ headers: as('plain'), body: `${GRANT}&client_id=${known('plain').clientId}` }),
    200,
  ],
  [
    'a secret in the body',
    () => ({ body: `client_id=${known('plain').clientId}&client_secret=${known('plain').clientSecret}&${GRANT}` }),
    200,
  ],
  [
    'its application by name',
    () => ({ headers: as('plain'), body: `${GRANT}&resource=${resource('emasspost')}` }),
    200,
  ],
  [
    'one of several applications',
    () => ({ headers: as('any'), body: `${GRANT}&resource=${resource('emasspost')}` }),
    200,
  ],
  ['rights that end within a minute', () => ({ headers: as('ending'), body: GRANT }), 200],
  ['rights that are too large for a token', () => ({ headers: as('large'), body: GRANT }), 200],
  ['a secret with signs', () => ({ headers: as('odd'), body: GRANT }), 400],
  [
    'a secret with signs, encoded',
    () => ({ headers: basic(known('odd').clientId, encoded(known('odd').clientSecret)), body: GRANT }),
    200,
  ],
  ['a parameter that nobody knows', () => ({ headers: as('plain'), body: `${GRANT}&colour=blue` }), 200],
  ['a scope', () => ({ headers: as('plain'), body: `${GRANT}&scope=openid` }), 200],
  ['a long body', () => ({ headers: as('plain'), body: `${GRANT}&pad=${'x'.repeat(20_000)}` }), 200],
  [
    'a charset',
    () => ({ headers: { ...as('plain'), 'content-type': `${FORM['content-type']}; charset=UTF-8` }, body: GRANT }),
    200,
  ],
  ['no application where there are several', () => ({ headers: as('any'), body: GRANT }), 400],
  [
    'another application',
    () => ({ headers: as('plain'), body: `${GRANT}&resource=${resource('distriplanner')}` }),
    400,
  ],
  [
    'an application that does not exist',
    () => ({ headers: as('any'), body: `${GRANT}&resource=${resource('nothing')}` }),
    400,
  ],
  [
    'two applications',
    () => ({
      headers: as('any'),
      body: `${GRANT}&resource=${resource('emasspost')}&resource=${resource('emasspost')}`,
    }),
    200,
  ],
  ['the grant type twice', () => ({ headers: as('plain'), body: `${GRANT}&${GRANT}` }), 400],
  [
    'another client in the body',
    () => ({ headers: as('plain'), body: `${GRANT}&client_id=${known('any').clientId}` }),
    400,
  ],
  [
    'its secret in header and body',
    () => ({ headers: as('plain'), body: `${GRANT}&client_secret=${known('plain').clientSecret}` }),
    400,
  ],
  ['a wrong secret', () => ({ headers: basic(known('plain').clientId, 'wrong'), body: GRANT }), 401],
  ['no secret', () => ({ headers: FORM, body: `${GRANT}&client_id=${known('plain').clientId}` }), 401],
  ['an unknown client', () => ({ headers: basic('nobody-at-all', 'wrong'), body: GRANT }), 401],
  ['a client that has ended', () => ({ headers: as('ended'), body: GRANT }), 401],
  ['a client of people', () => ({ headers: as('web'), body: GRANT }), 400],
  ['a service user without rights', () => ({ headers: as('nothing'), body: GRANT }), 400],
  ['rights that have ended', () => ({ headers: as('ended-rights'), body: GRANT }), 400],
  ['a service user who is not active', () => ({ headers: as('inactive'), body: GRANT }), 400],
  ['an organization that is suspended', () => ({ headers: as('suspended'), body: GRANT }), 400],
  ['credentials that are no base64', () => ({ headers: { ...FORM, authorization: 'Basic ***' }, body: GRANT }), 400],
  ['a bearer token', () => ({ headers: { ...FORM, authorization: 'Bearer x' }, body: GRANT }), 400],
  ['another grant', () => ({ headers: as('plain'), body: 'grant_type=password' }), 400],
  ['another media type', () => ({ headers: { ...as('plain'), 'content-type': 'application/json' }, body: '{}' }), 400],
  ['no body', () => ({ headers: as('plain'), body: '' }), 400],
  [
    'a page of another origin',
    () => ({ headers: { ...as('plain'), origin: 'https://elsewhere.example' }, body: GRANT }),
    400,
  ],
];

/** What may differ between two answers to the same question. */
const OWN = ['date', 'x-request-id', 'content-length'];

async function post({ headers = FORM, body }: Asked, further: Record<string, string> = {}) {
  const answer = await fetch(`${hub.issuer}/token`, { method: 'POST', headers: { ...headers, ...further }, body });
  const { access_token: token, ...rest } = (await answer.json()) as Record<string, unknown>;
  const said = Object.fromEntries([...answer.headers].filter(([name]) => !OWN.includes(name)));
  return { status: answer.status, headers: said, rest, token: token as string | undefined };
}

function contents(token: string | undefined) {
  if (token === undefined) return undefined;
  const { jti, iat, exp, ...claims } = decodeJwt(token);
  expect(jti).toMatch(/^[\w-]{43}$/);
  expect(Number(exp) - Number(iat)).toBeGreaterThan(0);
  return { header: decodeProtectedHeader(token), claims, lifetime: Number(exp) - Number(iat) };
}

describe('a service asks for a token', () => {
  it.each(rows)('with %s: the short way and the long way give one answer', async (_name, ask, status) => {
    const [short, long] = [await post(ask()), await post(ask(), { dpop: 'none' })];
    expect(short.status).toBe(status);
    expect({ ...short, token: undefined }).toEqual({ ...long, token: undefined });
    const [a, b] = [contents(short.token), contents(long.token)];
    expect(a && { ...a, lifetime: 0 }).toEqual(b && { ...b, lifetime: 0 });
    // A second may pass between the two.
    expect(Math.abs((a?.lifetime ?? 0) - (b?.lifetime ?? 0))).toBeLessThanOrEqual(1);
  });

  it('and each token is another one', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => post({ headers: as('plain'), body: GRANT })));
    expect(new Set(tokens.map(({ token }) => decodeJwt(String(token)).jti)).size).toBe(20);
  });

  it.each([
    ['in pieces', { 'content-length': String(GRANT.length) }],
    ['without its length', { 'transfer-encoding': 'chunked' }],
  ])('in a body that arrives %s', async (_name, framing) => {
    const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const headers = { ...as('plain'), ...framing };
      const sent = httpRequest(`${hub.issuer}/token`, { method: 'POST', headers }, (res) => {
        let text = '';
        res.on('data', (chunk: Buffer) => (text += chunk.toString()));
        res.on('end', () => resolve({ status: res.statusCode, text }));
      });
      sent.on('error', reject);
      sent.write(GRANT.slice(0, 10));
      setImmediate(() => sent.end(GRANT.slice(10)));
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ token_type: 'Bearer' });
  });

  it('on one connection, as often as it likes', async () => {
    for (let i = 0; i < 5; i++) {
      expect((await post({ headers: as('plain'), body: GRANT })).status).toBe(200);
      expect((await post({ headers: basic('nobody-at-all', 'x'), body: GRANT })).status).toBe(401);
    }
  });
});
