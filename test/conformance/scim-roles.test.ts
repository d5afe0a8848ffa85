// Roles over SCIM: what may be assigned, and that a role in the document is a right in the next token
// (RFC 7643 section 4.1.2; draft-ietf-scim-roles-entitlements).
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { addToRole, createRole, endRole } from '../../src/entitlements/change-role.ts';
import { endAssignment } from '../../src/entitlements/end-assignment.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { closeToConnection, openToConnection } from '../../src/entitlements/open-to-connection.ts';
import { tokenRights } from '../../src/entitlements/token-rights.ts';
import { query } from '../../src/database/query.ts';
import { handOverUsers } from '../../src/provisioning/hand-over.ts';
import { aUser, anOrganization, gift, QUEUES, useTestCatalogue, type Organization } from '../giving/world.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import { USER, connectDirectory, patch, scimApp, type Directory } from '../support/directory.ts';

let app: Express;
let organization: Organization;
let directory: Directory;
let mailroom: string;
let closed: string;

async function roleOf(name: string, right: string): Promise<string> {
  const { id } = await createRole(organization.operator, { name, description: `${name} people` });
  await addToRole(organization.operator, { roleId: id, entitlements: [gift(organization, right)] });
  return id;
}
beforeAll(async () => {
  useTestCatalogue();
  await openTestDatabase(QUEUES);
  app = scimApp();
  organization = await anOrganization();
  directory = await connectDirectory(app, organization.id);
  mailroom = await roleOf('Mailroom', 'a');
  closed = await roleOf('Finance', 'b');
  await openToConnection(organization.operator, {
    connectionId: directory.connectionId,
    kind: 'role',
    targetId: mailroom,
  });
});
afterAll(() => closeTestDatabase());

const post = (roles: unknown, more: object = {}) =>
  directory.send('post', '/Users', { schemas: [USER], userName: crypto.randomUUID(), roles, ...more });
const create = async (roles: unknown = []): Promise<string> => (await post(roles).expect(201)).body.id;
const change = (id: string, ...operations: object[]) => directory.send('patch', `/Users/${id}`, patch(...operations));
const read = async (id: string) => (await directory.send('get', `/Users/${id}`).expect(200)).body;
/** The right of the application without profiles, as the next token would carry it. */
async function rightsIn(application: string, userId: string): Promise<unknown[]> {
  const rights = await tokenRights({ organizationId: organization.id, userId, application, now: new Date() });
  return (rights?.authorizationDetails ?? []).map((detail) => (detail as { privileges: unknown }).privileges);
}
const liveAssignments = async (userId: string) =>
  (
    await query('select 1 from assignments where organization_id = $1 and subject_id = $2 and ended_at is null', [
      organization.id,
      userId,
    ])
  ).length;

describe('/Roles and /Entitlements (draft-ietf-scim-roles-entitlements; behaviour 23)', () => {
  it('list exactly what a chief administrator opened to this connection', async () => {
    const list = (await directory.send('get', '/Roles').expect(200)).body;
    expect(list).toMatchObject({
      totalResults: 1,
      Resources: [{ id: mailroom, value: 'Mailroom', display: 'Mailroom people', type: 'plain', supported: true }],
    });
    await directory
      .send('get', `/Roles/${mailroom}`)
      .expect(200)
      .expect((answer) => expect(answer.body.meta.resourceType).toBe('Role'));
    await directory.send('get', `/Roles/${closed}`).expect(404);
    expect((await directory.send('get', '/Entitlements').expect(200)).body).toMatchObject({
      totalResults: 0,
      Resources: [],
    });
    const sibling = await connectDirectory(app, organization.id);
    expect((await sibling.send('get', '/Roles').expect(200)).body.totalResults).toBe(0);
    await sibling.send('get', `/Roles/${mailroom}`).expect(404);
  });

  it('cannot be written', async () => {
    for (const method of ['post', 'put', 'patch', 'delete'] as const)
      await directory.send(method, `/Roles${method === 'post' ? '' : `/${mailroom}`}`, {}).expect(405);
  });
});

describe("a user's roles (behaviour 23)", () => {
  it.each([
    ['objects', [{ value: 'Mailroom', type: 'x', primary: true }]],
    ['strings', ['mailroom']],
    ['one object without a list', { value: 'MAILROOM' }],
  ])(
    'given as %s are an assignment of the opened role by the connection, in the next token of that application only',
    async (_form, roles) => {
      const id = await create(roles);
      expect(await rightsIn('plain', id)).toEqual([['a']]);
      expect(await rightsIn('profiled', id)).toEqual([]);
      const [row] = await query(
        'select given_by, role_id from assignments where organization_id = $1 and subject_id = $2',
        [organization.id, id],
      );
      expect(row).toMatchObject({ role_id: mailroom, given_by: { kind: 'connection', id: directory.connectionId } });
    },
  );

  it('are echoed as they were written, by name or by id', async () => {
    const id = await create([{ value: 'mailROOM', display: 'Post' }]);
    expect((await read(id)).roles).toEqual([{ value: 'mailROOM', display: 'Post' }]);
    const other = await create([{ value: mailroom }]);
    expect((await read(other)).roles).toEqual([{ value: mailroom }]);
    expect(await rightsIn('plain', other)).toEqual([['a']]);
  });

  it('that were not opened, or are nobody’s, are refused with 403 and the reason, and nothing is changed', async () => {
    for (const roles of [['Finance'], ['No such role'], ['Mailroom', 'Finance'], [closed]]) {
      const refused = await post(roles).expect(403);
      expect(refused.body.detail).toContain('No chief administrator has opened a role');
    }
    const id = await create(['Mailroom']);
    await change(
      id,
      { op: 'replace', path: 'title', value: 'x' },
      { op: 'add', path: 'roles', value: [{ value: 'Finance' }] },
    ).expect(403);
    expect(await read(id)).toMatchObject({ roles: [{ value: 'Mailroom' }] });
    expect(await read(id)).not.toHaveProperty('title');
    expect(await liveAssignments(id)).toBe(1);
  });

  it.each([
    ['remove of all', { op: 'remove', path: 'roles' }],
    ['remove of one', { op: 'remove', path: 'roles[value eq "mailroom"]' }],
    ['replace by none', { op: 'replace', path: 'roles', value: [] }],
  ])('taken away by %s are gone from the next token', async (_form, operation) => {
    const id = await create(['Mailroom']);
    await change(id, operation).expect(200);
    expect(await rightsIn('plain', id)).toEqual([]);
    expect(await liveAssignments(id)).toBe(0);
    expect(await read(id)).not.toHaveProperty('roles');
  });

  it('are set by PUT and by Entra ID’s value path on a role that is not there yet', async () => {
    const id = await create();
    await change(id, { op: 'Replace', path: 'roles[primary eq "True"].value', value: 'Mailroom' }).expect(200);
    expect(await rightsIn('plain', id)).toEqual([['a']]);
    await directory.send('put', `/Users/${id}`, { schemas: [USER], userName: crypto.randomUUID() }).expect(200);
    expect(await rightsIn('plain', id)).toEqual([]);
  });

  it('given by an administrator are not the directory’s: neither shown nor taken away', async () => {
    const id = await create(['Mailroom']);
    await assign(organization.operator, { subject: { kind: 'user', id }, gifts: [gift(organization, 'b')] });
    expect((await read(id)).roles).toEqual([{ value: 'Mailroom' }]);
    await change(id, { op: 'remove', path: 'roles' }).expect(200);
    expect(await rightsIn('plain', id)).toEqual([['b']]);
  });

  it('repeated by a later request give nothing twice, and write nothing', async () => {
    const id = await create(['Mailroom']);
    const { version } = (await read(id)).meta;
    await change(id, { op: 'add', path: 'roles', value: [{ value: 'Mailroom' }] }).expect(200);
    expect(await liveAssignments(id)).toBe(1);
    expect((await read(id)).meta.version).toBe(version);
  });

  it('stay given when the role is closed to the connection, and can still be taken away', async () => {
    const role = await roleOf('Temporary', 'a');
    const opening = { connectionId: directory.connectionId, kind: 'role' as const, targetId: role };
    await openToConnection(organization.operator, opening);
    const id = await create(['Temporary']);
    await closeToConnection(organization.operator, opening);
    await change(id, { op: 'replace', path: 'title', value: 'still here' }).expect(200);
    expect(await rightsIn('plain', id)).toEqual([['a']]);
    await post(['Temporary']).expect(403);
    await change(id, { op: 'remove', path: 'roles' }).expect(200);
    expect(await rightsIn('plain', id)).toEqual([]);
  });

  it('end with the role, and the word can be taken away afterwards', async () => {
    const role = await roleOf('Ending', 'a');
    await openToConnection(organization.operator, {
      connectionId: directory.connectionId,
      kind: 'role',
      targetId: role,
    });
    const id = await create(['Ending']);
    await endRole(organization.operator, role);
    expect(await rightsIn('plain', id)).toEqual([]);
    await change(id, { op: 'remove', path: 'roles' }).expect(200);
  });

  it('that an administrator ended stay ended until the directory gives them again', async () => {
    const id = await create(['Mailroom']);
    const [row] = await query<{ id: string }>(
      'select id from assignments where organization_id = $1 and subject_id = $2',
      [organization.id, id],
    );
    await endAssignment(organization.operator, row!.id);
    await change(id, { op: 'replace', path: 'title', value: 'x' }).expect(200);
    expect(await rightsIn('plain', id)).toEqual([]);
    await change(id, { op: 'remove', path: 'roles' }).expect(200);
    await change(id, { op: 'add', path: 'roles', value: ['Mailroom'] }).expect(200);
    expect(await rightsIn('plain', id)).toEqual([['a']]);
  });

  it('follow a person who is provisioned again', async () => {
    const userName = crypto.randomUUID();
    const { id } = (await post(['Mailroom'], { userName }).expect(201)).body;
    await change(id, { op: 'replace', path: 'active', value: false }).expect(200);
    const again = (await post([], { userName }).expect(201)).body;
    expect(again.id).toBe(id);
    expect(await rightsIn('plain', id)).toEqual([]);
  });

  it('pass with the person to a connection’s successor', async () => {
    const successor = await connectDirectory(app, organization.id);
    const id = await create(['Mailroom']);
    await handOverUsers(organization.operator, {
      connectionId: successor.connectionId,
      from: directory.connectionId,
      userIds: [id],
    });
    await successor.send('patch', `/Users/${id}`, patch({ op: 'remove', path: 'roles' })).expect(200);
    expect(await rightsIn('plain', id)).toEqual([]);
  });

  it('never hold entitlements, which come by roles: they are read-only (RFC 7644 section 3.3)', async () => {
    const made = await post([], { entitlements: [{ value: 'a' }] }).expect(201);
    expect(made.body).not.toHaveProperty('entitlements');
    const change = patch({ op: 'add', path: 'entitlements', value: [{ value: 'a' }] });
    const refused = await directory.send('patch', `/Users/${made.body.id}`, change).expect(400);
    expect(refused.body.scimType).toBe('mutability');
    await post([], { entitlements: [], roles: null }).expect(201);
  });
});

describe('the portal extension (RFC 7643 section 3.3, returned: request)', () => {
  const PORTAL = 'urn:mandate:params:scim:schemas:extension:portal:2.0:User';

  it('shows administration rights and customer accounts to whoever asks, and to nobody else', async () => {
    const person = await aUser(organization, ['manage_users'], [gift(organization, 'a')]);
    await handOverUsers(organization.operator, { connectionId: directory.connectionId, userIds: [person.id] });
    expect(await read(person.id)).not.toHaveProperty([PORTAL]);
    const expected = {
      administrationRights: ['manage_users'],
      customerAccounts: [{ value: organization.number, display: 'Lindenhof Antwerp' }],
    };
    const asked = (await directory.send('get', `/Users/${person.id}?attributes=userName,${PORTAL}`).expect(200)).body;
    expect(asked).toMatchObject({ schemas: expect.arrayContaining([PORTAL]), [PORTAL]: expected });
    const part = (
      await directory.send('get', `/Users/${person.id}?attributes=${PORTAL}:administrationRights`).expect(200)
    ).body;
    expect(part[PORTAL]).toEqual({ administrationRights: ['manage_users'] });
    const list = (await directory.send('get', `/Users?attributes=${PORTAL}&count=200`).expect(200)).body.Resources;
    expect(list.find(({ id }: { id: string }) => id === person.id)[PORTAL]).toEqual(expected);
  });

  it('is read-only, not to be searched, and described in /Schemas', async () => {
    const id = await create();
    await change(id, { op: 'add', path: `${PORTAL}:administrationRights`, value: ['manage_users'] })
      .expect(400)
      .expect((answer) => expect(answer.body.scimType).toBe('mutability'));
    await directory
      .send('put', `/Users/${id}`, {
        schemas: [USER, PORTAL],
        userName: crypto.randomUUID(),
        [PORTAL]: { administrationRights: ['x'] },
      })
      .expect(200);
    expect((await directory.send('get', `/Users/${id}?attributes=${PORTAL}`)).body).not.toHaveProperty([PORTAL]);
    for (const filter of [
      `${PORTAL}:administrationRights eq "x"`,
      'customerAccounts[value eq "1"]',
      `${PORTAL}:customerAccounts.value pr`,
    ]) {
      expect(
        (await directory.send('get', `/Users?filter=${encodeURIComponent(filter)}`).expect(400)).body.scimType,
      ).toBe('invalidFilter');
    }
    expect((await directory.send('get', `/Schemas/${PORTAL}`).expect(200)).body.attributes[0]).toMatchObject({
      name: 'administrationRights',
      mutability: 'readOnly',
      returned: 'request',
    });
  });
});
