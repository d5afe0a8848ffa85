// What a server must survive: each attack is refused in SCIM form and the next request is served.
import { gzipSync } from 'node:zlib';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import fc from 'fast-check';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import { ENTERPRISE, GROUP, USER, connectDirectory, patch, scimApp, type Directory } from '../support/directory.ts';

let app: Express;
let server: Server;
let directory: Directory;
beforeAll(async () => {
  await openTestDatabase();
  app = scimApp();
  server = createServer({ maxHeaderSize: 16 * 1024 }, app);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  directory = await connectDirectory(app);
});
afterAll(async () => {
  server.close();
  await closeTestDatabase();
});

type Attack = { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer };

/** Over a socket of its own, without a client that would tidy the request up. */
const send = ({ method = 'GET', path = '/Users', headers = {}, body }: Attack): Promise<number> =>
  new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const options = {
      port,
      method,
      path: `/scim/v2${path}`,
      agent: false,
      headers: { Authorization: `Bearer ${directory.token}`, 'Content-Type': 'application/scim+json', ...headers },
    };
    const sent = httpRequest(options, (answer: IncomingMessage) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    // A server that refuses a body unread may close before all of it was sent.
    sent.on('error', (error: NodeJS.ErrnoException) =>
      ['EPIPE', 'ECONNRESET'].includes(error.code ?? '') ? resolve(413) : reject(error),
    );
    sent.end(body);
  });
const post = (body: string, path = '/Users'): Attack => ({ method: 'POST', path, body });
const filter = (text: string): Attack => ({ path: `/Users?filter=${encodeURIComponent(text)}` });
const PATCH_HEAD = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[';

describe('an attack', () => {
  it.each<[string, number[], () => Attack]>([
    ['10,000 opening brackets in a filter', [400], () => filter('('.repeat(10_000))],
    ['a filter of 1 MB in the URL', [414, 431], () => filter(`userName eq "${'x'.repeat(1_000_000)}"`)],
    [
      '10,000 opening brackets in a search',
      [400],
      () =>
        post(
          JSON.stringify({
            schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
            filter: '('.repeat(10_000),
          }),
          '/Users/.search',
        ),
    ],
    [
      '2,000 comparisons',
      [400],
      () =>
        post(
          JSON.stringify({
            schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
            filter: Array.from({ length: 500 }, (_, i) => `title eq "${i}"`).join(' or '),
          }),
          '/.search',
        ),
    ],
    ['JSON nested 100,000 deep', [400], () => post(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
    ['objects nested 100,000 deep', [400], () => post(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
    ['a name of 100,000 characters', [400], () => post(`{"${'n'.repeat(100_000)}":1}`)],
    [
      'a gzip bomb',
      [415],
      () => ({ ...post(''), body: gzipSync(Buffer.alloc(10_000_000)), headers: { 'Content-Encoding': 'gzip' } }),
    ],
    ['a body larger than allowed', [413], () => post('x'.repeat(2_000_000))],
    ['a body that lies about its type', [415], () => ({ ...post('{}'), headers: { 'Content-Type': 'text/plain' } })],
    ['no JSON', [400], () => post('{"userName":')],
    ['an empty body', [400], () => post('')],
    ['half a character', [400], () => filter('userName eq "\\ud800"')],
    ['NUL in a filter', [400], () => filter('userName eq "\u0000"')],
    ['a path that cannot be decoded', [404], () => ({ path: '/Users/%E0%A4%A' })],
    ['a path out of the tree', [404], () => ({ path: '/Users/..%2f..%2fetc' })],
    ['a name of Object as an endpoint', [404], () => ({ path: '/constructor' })],
    ['another name of Object', [404], () => ({ path: '/__proto__/x' })],
    [
      '1,001 PATCH operations',
      [400],
      () => ({
        ...post(
          `${PATCH_HEAD}${Array(1001).fill('{"op":"remove","path":"title"}').join(',')}]}`,
          `/Users/${crypto.randomUUID()}`,
        ),
        method: 'PATCH',
      }),
    ],
    [
      'a value path of 10,000 brackets',
      [400],
      () => ({
        ...post(`${PATCH_HEAD}{"op":"remove","path":"emails${'['.repeat(10_000)}"}]}`, `/Users/${crypto.randomUUID()}`),
        method: 'PATCH',
      }),
    ],
    ['an unknown method', [405], () => ({ method: 'PROPFIND' })],
  ])('%s', async (_what, expected, attack) => {
    expect(expected).toContain(await send(attack()));
    expect(await send({ path: '/Users?count=0' })).toBe(200);
  });

  it('on the prototype changes no prototype and is stored nowhere', async () => {
    const userName = crypto.randomUUID();
    const body = `{"schemas":["${USER}"],"userName":"${userName}","__proto__":{"active":false,"polluted":1},"constructor":{"prototype":{"polluted":1}},"name":{"__proto__":{"polluted":1},"givenName":"G"}}`;
    expect(await send(post(body))).toBe(201);
    const [user] = (await directory.send('get', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`))
      .body.Resources;
    expect(user).toMatchObject({ active: true, name: { givenName: 'G' } });
    expect(
      await send({
        ...post(
          `${PATCH_HEAD}{"op":"add","value":{"__proto__":{"polluted":1},"constructor":1}}]}`,
          `/Users/${user.id}`,
        ),
        method: 'PATCH',
      }),
    ).toBe(200);
    expect(
      await send({
        ...post(`${PATCH_HEAD}{"op":"add","path":"__proto__.polluted","value":1}]}`, `/Users/${user.id}`),
        method: 'PATCH',
      }),
    ).toBe(400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(JSON.stringify((await directory.send('get', `/Users/${user.id}`)).body)).not.toContain('polluted');
  });
});

/** A user as a plain object, changed by the rules of RFC 7644 section 3.5.2 written down anew. */
type Model = {
  title?: string;
  nickName?: string;
  name: Record<string, string>;
  department?: string;
  phones: { type: string; value: string }[];
};
type Step = { operation: object; apply: (model: Model) => void };

const word = fc.constantFrom('a', 'b', 'c', 'é', 'x y');
const op = fc.constantFrom('add', 'Add', 'replace', 'Replace');
const phoneType = fc.constantFrom('work', 'home', 'mobile');
const cased = (text: string) => fc.constantFrom(text, text.toUpperCase());
const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(op, cased('title'), word)
    .map(([o, path, value]) => ({ operation: { op: o, path, value }, apply: (m: Model) => void (m.title = value) })),
  fc
    .constantFrom('title', 'TITLE')
    .map((path) => ({ operation: { op: 'Remove', path }, apply: (m: Model) => void delete m.title })),
  fc.tuple(op, word, word).map(([o, nickName, givenName]) => ({
    operation: { op: o, value: { nickName, 'name.givenName': givenName } },
    apply: (m: Model) => { m.nickName = nickName; m.name['givenName'] = givenName; },
  })), // prettier-ignore
  fc.tuple(op, word).map(([o, value]) => ({
    operation: { op: o, path: 'name', value: { familyName: value } },
    apply: (m: Model) => void (m.name['familyName'] = value),
  })),
  fc.constant({
    operation: { op: 'remove', path: 'name.givenName' },
    apply: (m: Model) => void delete m.name['givenName'],
  }),
  fc.constant({ operation: { op: 'remove', path: 'name' }, apply: (m: Model) => void (m.name = {}) }),
  fc.tuple(op, word).map(([o, value]) => ({
    operation: { op: o, path: `${ENTERPRISE}:department`, value },
    apply: (m: Model) => void (m.department = value),
  })),
  fc.constant({ operation: { op: 'remove', path: ENTERPRISE }, apply: (m: Model) => void delete m.department }),
  fc.tuple(phoneType, word).map(([type, value]) => ({
    operation: { op: 'add', path: 'phoneNumbers', value: [{ type, value }] },
    apply: (m: Model) =>
      void (m.phones.some((p) => p.type === type && p.value === value) || m.phones.push({ type, value })),
  })),
  fc.tuple(phoneType, word).map(([type, value]) => ({
    operation: { op: 'Replace', path: `phoneNumbers[type eq "${type}"].value`, value },
    apply: (m: Model) => {
      const meant = m.phones.filter((p) => p.type === type);
      for (const phone of meant) phone.value = value;
      if (meant.length === 0) m.phones.push({ type, value });
    },
  })),
  phoneType.map((type) => ({
    operation: { op: 'remove', path: `phoneNumbers[type eq "${type}"]` },
    apply: (m: Model) => void (m.phones = m.phones.filter((p) => p.type !== type)),
  })),
  fc.constantFrom<Step>(
    { operation: { op: 'remove', path: 'phoneNumbers' }, apply: (m) => void (m.phones = []) },
    { operation: { op: 'replace', path: 'phoneNumbers', value: [] }, apply: (m) => void (m.phones = []) },
  ),
);

const without = (set: ReadonlySet<string>, ids: readonly string[]) =>
  new Set([...set].filter((id) => !ids.includes(id)));

describe('any sequence of PATCHes (RFC 7644 section 3.5.2)', () => {
  it('leaves a user as the rules say, operation by operation', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        async (requests) => {
          const { id } = (
            await directory.send('post', '/Users', { schemas: [USER], userName: crypto.randomUUID() }).expect(201)
          ).body;
          const model: Model = { name: {}, phones: [] };
          for (const steps of requests) {
            await directory
              .send('patch', `/Users/${id}`, patch(...steps.map(({ operation }) => operation)))
              .expect(200);
            for (const { apply } of steps) apply(model);
          }
          const user = (await directory.send('get', `/Users/${id}`).expect(200)).body;
          expect({ title: user.title, nickName: user.nickName, name: user.name ?? {}, department: user[ENTERPRISE]?.department, phones: user.phoneNumbers ?? [] }).toEqual({
          title: undefined, nickName: undefined, department: undefined, ...model,
        }); // prettier-ignore
        },
      ),
      { numRuns: 20 },
    );
  });

  it('leaves a group with the members that sets would have', async () => {
    const users: string[] = [];
    for (let i = 0; i < 5; i++)
      users.push(
        (await directory.send('post', '/Users', { schemas: [USER], userName: crypto.randomUUID() }).expect(201)).body
          .id,
      );
    const some = fc.subarray(users, { minLength: 1 });
    const values = (ids: string[]) => ids.map((value) => ({ value }));
    const change = fc.oneof(
      some.map((ids) => ({
        operation: { op: 'Add', path: 'members', value: values(ids) },
        apply: (s: Set<string>) => new Set([...s, ...ids]),
      })),
      some.map((ids) => ({
        operation: { op: 'replace', path: 'members', value: values(ids) },
        apply: () => new Set(ids),
      })),
      some.map((ids) => ({
        operation: { op: 'Remove', path: 'members', value: values(ids) },
        apply: (s: Set<string>) => without(s, ids),
      })),
      some.map((ids) => ({
        operation: { op: 'remove', path: `members[${ids.map((id) => `value eq "${id}"`).join(' or ')}]` },
        apply: (s: Set<string>) => without(s, ids),
      })),
      fc.constant({ operation: { op: 'remove', path: 'members' }, apply: () => new Set<string>() }),
      fc.constant({ operation: { op: 'replace', value: { displayName: 'Renamed' } }, apply: (s: Set<string>) => s }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
        async (requests) => {
          const { id } = (
            await directory.send('post', '/Groups', { schemas: [GROUP], displayName: 'Random' }).expect(201)
          ).body;
          let model = new Set<string>();
          for (const changes of requests) {
            await directory
              .send('patch', `/Groups/${id}`, patch(...changes.map(({ operation }) => operation)))
              .expect(204);
            for (const { apply } of changes) model = apply(model);
          }
          const members = (await directory.send('get', `/Groups/${id}`).expect(200)).body.members ?? [];
          expect(members.map(({ value }: { value: string }) => value)).toEqual([...model].sort());
        },
      ),
      { numRuns: 15 },
    );
  });
});
