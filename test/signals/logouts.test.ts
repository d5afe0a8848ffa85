import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import type { Ctx } from '../../src/context.ts';
import { query } from '../../src/database/query.ts';
import { transaction } from '../../src/database/transaction.ts';
import { suspendOrganization } from '../../src/organizations/suspend-organization.ts';
import { listLogouts } from '../../src/signals/list-logouts.ts';
import { retryLogout } from '../../src/signals/retry-logout.ts';
import { postOutside } from '../../src/signals/post-outside.ts';
import { queueLogouts } from '../../src/signals/queue-logouts.ts';
import { isSpecialAddress } from '../../src/signals/special-addresses.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { deleteUser } from '../../src/users/delete-user.ts';
import {
  addOrganization,
  addUser,
  signIn,
  SOME_RIGHTS,
  startHub,
  systemCtx,
  type TestHub,
  type TestUser,
} from '../oidc/hub.ts';
import { ctxIn } from '../second-factor/world.ts';

type Received = { token: string; path: string };

let hub: TestHub;
let config: client.Configuration;
let clientId: string;
let listener: Server;
let port: number;
let received: Received[] = [];
let answer: (path: string) => number = () => 200;
let wake: () => void = () => undefined;

function listen(at = 0): Promise<void> {
  listener = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '';
      received.push({ token, path: req.url ?? '' });
      const status = answer(req.url ?? '');
      res.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
      wake();
    });
  });
  return new Promise((resolve) => listener.listen(at, '127.0.0.1', resolve));
}
const hangUp = () => {
  listener.closeAllConnections();
  return new Promise((resolve) => listener.close(resolve));
};
async function until<T>(found: () => T | undefined): Promise<T> {
  for (;;) {
    const one = found();
    if (one !== undefined) return one;
    await new Promise<void>((resolve) => (wake = resolve));
  }
}

const operator = (): Ctx => ({ ...systemCtx(), actor: { kind: 'operator', id: 'operator', label: 'Operator' } });

/** The log of a person's logouts, once `done` says that it is as awaited. */
async function logOf(
  { organizationId, userId }: TestUser,
  done: (row: { state: string; attempts: number }) => boolean,
) {
  for (;;) {
    const { deliveries } = await listLogouts(operator(), { organizationId, limit: 100 });
    const mine = deliveries.filter((one) => one.userId === userId);
    if (mine.length > 0 && mine.every(done)) return mine;
    // Each question is a round trip to the database: the job's process gets its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function signedIn(user?: TestUser) {
  const person = user ?? (await hub.addUser());
  hub.hold(person.userId, SOME_RIGHTS);
  const browser = hub.browser();
  return { user: person, browser, tokens: await signIn(config, browser, person) };
}
const subOf = async (token: string) =>
  (
    await jwtVerify(token, createRemoteJWKSet(new URL(`${hub.issuer}/jwks`)), {
      issuer: hub.issuer,
      audience: clientId,
      typ: 'logout+jwt',
    })
  ).payload;
const tokenFor = (user: TestUser) => until(() => received.find(({ token }) => payloadOf(token)['sub'] === user.sub));
const payloadOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}') as Record<string, unknown>;

beforeAll(async () => {
  hub = await startHub();
  await listen();
  port = (listener.address() as AddressInfo).port;
  const made = await hub.register({ backchannelLogoutUri: `http://127.0.0.1:${port}/logout` });
  clientId = made.clientId;
  config = await hub.relyingParty(made);
});
afterEach(() => {
  received = [];
  answer = () => 200;
});
afterAll(async () => {
  await hangUp();
  await hub.stop();
});

describe('an application with a session', () => {
  it('hears of it when the person is deactivated, and the log says that it confirmed', async () => {
    const { user, tokens } = await signedIn();
    await changeUser(ctxIn(user.organizationId), user.userId, (document) => ({ ...document, active: false }));
    const payload = await subOf((await tokenFor(user)).token);
    expect(payload).toMatchObject({
      sub: user.sub,
      sid: tokens.claims()?.['sid'],
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(120);
    const [row] = await logOf(user, ({ state }) => state === 'delivered');
    expect(row).toMatchObject({ clientId, application: 'emasspost', attempts: 1, lastStatus: 200, lastError: null });
  });

  it('hears of it when the person is deleted', async () => {
    const { user } = await signedIn();
    await deleteUser(ctxIn(user.organizationId), user.userId);
    expect((await tokenFor(user)).path).toBe('/logout');
  });

  it('that is down gets its logout token when it is back', async () => {
    const { user } = await signedIn();
    await hangUp();
    await changeUser(ctxIn(user.organizationId), user.userId, (document) => ({ ...document, active: false }));
    const [waiting] = await logOf(user, ({ attempts }) => attempts > 0);
    expect(waiting).toMatchObject({ state: 'waiting', lastStatus: null, settledAt: null });
    expect(waiting?.lastError).toMatch(/ECONNREFUSED|socket|connect/i);
    await listen(port);
    expect((await subOf((await tokenFor(user)).token)).sub).toBe(user.sub);
    const [row] = await logOf(user, ({ state }) => state === 'delivered');
    expect(row?.attempts).toBeGreaterThan(1);
  });

  it('is not followed to where it redirects, and is asked again', async () => {
    const { user } = await signedIn();
    let first = true;
    answer = () => (first ? ((first = false), 302) : 204);
    await changeUser(ctxIn(user.organizationId), user.userId, (document) => ({ ...document, active: false }));
    const [row] = await logOf(user, ({ state }) => state === 'delivered');
    expect(row).toMatchObject({ attempts: 2, lastStatus: 204 });
    expect(received.map(({ path }) => path)).toEqual(['/logout', '/logout']);
  });

  it('that does not answer holds up nobody else', async () => {
    let held = 0;
    const dumbServer = createServer(() => void (held++, wake()));
    await new Promise<void>((resolve) => dumbServer.listen(0, '127.0.0.1', resolve));
    const dumbPort = (dumbServer.address() as AddressInfo).port;
    const dumb = await hub.register({ backchannelLogoutUri: `http://127.0.0.1:${dumbPort}/logout` });
    const slow = Array.from({ length: 12 }, () => ({
      organizationId: hub.organizationId,
      userId: hub.operator,
      clientId: dumb.clientId,
      sid: null,
    }));
    const { user } = await signedIn();
    await queueLogouts(new Date(), slow);
    await until(() => (held === 2 ? true : undefined));
    await changeUser(ctxIn(user.organizationId), user.userId, (document) => ({ ...document, active: false }));
    await tokenFor(user);
    expect(held).toBe(2);
    await query("update logout_deliveries set state = 'given_up', settled_at = now() where client_id = $1", [
      dumb.clientId,
    ]);
    dumbServer.closeAllConnections();
    await new Promise((resolve) => dumbServer.close(resolve));
  });

  it('hears of a logout that was given up once the operator has it tried again, and of no other', async () => {
    answer = () => 503;
    const { user } = await signedIn();
    await changeUser(ctxIn(user.organizationId), user.userId, (document) => ({ ...document, active: false }));
    const [failed] = await logOf(user, ({ attempts }) => attempts > 0);
    const id = failed?.id ?? '';
    const { organizationId, userId } = user;
    const asPerson: Ctx = { ...systemCtx(), actor: { kind: 'user', id: userId, organizationId, label: user.userName } };
    await expect(retryLogout(operator(), id)).rejects.toMatchObject({ code: 'conflict' });
    await query("update logout_deliveries set state = 'given_up', settled_at = now() where id = $1", [id]);
    await expect(retryLogout(asPerson, id)).rejects.toMatchObject({ code: 'not_permitted' });
    await expect(retryLogout(operator(), user.userId)).rejects.toMatchObject({ code: 'not_found' });
    answer = () => 200;
    await retryLogout(operator(), id);
    const [told] = await logOf(user, ({ state }) => state === 'delivered');
    expect(told).toMatchObject({ id, attempts: 1, lastStatus: 200 });
    const [event] = await query('select after from audit_events where action = $1 and target_id = $2', [
      'logout.retried',
      user.userId,
    ]);
    expect(event).toEqual({ after: { client: clientId } });
  });

  it('hears nothing when the change is undone', async () => {
    const { user } = await signedIn();
    const signedOut = [{ organizationId: user.organizationId, userId: user.userId, clientId, sid: null }];
    await expect(
      transaction(async () => {
        await queueLogouts(new Date(), signedOut);
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    const { deliveries } = await listLogouts(operator(), { organizationId: user.organizationId, limit: 200 });
    expect(deliveries.filter(({ userId }) => userId === user.userId)).toEqual([]);
  });

  it('hears of every person when an organization is suspended', async () => {
    const organizationId = await addOrganization('Zuiderdok');
    const people = await Promise.all([1, 2, 3].map(() => addUser(organizationId)));
    for (const person of people) await signedIn(person);
    await suspendOrganization(operator(), organizationId);
    for (const person of people) await tokenFor(person);
    const [left] = await query('select 1 from sessions where organization_id = $1 and ended_at is null', [
      organizationId,
    ]);
    expect(left).toBeUndefined();
  });
});

describe('the log', () => {
  it('is the operator’s alone, in pages, and can be narrowed', async () => {
    await expect(listLogouts(systemCtx(hub.organizationId), { limit: 1 })).resolves.toBeDefined();
    const person = {
      ...systemCtx(hub.organizationId),
      actor: { kind: 'user', id: hub.operator, organizationId: hub.organizationId, label: 'x' },
    } as const;
    await expect(listLogouts(person, { limit: 1 })).rejects.toMatchObject({ code: 'not_permitted' });
    const first = await listLogouts(operator(), { limit: 2, clientId });
    const second = await listLogouts(operator(), { limit: 2, clientId, after: first.next ?? '' });
    const ids = [...first.deliveries, ...second.deliveries].map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted().reverse());
    expect(new Set(ids).size).toBe(4);
    const { deliveries } = await listLogouts(operator(), { limit: 50, state: 'delivered' });
    expect(deliveries.every(({ state }) => state === 'delivered')).toBe(true);
  });
});

describe('what the hub posts to', () => {
  const outgoing = { contentType: 'text/plain', body: 'x' };

  it.each([
    'http://app.example/logout',
    'https://127.0.0.1/logout',
    'https://10.1.2.3/logout',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/logout',
    'https://[::ffff:10.0.0.1]/logout',
    'https://[fd00::1]/logout',
    'https://localhost/logout',
  ])('is never %s in production', async (address) => {
    await expect(postOutside(address, outgoing, { allowLoopback: false })).rejects.toThrow(
      /not https|not an address on the Internet/,
    );
  });

  it('is on the Internet: nothing private, local, shared or reserved', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const below = (...first: number[]) =>
      fc.tuple(octet, octet, octet).map((rest) => [...first, ...rest].slice(0, 4).join('.'));
    fc.assert(
      fc.property(
        fc.oneof(
          below(10),
          below(127),
          below(192, 168),
          below(169, 254),
          below(172, 20),
          below(100, 64),
          below(0),
          below(224),
        ),
        isSpecialAddress,
      ),
      { numRuns: 200 },
    );
    for (const open of ['1.1.1.1', '193.190.198.27', '2a00:1450:400e:80d::200e', '2620:fe::fe'])
      expect(isSpecialAddress(open)).toBe(false);
    for (const closed of ['::', '::1', 'fe80::1', 'fc00::1', 'ff02::1', '2002:a00:1::', '64:ff9b::a00:1', 'nonsense'])
      expect(isSpecialAddress(closed)).toBe(true);
  });
});
