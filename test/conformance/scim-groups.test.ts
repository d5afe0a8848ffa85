// Groups: members in every form clients use, nesting, and groups that give rights.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { query } from '../../src/database/query.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import { GROUP, USER, connectDirectory, patch, scimApp, type Directory } from '../support/directory.ts';
import { v7 as uuidv7 } from 'uuid';

let app: Express;
let directory: Directory;
let users: string[];
let serial = 0;

beforeAll(async () => {
  await openTestDatabase();
  app = scimApp();
  directory = await connectDirectory(app);
  users = [];
  for (let i = 0; i < 6; i++) users.push(await createUser(directory, `member-${i}`));
});
afterAll(() => closeTestDatabase());

async function createUser(at: Directory, userName: string): Promise<string> {
  return (await at.send('post', '/Users', { schemas: [USER], userName }).expect(201)).body.id;
}
async function createGroup(members: string[] = [], at = directory): Promise<string> {
  const body = { schemas: [GROUP], displayName: `Group ${serial++}`, members: members.map((value) => ({ value })) };
  return (await at.send('post', '/Groups', body).expect(201)).body.id;
}
const membersOf = async (id: string): Promise<string[]> =>
  ((await directory.send('get', `/Groups/${id}`).expect(200)).body.members ?? []).map(
    (member: { value: string }) => member.value,
  );
const change = (id: string, ...operations: object[]) => directory.send('patch', `/Groups/${id}`, patch(...operations));

describe('a group over SCIM', () => {
  it('is created with its members and shows each by name and address (RFC 7643 section 4.2)', async () => {
    const id = await createGroup([users[0]!, users[1]!]);
    const read = await directory.send('get', `/Groups/${id}`).expect(200);
    expect(read.body.members).toEqual(
      [users[0], users[1]]
        .sort()
        .map((value) =>
          expect.objectContaining({ value, type: 'User', $ref: `http://localhost:3000/scim/v2/Users/${value}` }),
        ),
    );
    expect((await directory.send('get', `/Users/${users[0]}`)).body.groups).toContainEqual(
      expect.objectContaining({ value: id, type: 'direct' }),
    );
  });

  it('adds and removes members in every form clients use, and counts a change as one version (Entra ID, Okta; behaviour 4)', async () => {
    const id = await createGroup();
    await change(id, { op: 'Add', path: 'members', value: [{ $ref: null, value: users[0] }] }).expect(204);
    await change(id, { op: 'add', value: { members: [{ value: users[1] }, { value: users[2] }] } }).expect(204);
    await change(id, { op: 'add', path: 'members', value: [{ value: users[3] }, { value: users[4] }] }).expect(204);
    await change(id, { op: 'Remove', path: 'members', value: [{ $ref: null, value: users[0] }] }).expect(204);
    await change(id, { op: 'remove', path: `members[value eq "${users[1]}"]` }).expect(204);
    await change(id, { op: 'remove', path: `members[value eq "${users[2]}" or value eq "${users[3]}"]` }).expect(204);
    expect(await membersOf(id)).toEqual([users[4]]);
    const version = (await directory.send('get', `/Groups/${id}`)).headers['etag'];
    await change(id, { op: 'add', path: 'members', value: [{ value: users[4] }] }).expect(204);
    expect((await directory.send('get', `/Groups/${id}`)).headers['etag']).toBe(version);
  });

  it('has exactly the members a replace names, and keeps them in a path-less replace without members (Okta group push; behaviour 4)', async () => {
    const id = await createGroup([users[0]!, users[1]!]);
    await change(id, { op: 'replace', path: 'members', value: [{ value: users[1] }, { value: users[2] }] }).expect(204);
    expect(await membersOf(id)).toEqual([users[1], users[2]].sort());
    await change(id, { op: 'replace', value: { displayName: 'Renamed' } }).expect(204);
    expect(await membersOf(id)).toEqual([users[1], users[2]].sort());
    await change(id, { op: 'remove', path: 'members' }).expect(204);
    expect(await membersOf(id)).toEqual([]);
  });

  it('changes nothing when one member is unknown, or belongs to another organization (behaviours 2 and 18)', async () => {
    const stranger = await connectDirectory(app);
    const foreign = await createUser(stranger, 'foreign');
    const id = await createGroup([users[0]!]);
    for (const unknown of [foreign, uuidv7(), 'no-uuid']) {
      const refused = await change(id, {
        op: 'add',
        path: 'members',
        value: [{ value: users[1] }, { value: unknown }],
      }).expect(400);
      expect(refused.body).toMatchObject({ scimType: 'invalidValue' });
      expect(refused.body.detail).toContain(unknown);
    }
    expect(await membersOf(id)).toEqual([users[0]]);
  });

  it('loses no member when a hundred PATCHes arrive at once (behaviour 3)', async () => {
    const many: string[] = [];
    for (let i = 0; i < 50; i++) many.push(await createUser(directory, `crowd-${i}`));
    const id = await createGroup();
    const answers = await Promise.all(
      many.map((value) => change(id, { op: 'add', path: 'members', value: [{ value }] })),
    );
    expect(answers.map((answer) => answer.status)).toEqual(many.map(() => 204));
    await Promise.all(
      many.slice(0, 25).map((value) => change(id, { op: 'remove', path: `members[value eq "${value}"]` })),
    );
    expect(await membersOf(id)).toEqual(many.slice(25).sort());
  });

  it('nests groups, shows the nested membership as indirect, and refuses a cycle', async () => {
    const inner = await createGroup([users[5]!]);
    const outer = await createGroup([inner]);
    const groups = (await directory.send('get', `/Users/${users[5]}`).expect(200)).body.groups;
    expect(groups).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ value: inner, type: 'direct' }),
        expect.objectContaining({ value: outer, type: 'indirect' }),
      ]),
    );
    const refused = await change(inner, { op: 'add', path: 'members', value: [{ value: outer }] }).expect(400);
    expect(refused.body.detail).toContain('member of itself');
    expect(await membersOf(inner)).toEqual([users[5]]);
  });

  it('refuses nesting deeper than ten', async () => {
    let group = await createGroup();
    for (let depth = 1; depth <= 10; depth++) group = await createGroup([group]);
    await directory
      .send('post', '/Groups', { schemas: [GROUP], displayName: 'eleven', members: [{ value: group }] })
      .expect(400);
  });
});

describe('a group that gives rights', () => {
  const giveRights = async (groupId: string) => {
    const { organizationId } = directory;
    const account = uuidv7();
    await query(`insert into customer_accounts (organization_id, id, number, name) values ($1, $2, $3, 'Sales')`, [
      organizationId,
      account,
      account,
    ]);
    await query(
      `insert into assignments (organization_id, id, subject_kind, subject_id, application, customer_account_id, "values", given_by, given_at)
       values ($1, $2, 'group', $3, 'pickup', $4, '{"rights":["pickup"]}', '{}', now())`,
      [organizationId, uuidv7(), groupId, account],
    );
  };
  const open = (groupId: string) =>
    query(
      `insert into connection_openings (organization_id, connection_id, kind, target_id, opened_by, opened_at) values ($1, $2, 'group', $3, '{}', now())`,
      [directory.organizationId, directory.connectionId, groupId],
    );

  it('takes no new member from a directory it was not opened to, and says why', async () => {
    const group = await createGroup();
    await giveRights(group);
    const refused = await change(group, { op: 'add', path: 'members', value: [{ value: users[0] }] }).expect(403);
    expect(refused.body.detail).toContain('no chief administrator has opened');
    expect(await membersOf(group)).toEqual([]);
    const nested = await createGroup();
    await open(group);
    await change(group, { op: 'add', path: 'members', value: [{ value: nested }] }).expect(204);
    await query('delete from connection_openings where target_id = $1', [group]);
    await change(nested, { op: 'add', path: 'members', value: [{ value: users[0] }] }).expect(403);
  });

  it('takes members once a chief administrator opened it', async () => {
    const group = await createGroup();
    await giveRights(group);
    await open(group);
    await change(group, { op: 'add', path: 'members', value: [{ value: users[0] }] }).expect(204);
    expect(await membersOf(group)).toEqual([users[0]]);
  });
});
