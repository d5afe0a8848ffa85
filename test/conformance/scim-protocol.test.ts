// What a conformance suite looks at: the HTTP of the SCIM door, and every attribute of the schemas as they are described at
// /Schemas: what is required, what may be written, what is returned, and what a filter makes of it (behaviours 13, 19, 20, 24).
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createToken } from '../../src/provisioning/connection.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import {
  ENTERPRISE,
  GROUP,
  USER,
  connectDirectory,
  patch,
  scimApp,
  systemCtx,
  type Directory,
} from '../support/directory.ts';

type Described = {
  name: string;
  type: string;
  multiValued: boolean;
  required: boolean;
  mutability: string;
  returned: string;
  caseExact?: boolean;
  uniqueness?: string;
  subAttributes?: Described[];
};
type Json = Record<string, unknown>;

let app: Express;
let directory: Directory;
let schemas: Map<string, Described[]>;
beforeAll(async () => {
  await openTestDatabase();
  app = scimApp();
  directory = await connectDirectory(app);
  const { body } = await directory.send('get', '/Schemas').expect(200);
  schemas = new Map(
    (body.Resources as { id: string; attributes: Described[] }[]).map(({ id, attributes }) => [id, attributes]),
  );
});
afterAll(() => closeTestDatabase());

const ask = (method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options', path: string) =>
  request(app)[method](`/scim/v2${path}`).set('Authorization', `Bearer ${directory.token}`);

describe('the HTTP of the SCIM door (RFC 9110, RFC 7644 section 3.1)', () => {
  it.each([
    ['/Users', 'delete', 'GET, HEAD, POST'],
    ['/Users', 'options', 'GET, HEAD, POST'],
    ['/Users/x', 'post', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['/Groups', 'patch', 'GET, HEAD, POST'],
    ['/Groups/x', 'post', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['/Users/.search', 'get', 'POST'],
    ['/.search', 'get', 'POST'],
    ['/Bulk', 'get', 'POST'],
    ['/Roles', 'post', 'GET, HEAD'],
    ['/Entitlements', 'post', 'GET, HEAD'],
    ['/Schemas', 'post', 'GET, HEAD'],
    [`/Schemas/${USER}`, 'delete', 'GET, HEAD'],
    ['/ResourceTypes', 'put', 'GET, HEAD'],
    ['/ServiceProviderConfig', 'patch', 'GET, HEAD'],
  ] as const)('%s answers %s with 405 and what is possible: %s', async (path, method, allow) => {
    const answer = await ask(method, path).expect(405).expect('Allow', allow);
    expect(answer.body).toMatchObject({ status: '405' });
  });

  it('answers HEAD as GET, without the body', async () => {
    const { body } = await directory.send('post', '/Users', { schemas: [USER], userName: 'headed' }).expect(201);
    const group = (await directory.send('post', '/Groups', { schemas: [GROUP], displayName: 'Headed' })).body;
    for (const path of [`/Users/${body.id}`, `/Groups/${group.id}`, '/Users', '/Schemas', '/ServiceProviderConfig']) {
      const [head, get] = [await ask('head', path).expect(200), await ask('get', path).expect(200)];
      expect(head.text).toBeFalsy();
      for (const name of ['etag', 'content-type']) expect(head.headers[name]).toBe(get.headers[name]);
    }
    await ask('head', '/Users/unknown').expect(404);
    await request(app).head('/scim/v2/Users').expect(401);
  });

  it.each(['/', '/nothing', '/Users/x/y', '/Bulk/x', '/users', '/Schemas/x/y', '/Users/..%2f'])(
    'there is nothing at %s that is not described',
    async (path) => {
      const answer = await ask('get', path);
      expect([path, answer.status]).toEqual([path, path === '/' ? 200 : 404]);
      expect(answer.headers['content-type']).toBe('application/scim+json');
    },
  );

  it('passes over a slash at the end', async () => {
    await ask('get', '/Users/?count=0').expect(200);
    await ask('get', '/ServiceProviderConfig/').expect(200);
  });

  it.each([
    ['application/scim+json', 400],
    ['application/scim+json; charset=utf-8', 400],
    ['application/json;charset="UTF-8"', 400],
    ['APPLICATION/JSON', 400],
    ['application/json; charset=iso-8859-1', 415],
    ['text/plain', 415],
    ['application/xml', 415],
    ['multipart/form-data; boundary=x', 415],
  ])('takes %s bodies: %i for an empty object', async (type, status) => {
    await ask('post', '/Users').set('Content-Type', type).send('{}').expect(status);
  });

  it('refuses a compressed body, one that is not UTF-8 and one without content', async () => {
    const send = (bytes: Buffer) =>
      ask('post', '/Users')
        .set('Content-Type', 'application/json')
        .serialize((raw: unknown) => raw as string)
        .send(bytes);
    await send(Buffer.from('{}')).set('Content-Encoding', 'gzip').expect(415);
    const latin = Buffer.concat([
      Buffer.from(`{"schemas":["${USER}"],"userName":"caf`),
      Buffer.from([0xe9]),
      Buffer.from('"}'),
    ]);
    expect((await send(latin).expect(400)).body.detail).toContain('UTF-8');
    expect((await send(Buffer.from('')).expect(400)).body.scimType).toBe('invalidSyntax');
  });

  it('says which scope a token lacks (RFC 6750 section 3.1)', async () => {
    const ctx = systemCtx(directory.organizationId);
    const { token } = await createToken(ctx, directory.connectionId, { name: 'reader', scopes: ['read'] });
    const answer = await request(app).delete('/scim/v2/Users/x').set('Authorization', `Bearer ${token}`).expect(403);
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="scim", error="insufficient_scope", scope="scim:write"',
    );
    await request(app).post('/scim/v2/Users/.search').set('Authorization', `Bearer ${token}`).set('Content-Type', 'application/json').send('{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}').expect(200); // prettier-ignore
  });

  it('needs no token to describe itself, and answers 401 with the scheme elsewhere', async () => {
    for (const path of ['/ServiceProviderConfig', '/Schemas', '/ResourceTypes'])
      await request(app).get(`/scim/v2${path}`).expect(200);
    for (const path of ['/Users', '/Groups', '/Roles', '/Entitlements', '/'])
      await request(app).get(`/scim/v2${path}`).expect(401).expect('WWW-Authenticate', 'Bearer realm="scim"');
  });
});

/** A value that the described attribute takes; `n` tells one from another. */
function valueOf(attribute: Described, n = 1): unknown {
  const one = (): unknown => {
    switch (attribute.type) {
      case 'complex': {
        const parts = (attribute.subAttributes ?? []).filter(({ mutability }) => mutability !== 'readOnly');
        return Object.fromEntries(parts.map((sub) => [sub.name, valueOf(sub, n)]));
      }
      case 'boolean':
        return n === 1;
      case 'integer':
        return n;
      case 'binary':
        return Buffer.from(`value ${n}`).toString('base64');
      case 'reference':
        return `https://hub.example/${n}`;
      default:
        return `Value ${n}`;
    }
  };
  return attribute.multiValued ? [one()] : one();
}

const WRONG: Record<string, unknown> = { boolean: 'perhaps', string: { a: 1 }, complex: 'text', reference: 'two words', binary: '!', integer: 'x' }; // prettier-ignore
/** Their values mean something to the hub and have tests of their own. */
const OF_THE_HUB = ['userName', 'active', 'password', 'roles', 'entitlements', 'manager', 'members'];

const userAttributes = (): [Described, string][] => [
  ...(schemas.get(USER) ?? []).map((attribute): [Described, string] => [attribute, attribute.name]),
  ...(schemas.get(ENTERPRISE) ?? []).map((attribute): [Described, string] => [
    attribute,
    `${ENTERPRISE}:${attribute.name}`,
  ]),
];
const writable = () =>
  userAttributes().filter(([{ name, mutability }]) => mutability === 'readWrite' && !OF_THE_HUB.includes(name));
/** What stands at the path of an attribute of a user. */
const at = (user: Json, path: string): unknown =>
  path.startsWith(ENTERPRISE) ? ((user[ENTERPRISE] ?? {}) as Json)[path.slice(ENTERPRISE.length + 1)] : user[path];

function whole(n: number): Json {
  const document: Json = { schemas: [USER, ENTERPRISE], userName: `whole.${crypto.randomUUID()}`, [ENTERPRISE]: {} };
  for (const [attribute, path] of writable()) {
    if (path.startsWith(ENTERPRISE)) (document[ENTERPRISE] as Json)[attribute.name] = valueOf(attribute, n);
    else document[attribute.name] = valueOf(attribute, n);
  }
  return document;
}

describe('the schemas describe what is enforced (RFC 7643 section 7; behaviour 19)', () => {
  it('every attribute that may be written is stored and echoed, by POST, PUT and PATCH', async () => {
    expect(writable().length).toBeGreaterThan(15);
    const made = (await directory.send('post', '/Users', whole(1)).expect(201)).body;
    for (const [attribute, path] of writable()) expect([path, at(made, path)]).toEqual([path, valueOf(attribute)]);
    const put = (await directory.send('put', `/Users/${made.id}`, { ...whole(2), userName: made.userName }).expect(200)).body; // prettier-ignore
    for (const [attribute, path] of writable()) expect([path, at(put, path)]).toEqual([path, valueOf(attribute, 2)]);
    for (const [attribute, path] of writable()) {
      const replace = patch({ op: 'replace', path, value: valueOf(attribute) });
      const { body } = await directory.send('patch', `/Users/${made.id}`, replace).expect(200);
      expect([path, at(body, path)]).toEqual([path, valueOf(attribute)]);
    }
    const read = (await directory.send('get', `/Users/${made.id}`).expect(200)).body;
    for (const [attribute, path] of writable()) expect([path, at(read, path)]).toEqual([path, valueOf(attribute)]);
  });

  it('every attribute is removed by PATCH, and by a PUT without it', async () => {
    const made = (await directory.send('post', '/Users', whole(1)).expect(201)).body;
    for (const [, path] of writable()) {
      const { body } = await directory.send('patch', `/Users/${made.id}`, patch({ op: 'remove', path })).expect(200);
      expect([path, at(body, path)]).toEqual([path, undefined]);
    }
    const again = (await directory.send('post', '/Users', whole(1)).expect(201)).body;
    const put = await directory.send('put', `/Users/${again.id}`, { schemas: [USER], userName: again.userName }).expect(200); // prettier-ignore
    expect(Object.keys(put.body).sort()).toEqual(['active', 'id', 'meta', 'schemas', 'userName']);
    expect(put.body.schemas).toEqual([USER]);
  });

  it('a value of another type is refused, and the detail names the attribute', async () => {
    for (const [attribute, path] of writable()) {
      const wrong = WRONG[attribute.type];
      const value = attribute.multiValued ? [wrong] : wrong;
      // A bare text is taken for the `value` of a complex one.
      if (attribute.multiValued && attribute.subAttributes?.some(({ name }) => name === 'value')) continue;
      const made = (await directory.send('post', '/Users', { schemas: [USER], userName: crypto.randomUUID() })).body;
      const answer = await directory.send('patch', `/Users/${made.id}`, patch({ op: 'add', path, value }));
      expect([path, answer.status, answer.body.scimType]).toEqual([path, 400, 'invalidValue']);
      expect(answer.body.detail).toContain(attribute.name);
    }
  });

  it('one value is not many: a list for an attribute that has one is refused', async () => {
    for (const [attribute] of writable().filter(([{ multiValued }]) => !multiValued)) {
      const document = { schemas: [USER], userName: crypto.randomUUID(), [attribute.name]: ['a', 'b'] };
      if (!(schemas.get(USER) ?? []).includes(attribute)) continue;
      expect([attribute.name, (await directory.send('post', '/Users', document)).status]).toEqual([
        attribute.name,
        400,
      ]);
    }
  });

  it('what is required must be there, and cannot be removed', async () => {
    for (const [endpoint, urn] of [
      ['/Users', USER],
      ['/Groups', GROUP],
    ] as const) {
      const required = (schemas.get(urn) ?? []).filter((attribute) => attribute.required);
      expect(required.length).toBeGreaterThan(0);
      for (const { name } of required) {
        const full: Json = { schemas: [urn], userName: crypto.randomUUID(), displayName: 'Group' };
        for (const value of [undefined, null, '', ' ', []]) {
          const { status, body } = await directory.send('post', endpoint, { ...full, [name]: value });
          expect([endpoint, name, value, status, body.scimType]).toEqual([endpoint, name, value, 400, 'invalidValue']);
        }
        const made = (await directory.send('post', endpoint, full).expect(201)).body;
        const removed = await directory.send('patch', `${endpoint}/${made.id}`, patch({ op: 'remove', path: name }));
        expect([removed.status, removed.body.scimType]).toEqual([400, 'mutability']);
      }
    }
  });

  it('what is readOnly is ignored in POST and PUT and refused by path in PATCH', async () => {
    const common = ['id', 'meta', 'meta.version', 'groups'];
    const own = userAttributes().flatMap(([{ mutability }, path]) => (mutability === 'readOnly' ? [path] : []));
    const document = { schemas: [USER], userName: crypto.randomUUID(), id: 'mine', meta: { version: 'x' }, groups: [{ value: 'x' }] }; // prettier-ignore
    const made = (await directory.send('post', '/Users', document).expect(201)).body;
    expect(made.id).not.toBe('mine');
    expect(made).not.toHaveProperty('groups');
    const put = (await directory.send('put', `/Users/${made.id}`, document).expect(200)).body;
    expect(put.meta).toEqual(made.meta);
    for (const path of [...common, ...own, `${ENTERPRISE}:manager.displayName`]) {
      for (const op of ['add', 'replace', 'remove']) {
        const answer = await directory.send('patch', `/Users/${made.id}`, patch({ op, path, value: 'x' }));
        expect([op, path, answer.status, answer.body.scimType]).toEqual([op, path, 400, 'mutability']);
      }
    }
  });

  it('what is returned always, by default, on request or never (RFC 7643 section 7; behaviour 24)', async () => {
    const made = (await directory.send('post', '/Users', { ...whole(1), password: 'S3cret!' }).expect(201)).body;
    const read = async (query: string) => (await directory.send('get', `/Users/${made.id}?${query}`).expect(200)).body;
    const everything = userAttributes().map(([, path]) => path).join(','); // prettier-ignore
    expect(Object.keys(await read(`excludedAttributes=${everything},meta,id,schemas`)).sort()).toEqual([
      'id',
      'schemas',
    ]);
    expect(await read(`attributes=${everything},password`)).not.toHaveProperty('password');
    for (const [attribute, path] of writable()) {
      const only = await read(`attributes=${path}`);
      expect(at(only, path)).toEqual(valueOf(attribute));
      expect(Object.keys(only).sort()).toEqual(
        ['id', 'schemas', path.startsWith(ENTERPRISE) ? ENTERPRISE : path].sort(),
      );
      expect(at(await read(`excludedAttributes=${path.toUpperCase()}`), path)).toBeUndefined();
      for (const sub of attribute.subAttributes ?? []) {
        if (sub.mutability === 'readOnly') continue;
        const part = at(await read(`attributes=${path}.${sub.name}`), path);
        const shown = { [sub.name]: valueOf(sub) };
        expect([path, sub.name, part]).toEqual([path, sub.name, attribute.multiValued ? [shown] : shown]);
      }
    }
  });

  it('the case counts in a filter exactly where the schema says so (behaviour 13)', async () => {
    const own = await connectDirectory(app);
    await own.send('post', '/Users', whole(1)).expect(201);
    const total = async (filter: string) =>
      (await own.send('get', `/Users?filter=${encodeURIComponent(filter)}`).expect(200)).body.totalResults as number;
    for (const [attribute, path] of writable()) {
      const parts = attribute.type === 'complex' ? (attribute.subAttributes ?? []) : [undefined];
      for (const sub of parts) {
        const aim = sub ?? attribute;
        const name = sub ? `${path}.${sub.name}` : path;
        if (aim.mutability === 'readOnly') continue;
        expect([name, await total(`${name} pr`)]).toEqual([name, 1]);
        expect([name, await total(`not (${name} pr)`)]).toEqual([name, 0]);
        if (aim.type !== 'string') continue;
        const other = String(valueOf(aim)).toUpperCase();
        expect([name, await total(`${name} eq "${other}"`)]).toEqual([name, aim.caseExact ? 0 : 1]);
        expect([name, await total(`${name.toUpperCase()} EQ "${String(valueOf(aim))}"`)]).toEqual([name, 1]);
      }
    }
  });

  it('sorts by every attribute it describes, in both directions', async () => {
    const own = await connectDirectory(app);
    for (const n of [2, 1]) await own.send('post', '/Users', whole(n)).expect(201);
    await own.send('post', '/Users', { schemas: [USER], userName: 'zz' }).expect(201);
    for (const [attribute, path] of writable()) {
      if (attribute.type === 'complex' || attribute.type === 'boolean') continue;
      const sorted = async (order: string) => {
        const { body } = await own.send('get', `/Users?sortBy=${path}&sortOrder=${order}`).expect(200);
        return (body.Resources as Json[]).map((user) => at(user, path));
      };
      const [one, two] = [valueOf(attribute), valueOf(attribute, 2)];
      expect([path, await sorted('ascending')]).toEqual([path, [one, two, undefined]]);
      expect([path, await sorted('descending')]).toEqual([path, [undefined, two, one]]);
    }
  });
});

describe('ServiceProviderConfig keeps its word (RFC 7643 section 5)', () => {
  it('in each feature that it says is supported, and in its limits', async () => {
    const { body } = (await directory.send('get', '/ServiceProviderConfig').expect(200)) as {
      body: { bulk: { maxOperations: number }; filter: { maxResults: number } };
    };
    expect(body).toMatchObject({
      patch: { supported: true }, bulk: { supported: true }, filter: { supported: true }, sort: { supported: true },
      etag: { supported: true }, changePassword: { supported: false }, pagination: { cursor: true, index: true },
    }); // prettier-ignore
    const bulk = (count: number) => ({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: Array.from({ length: count }, () => ({ method: 'DELETE', path: '/Users/x' })),
    });
    await directory.send('post', '/Bulk', bulk(body.bulk.maxOperations)).expect(200);
    await directory.send('post', '/Bulk', bulk(body.bulk.maxOperations + 1)).expect(413);
    const many = (await directory.send('get', `/Users?count=${body.filter.maxResults + 1}`).expect(200)).body;
    expect(many.itemsPerPage).toBeLessThanOrEqual(body.filter.maxResults);
    const { meta, id } = (await directory.send('post', '/Users', { schemas: [USER], userName: 'etag' }).expect(201))
      .body;
    expect(meta.location).toBe(`http://localhost:3000/scim/v2/Users/${id}`);
    await directory.send('get', `/Users/${id}`, undefined, { 'If-None-Match': meta.version }).expect(304);
    await directory.send('delete', `/Users/${id}`, undefined, { 'If-Match': 'W/"99"' }).expect(412);
    await directory.send('delete', `/Users/${id}`, undefined, { 'If-Match': `"1", ${meta.version}` }).expect(204);
  });
});
