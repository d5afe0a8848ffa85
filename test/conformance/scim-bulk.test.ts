// Bulk operations (RFC 7644 section 3.7).
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import { ENTERPRISE, GROUP, USER, connectDirectory, patch, scimApp, type Directory } from '../support/directory.ts';

let app: Express;
let directory: Directory;
beforeAll(async () => {
  await openTestDatabase();
  app = scimApp();
  directory = await connectDirectory(app);
});
afterAll(() => closeTestDatabase());

const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
type Result = {
  method: string;
  bulkId?: string;
  status: string;
  location?: string;
  version?: string;
  response?: { detail: string; scimType?: string };
};

const bulk = (operations: readonly unknown[], more: object = {}) =>
  directory.send('post', '/Bulk', { schemas: [BULK], Operations: operations, ...more });
const run = async (operations: readonly unknown[], more: object = {}): Promise<Result[]> => {
  const { body } = await bulk(operations, more).expect(200);
  expect(body.schemas).toEqual(['urn:ietf:params:scim:api:messages:2.0:BulkResponse']);
  return body.Operations;
};
const statuses = (results: readonly Result[]) => results.map(({ status }) => status);
const user = (bulkId: string, more: object = {}) => ({
  method: 'POST', path: '/Users', bulkId, data: { schemas: [USER], userName: `${bulkId}-${crypto.randomUUID()}`, ...more },
}); // prettier-ignore
const group = (bulkId: string, ...members: string[]) => ({
  method: 'POST', path: '/Groups', bulkId, data: { schemas: [GROUP], displayName: bulkId, members: members.map((value) => ({ value })) },
}); // prettier-ignore
const idOf = ({ location = '' }: Result) => location.split('/').at(-1) ?? '';
const membersOf = async (result: Result) =>
  ((await directory.send('get', `/Groups/${idOf(result)}`).expect(200)).body.members ?? [])
    .map(({ value }: { value: string }) => value)
    .sort();

describe('a bulk', () => {
  it('creates, changes and deletes in order, each with status, location and version (RFC 7644 section 3.7.3)', async () => {
    const [alice, sales] = await run([user('alice'), group('sales')]);
    expect(alice).toEqual({
      method: 'POST',
      bulkId: 'alice',
      status: '201',
      version: 'W/"1"',
      location: `http://localhost:3000/scim/v2/Users/${idOf(alice!)}`,
    });
    const results = await run([
      {
        method: 'patch',
        path: `/Users/${idOf(alice!)}`,
        version: 'W/"1"',
        data: patch({ op: 'replace', path: 'title', value: 'Clerk' }),
      },
      {
        method: 'PATCH',
        path: `/Groups/${idOf(sales!)}`,
        data: patch({ op: 'add', path: 'members', value: [{ value: idOf(alice!) }] }),
      },
      {
        method: 'PUT',
        path: `/Users/${idOf(alice!)}`,
        version: 'W/"1"',
        data: { schemas: [USER], userName: 'alice-late' },
      },
      { method: 'DELETE', path: `/Users/${idOf(alice!)}` },
      { method: 'DELETE', path: `/Users/${idOf(alice!)}` },
    ]);
    expect(statuses(results)).toEqual(['200', '200', '412', '204', '404']);
    expect(results[0]?.version).toBe('W/"2"');
    expect(results[4]?.response).toMatchObject({ status: '404' });
    expect(results.map(({ method }) => method)).toEqual(['PATCH', 'PATCH', 'PUT', 'DELETE', 'DELETE']);
  });

  it('resolves bulkId in data and in paths, backwards (RFC 7644 section 3.7.2)', async () => {
    const [boss, worker, team, patched] = await run([
      user('boss'),
      user('worker', { [ENTERPRISE]: { manager: { value: 'bulkId:boss' } } }),
      group('team', 'bulkId:boss', 'bulkId:worker'),
      { method: 'PATCH', path: '/Users/bulkId:worker', data: patch({ op: 'replace', path: 'title', value: 'Clerk' }) },
    ]);
    expect(patched?.status).toBe('200');
    expect((await directory.send('get', `/Users/${idOf(worker!)}`)).body).toMatchObject({
      title: 'Clerk',
      [ENTERPRISE]: { manager: { value: idOf(boss!) } },
    });
    expect(await membersOf(team!)).toEqual([idOf(boss!), idOf(worker!)].sort());
  });

  it('resolves forward and circular references: made first, joined later (RFC 7644 section 3.7.1)', async () => {
    const results = await run([
      group('outer', 'bulkId:inner', 'bulkId:late'),
      user('a', { [ENTERPRISE]: { manager: { value: 'bulkId:b' } } }),
      user('b', { manager: [{ value: 'bulkId:a' }] }),
      {
        method: 'PATCH',
        path: '/Groups/bulkId:inner',
        data: patch({ op: 'add', path: 'members', value: [{ value: 'bulkId:a' }] }),
      },
      group('inner', 'bulkId:late'),
      user('late'),
    ]);
    expect(statuses(results)).toEqual(['201', '201', '201', '200', '201', '201']);
    expect(results.map(({ bulkId }) => bulkId)).toEqual(['outer', 'a', 'b', undefined, 'inner', 'late']);
    const [outer, a, b, , inner, late] = results as [Result, Result, Result, Result, Result, Result];
    expect(await membersOf(outer)).toEqual([idOf(inner), idOf(late)].sort());
    expect(await membersOf(inner)).toEqual([idOf(a), idOf(late)].sort());
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      // prettier-ignore
      const read = (await directory.send('get', `/Users/${idOf(one)}`)).body;
      expect(read[ENTERPRISE].manager.value).toBe(idOf(other));
      expect(read.meta.version).toBe(one.version);
    }
  });

  it('says so when a group names itself in a circle of members', async () => {
    const results = await run([group('g1', 'bulkId:g2'), group('g2', 'bulkId:g1')]);
    expect(statuses(results).sort()).toEqual(['201', '400']);
    expect(results.find(({ status }) => status === '400')?.response?.detail).toContain('The resource was created');
  });

  it('refuses a bulkId that nobody has, and with 409 one whose resource was not made', async () => {
    const results = await run([
      group('lost', 'bulkId:nobody'),
      { method: 'POST', path: '/Users', bulkId: 'broken', data: { schemas: [USER] } },
      { method: 'DELETE', path: '/Users/bulkId:broken' },
    ]);
    expect(statuses(results)).toEqual(['400', '400', '409']);
  });

  it('keeps each operation atomic, and what succeeded when another fails', async () => {
    const [made] = await run([user('whole')]);
    const results = await run([
      {
        method: 'PATCH',
        path: `/Users/${idOf(made!)}`,
        data: patch({ op: 'replace', path: 'title', value: 'x' }, { op: 'replace', path: 'id', value: 'y' }),
      },
      {
        method: 'PATCH',
        path: `/Users/${idOf(made!)}`,
        data: patch({ op: 'replace', path: 'nickName', value: 'kept' }),
      },
    ]);
    expect(statuses(results)).toEqual(['400', '200']);
    expect(results[0]?.response).toMatchObject({ scimType: 'mutability' });
    const read = (await directory.send('get', `/Users/${idOf(made!)}`)).body;
    expect(read).toMatchObject({ nickName: 'kept' });
    expect(read).not.toHaveProperty('title');
  });

  it('stops after failOnErrors errors and answers what was done until then (RFC 7644 section 3.7.3)', async () => {
    const wrong = { method: 'DELETE', path: `/Users/${crypto.randomUUID()}` };
    expect(statuses(await run([wrong, user('one'), wrong, user('two')], { failOnErrors: 2 }))).toEqual([
      '404',
      '201',
      '404',
    ]);
    expect(statuses(await run([wrong, wrong, user('three')]))).toEqual(['404', '404', '201']);
  });

  it.each([
    ['a method of another kind', { method: 'GET', path: '/Users/1' }],
    ['a path elsewhere', { method: 'POST', path: '/Schemas', bulkId: 'x', data: {} }],
    ['a search', { method: 'POST', path: '/Users/.search', bulkId: 'x', data: {} }],
    ['a bulk in the bulk', { method: 'POST', path: '/Bulk', bulkId: 'x', data: {} }],
    ['a POST without bulkId', { method: 'POST', path: '/Users', data: { schemas: [USER], userName: 'x' } }],
    ['no object', 7],
  ])('refuses %s without harm to the others', async (_what, operation) => {
    const results = await run([operation, user('fine')]);
    expect(statuses(results)).toEqual(['400', '201']);
    expect(results[0]?.response).toMatchObject({ status: '400' });
  });

  it('answers 413 for more than 1,000 operations, as ServiceProviderConfig says (RFC 7644 section 3.7.4)', async () => {
    const config = (await directory.send('get', '/ServiceProviderConfig')).body;
    expect(config.bulk).toEqual({ supported: true, maxOperations: 1000, maxPayloadSize: 16 * 1024 * 1024 });
    await bulk(Array.from({ length: 1001 }, () => ({ method: 'DELETE', path: '/Users/x' }))).expect(413);
    const refused = await bulk([user('large', { title: 'x'.repeat(16 * 1024 * 1024) })]).catch(() => undefined);
    if (refused) expect(refused.status).toBe(413);
  });

  it('never reaches into another organization', async () => {
    const stranger = await connectDirectory(app);
    const foreign = (await stranger.send('post', '/Users', { schemas: [USER], userName: 'foreign' }).expect(201)).body
      .id;
    const results = await run([{ method: 'DELETE', path: `/Users/${foreign}` }, group('thief', foreign)]);
    expect(statuses(results)).toEqual(['404', '400']);
    await stranger.send('get', `/Users/${foreign}`).expect(200);
  });

  it('undoes all of it in a dry run, although later operations see the earlier ones', async () => {
    const before = (await directory.send('get', '/Users?count=0')).body.totalResults;
    const answer = await directory
      .send(
        'post',
        '/Bulk',
        {
          schemas: [BULK],
          Operations: [user('trial'), group('trials', 'bulkId:trial', 'no-such-id'), group('fine', 'bulkId:trial')],
        },
        { 'Mandate-Dry-Run': 'true' },
      )
      .expect(200)
      .expect('Mandate-Dry-Run', 'true');
    expect(statuses(answer.body.Operations)).toEqual(['201', '400', '201']);
    expect((await directory.send('get', '/Users?count=0')).body.totalResults).toBe(before);
  });
});
