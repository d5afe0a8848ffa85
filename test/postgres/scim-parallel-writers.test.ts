// Writers at the same moment on real PostgreSQL: what they leave is what some order of them, one after the other, would
// leave (behaviours 3 and 4), and nothing of one organization is seen by the other (behaviour 2).
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import { GROUP, USER, connectDirectory, patch, scimApp, type Directory } from '../support/directory.ts';

let app: Express;
let directory: Directory;
let users: string[];
beforeAll(async () => {
  await openTestDatabase();
  app = scimApp();
  directory = await connectDirectory(app);
  users = await Promise.all(Array.from({ length: 100 }, (_, i) => createUser(directory, `writer-${i}`)));
});
afterAll(() => closeTestDatabase());

const createUser = async (at: Directory, userName: string): Promise<string> =>
  (await at.send('post', '/Users', { schemas: [USER], userName }).expect(201)).body.id;
const createGroup = async (members: readonly string[]): Promise<string> =>
  (
    await directory
      .send('post', '/Groups', {
        schemas: [GROUP],
        displayName: 'Shared',
        members: members.map((value) => ({ value })),
      })
      .expect(201)
  ).body.id;
const change = (id: string, ...operations: object[]) => directory.send('patch', `/Groups/${id}`, patch(...operations));
const membersOf = async (id: string): Promise<string[]> =>
  ((await directory.send('get', `/Groups/${id}`).expect(200)).body.members ?? []).map(
    ({ value }: { value: string }) => value,
  );

describe('a hundred writers at once', () => {
  it('adding and removing different members lose no change', async () => {
    const id = await createGroup(users.slice(0, 50));
    const answers = await Promise.all(
      users.map((value, i) =>
        change(
          id,
          i < 50
            ? { op: 'remove', path: `members[value eq "${value}"]` }
            : { op: 'add', path: 'members', value: [{ value }] },
        ),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(users.map(() => 204));
    expect(await membersOf(id)).toEqual(users.slice(50).sort());
    expect((await directory.send('get', `/Groups/${id}?excludedAttributes=members`)).body.meta.version).toBe('W/"102"');
  });

  it('adding and removing the same member leave him in or out, and nobody else is touched', async () => {
    const id = await createGroup(users.slice(0, 3));
    const value = users[9]!;
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        change(
          id,
          i % 2 === 0
            ? { op: 'add', path: 'members', value: [{ value }] }
            : { op: 'remove', path: 'members', value: [{ value }] },
        ),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect((await membersOf(id)).filter((member) => member !== value)).toEqual(users.slice(0, 3).sort());
  });

  it('replacing all members end as one of them, never as a mixture', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await createGroup(users.slice(40, 60));
      const [one, other] = [users.slice(0, 30), users.slice(20, 50)];
      const replace = (members: readonly string[]) =>
        change(id, { op: 'replace', path: 'members', value: members.map((value) => ({ value })) });
      const answers = await Promise.all([replace(one), replace(other)]);
      expect(answers.map(({ status }) => status)).toEqual([204, 204]);
      expect([[...one].sort(), [...other].sort()]).toContainEqual(await membersOf(id));
    }
  });

  it('mixing replace with add leave a set that some order explains', async () => {
    const id = await createGroup([]);
    const base = users.slice(0, 10);
    const added = users.slice(10, 40);
    await Promise.all([
      change(id, { op: 'replace', path: 'members', value: base.map((value) => ({ value })) }).expect(204),
      ...added.map((value) => change(id, { op: 'add', path: 'members', value: [{ value }] }).expect(204)),
    ]);
    const members = await membersOf(id);
    // Whoever was added before the replacement is gone, whoever came after it is there; the replacement is whole.
    expect(base.every((value) => members.includes(value))).toBe(true);
    expect(members.every((value) => base.includes(value) || added.includes(value))).toBe(true);
  });

  it('changing different attributes of one user lose none of them', async () => {
    const id = await createUser(directory, 'many-attributes');
    const names = [
      'title',
      'nickName',
      'userType',
      'locale',
      'timezone',
      'preferredLanguage',
      'displayName',
      'externalId',
    ];
    const answers = await Promise.all(
      names.map((path) => directory.send('patch', `/Users/${id}`, patch({ op: 'replace', path, value: `of ${path}` }))),
    );
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
    const read = (await directory.send('get', `/Users/${id}`).expect(200)).body;
    expect(names.map((name) => read[name])).toEqual(names.map((name) => `of ${name}`));
    expect(read.meta.version).toBe(`W/"${names.length + 1}"`);
  });

  it('creating one userName make one user and 409 for the others', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        directory.send('post', '/Users', { schemas: [USER], userName: i % 2 === 0 ? 'only.one' : 'ONLY.ONE' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
  });

  it('in two organizations, 200 requests in flight: each sees its own only', async () => {
    const other = await connectDirectory(app);
    const theirs = await Promise.all(Array.from({ length: 20 }, (_, i) => createUser(other, `writer-${i}`)));
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const [at, own, foreign] = i % 2 === 0 ? [directory, users, theirs] : [other, theirs, users];
        const mine = own[i % own.length]!;
        const read = await at.send('get', `/Users/${mine}`).expect(200);
        expect(read.body).toMatchObject({
          id: mine,
          meta: { location: `http://localhost:3000/scim/v2/Users/${mine}` },
        });
        await at.send('get', `/Users/${foreign[i % foreign.length]!}`).expect(404);
      }),
    );
  });
});
