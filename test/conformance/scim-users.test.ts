// Users: creating, changing, deactivating, restoring and deleting, and what Entra ID, Okta and others send for it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { findLiveUser } from '../../src/credentials/live-user.ts';
import { query } from '../../src/database/query.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import { ENTERPRISE, USER, connectDirectory, patch, scimApp, type Directory } from '../support/directory.ts';

let app: Express;
let directory: Directory;
beforeAll(async () => {
  await openTestDatabase();
  app = scimApp();
  directory = await connectDirectory(app);
});
afterAll(() => closeTestDatabase());

const person = (userName: string, more: object = {}) => ({
  schemas: [USER],
  userName,
  externalId: `ext-${userName}`,
  active: true,
  ...more,
});
const create = async (userName: string, more: object = {}) =>
  (await directory.send('post', '/Users', person(userName, more)).expect(201)).body;

describe('a user over SCIM', () => {
  it('is created with 201, Location, ETag and the stored attributes (RFC 7644 section 3.3; behaviour 20)', async () => {
    const answer = await directory
      .send(
        'post',
        '/Users',
        person('Anna.Peeters', { name: { givenName: 'Anna', familyName: 'Peeters' }, password: 'x', groups: [] }),
      )
      .expect(201)
      .expect('Content-Type', 'application/scim+json');
    expect(answer.headers['etag']).toBe('W/"1"');
    expect(answer.headers['location']).toBe(`http://localhost:3000/scim/v2/Users/${answer.body.id}`);
    expect(answer.body).toMatchObject({
      schemas: [USER],
      userName: 'Anna.Peeters',
      active: true,
      name: { givenName: 'Anna', familyName: 'Peeters' },
      meta: { resourceType: 'User', version: 'W/"1"', location: answer.headers['location'] },
    });
    expect(answer.body).not.toHaveProperty('password');
    const read = await directory.send('get', `/Users/${answer.body.id}`).expect(200);
    expect(read.body).toEqual(answer.body);
  });

  it('is found by userName in any case and answered as typed (RFC 7643 section 2.2; behaviour 6)', async () => {
    const user = await create('Bruno.Lemaire');
    const found = await directory
      .send('get', `/Users?filter=${encodeURIComponent('userName eq "BRUNO.lemaire"')}`)
      .expect(200);
    expect(found.body).toMatchObject({
      totalResults: 1,
      itemsPerPage: 1,
      startIndex: 1,
      Resources: [{ id: user.id, userName: 'Bruno.Lemaire' }],
    });
  });

  it('cannot take the userName of an active user, whatever the case (Okta; behaviours 5 and 6)', async () => {
    await create('carla');
    const refused = await directory.send('post', '/Users', person('CARLA')).expect(409);
    expect(refused.body).toMatchObject({ status: '409', scimType: 'uniqueness' });
    expect(refused.body.detail).toContain('CARLA');
  });

  it('is changed by PATCH in one version step, and a PATCH without effect changes nothing (RFC 7644 section 3.5.2; behaviour 18)', async () => {
    const user = await create('dirk');
    const changed = await directory
      .send('patch', `/Users/${user.id}`, patch({ op: 'Replace', path: 'title', value: 'Mailroom' }))
      .expect(200);
    expect(changed.body).toMatchObject({ title: 'Mailroom', meta: { version: 'W/"2"' } });
    const same = await directory
      .send('patch', `/Users/${user.id}`, patch({ op: 'replace', path: 'title', value: 'Mailroom' }))
      .expect(200);
    expect(same.body.meta.version).toBe('W/"2"');
  });

  it('keeps everything when one operation of a PATCH is refused (RFC 7644 section 3.5.2; behaviour 18)', async () => {
    const user = await create('els');
    await directory
      .send(
        'patch',
        `/Users/${user.id}`,
        patch({ op: 'replace', path: 'title', value: 'x' }, { op: 'replace', path: 'id', value: 'y' }),
      )
      .expect(400)
      .expect((answer) => expect(answer.body.scimType).toBe('mutability'));
    expect((await directory.send('get', `/Users/${user.id}`)).body).not.toHaveProperty('title');
  });

  it.each([
    [{ op: 'Replace', path: 'active', value: 'False' }],
    [{ op: 'replace', value: { active: false } }],
    [{ op: 'replace', path: 'active', value: 'false' }],
  ])('is deactivated by %j (Entra ID, Okta; behaviour 1)', async (operation) => {
    const user = await create(`leaver-${Math.random()}`);
    const answer = await directory.send('patch', `/Users/${user.id}`, patch(operation)).expect(200);
    expect(answer.body.active).toBe(false);
    const [row] = await query<{ active: boolean; ended: boolean }>(
      "select active, tokens_valid_from > '-infinity' as ended from users where id = $1",
      [user.id],
    );
    expect(row).toEqual({ active: false, ended: true });
  });

  it('is replaced by PUT: what is absent is cleared, read-only attributes are ignored, active stays (RFC 7644 section 3.5.1)', async () => {
    const user = await create('fien', { title: 'Clerk' });
    const answer = await directory
      .send('put', `/Users/${user.id}`, {
        schemas: [USER],
        userName: 'fien',
        id: 'other',
        meta: { version: 'x' },
        groups: [{ value: '1' }],
      })
      .expect(200);
    expect(answer.body).toMatchObject({ id: user.id, active: true });
    expect(answer.body).not.toHaveProperty('title');
  });

  it('answers 412 when If-Match names another version and 304 when If-None-Match names this one (RFC 7644 section 3.14; behaviour 16)', async () => {
    const user = await create('gust');
    await directory
      .send('patch', `/Users/${user.id}`, patch({ op: 'replace', path: 'title', value: 'x' }), { 'If-Match': 'W/"7"' })
      .expect(412);
    await directory.send('get', `/Users/${user.id}`, undefined, { 'If-None-Match': 'W/"1"' }).expect(304);
  });

  it('is gone after DELETE, and the name is free (RFC 7644 section 3.6; behaviour 17)', async () => {
    const user = await create('hans');
    await directory.send('delete', `/Users/${user.id}`).expect(204);
    const gone = await directory.send('get', `/Users/${user.id}`).expect(404);
    expect(gone.body.status).toBe('404');
    expect((await create('hans')).id).not.toBe(user.id);
  });

  it('shows the manager by name once he exists, also when he comes later (behaviour 12)', async () => {
    const boss = await create('ines', { displayName: 'Ines Maes' });
    const user = await create('jan', { [ENTERPRISE]: { department: 'Sales', manager: { value: boss.id } } });
    expect(user[ENTERPRISE]).toEqual({
      department: 'Sales',
      manager: { value: boss.id, displayName: 'Ines Maes', $ref: `http://localhost:3000/scim/v2/Users/${boss.id}` },
    });
  });
});

describe('a rehire over SCIM', () => {
  const leave = async (userName: string, more: object = {}) => {
    const user = await create(userName, more);
    await directory
      .send('patch', `/Users/${user.id}`, patch({ op: 'replace', path: 'active', value: false }))
      .expect(200);
    return user;
  };

  it('brings the same record back when the externalId is equal or absent (Okta; behaviour 5)', async () => {
    const user = await leave('karel');
    expect(await create('karel')).toMatchObject({ id: user.id, active: true });
    const other = await leave('lea', { externalId: undefined });
    expect(await create('LEA')).toMatchObject({ id: other.id, active: true, externalId: 'ext-LEA' });
  });

  it('is another person when the externalId differs: a new record, and the old one gives the name up (behaviour 5)', async () => {
    const user = await leave('maya', { externalId: 'one' });
    const other = await create('maya', { externalId: 'two' });
    expect(other.id).not.toBe(user.id);
    const former = await directory.send('get', `/Users/${user.id}`).expect(200);
    expect(former.body.userName).toContain('former');
    expect(former.body.active).toBe(false);
  });
});

describe('what clients send', () => {
  const change = (id: string, ...operations: object[]) => directory.send('patch', `/Users/${id}`, patch(...operations));
  const manager = (user: Record<string, { manager?: object } | undefined>) => user[ENTERPRISE]?.manager;

  it('deactivates by PUT too, and sessions and tokens die with the same commit (behaviour 1)', async () => {
    const user = await create('leaver-by-put');
    await query(
      `insert into oidc_artefacts (model, id_hash, payload, organization_id, user_id) values ('Session', '\\x01', '{}', $1, $2)`,
      [directory.organizationId, user.id],
    );
    expect(await findLiveUser(directory.organizationId, user.id)).toBeDefined();
    const put = await directory.send('put', `/Users/${user.id}`, { ...user, active: 'False' }).expect(200);
    expect(put.body.active).toBe(false);
    expect(await findLiveUser(directory.organizationId, user.id)).toBeUndefined();
    expect(await query('select 1 from oidc_artefacts where user_id = $1', [user.id])).toEqual([]);
  });

  it('a POST replayed after a time-out is 409, and the look-up that follows finds the one record (behaviour 5)', async () => {
    const user = await create('replayed');
    await directory.send('post', '/Users', person('replayed')).expect(409);
    const found = await directory
      .send('get', `/Users?filter=${encodeURIComponent('userName eq "replayed"')}`)
      .expect(200);
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id: user.id }] });
  });

  it.each([
    ['emails[type eq "work"].value', 'x@a.example', 'emails', [{ type: 'work', value: 'x@a.example' }]],
    ['addresses[type eq "work"].postalCode', '1000', 'addresses', [{ type: 'work', postalCode: '1000' }]],
    ['phoneNumbers[primary eq "True"].value', '+32', 'phoneNumbers', [{ primary: true, value: '+32' }]],
  ])(
    'replace of %s makes the element that is not there (Entra ID; behaviour 7)',
    async (path, value, name, expected) => {
      const user = await create(crypto.randomUUID());
      const changed = (await change(user.id, { op: 'Replace', path, value }).expect(200)).body;
      expect(changed[name]).toHaveLength(1);
      expect(changed[name][0]).toMatchObject(expected[0] as object);
    },
  );

  it('never leaves two values primary (RFC 7643 section 2.4; behaviour 7)', async () => {
    const user = await create('primary', { emails: [{ value: 'a@a.example', type: 'work', primary: true }] });
    const changed = await change(user.id, {
      op: 'add',
      path: 'emails',
      value: [{ value: 'b@a.example', type: 'home', primary: true }],
    }).expect(200);
    expect(changed.body.emails.filter(({ primary }: { primary?: boolean }) => primary)).toEqual([
      expect.objectContaining({ value: 'b@a.example' }),
    ]);
    const both = [{ value: 'a@a.example', primary: true }, { value: 'b@a.example', primary: true }]; // prettier-ignore
    await change(user.id, { op: 'replace', path: 'emails', value: both }).expect(400);
  });

  it('path-less dotted and URN keys, in mixed case, and paths with the core URN (Entra ID; behaviour 9)', async () => {
    const user = await create('pathless');
    const value = {
      'name.givenName': 'Pat',
      'NAME.familyname': 'Less',
      [`${ENTERPRISE}:employeeNumber`]: '42',
      Title: 'Clerk',
    };
    await change(user.id, { op: 'Replace', value }, { op: 'REPLACE', path: `${USER}:nickName`, value: 'P' }).expect(
      200,
    );
    expect((await directory.send('get', `/Users/${user.id}`)).body).toMatchObject({
      name: { givenName: 'Pat', familyName: 'Less' }, title: 'Clerk', nickName: 'P', [ENTERPRISE]: { employeeNumber: '42' },
    }); // prettier-ignore
  });

  it("Okta's PUT of the whole object, with id, meta, groups and a password that is never stored nor shown (behaviour 11)", async () => {
    const user = await create('okta-put', { password: 'never-kept-1' });
    const sent = {
      ...user,
      title: 'Clerk',
      password: 'never-kept-2',
      groups: [{ value: user.id }],
      meta: { version: 'x' },
    };
    const put = (await directory.send('put', `/Users/${user.id}`, sent).expect(200)).body;
    expect(put).toMatchObject({ id: user.id, title: 'Clerk', meta: { version: 'W/"2"' } });
    expect(put).not.toHaveProperty('password');
    expect(put).not.toHaveProperty('groups');
    for (const table of ['users', 'audit_events']) {
      expect(await query(`select 1 from ${table} t where t::text like '%never-kept%'`)).toEqual([]);
    }
  });

  it.each([
    [
      'a list of one with $ref',
      (id: string) => ({ op: 'Add', path: 'manager', value: [{ $ref: `../Users/${id}`, value: id }] }),
    ],
    ['a string', (id: string) => ({ op: 'replace', path: 'manager', value: id })],
    ['an object', (id: string) => ({ op: 'replace', path: `${ENTERPRISE}:manager`, value: { value: id } })],
    ['its value', (id: string) => ({ op: 'Replace', path: 'manager.value', value: id })],
    ['a URN key without path', (id: string) => ({ op: 'replace', value: { [`${ENTERPRISE}:manager`]: id } })],
  ])('the manager as %s (Entra ID; behaviour 12)', async (_form, operation) => {
    const boss = await create(crypto.randomUUID(), { displayName: 'Boss' });
    const user = await create(crypto.randomUUID());
    const changed = await change(user.id, operation(boss.id)).expect(200);
    expect(manager(changed.body)).toMatchObject({ value: boss.id, displayName: 'Boss' });
    const known = `id eq "${user.id}" and manager eq "${boss.id}"`;
    expect(
      (await directory.send('get', `/Users?attributes=id&filter=${encodeURIComponent(known)}`).expect(200)).body
        .totalResults,
    ).toBe(1);
    await change(user.id, { op: 'Remove', path: 'manager' }).expect(200);
  });

  it('a POST with nulls, attributes at the root, foreign schemas and a misspelt URN (Entra ID; behaviours 12 and 19)', async () => {
    const user = await create('entra-sample', {
      schemas: [USER, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      addresses: null, phoneNumbers: null, department: 'Sales', shoeSize: 44, roles: [],
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0User': { costCenter: 'C1' },
    }); // prettier-ignore
    expect(user).toMatchObject({
      schemas: [USER, ENTERPRISE],
      [ENTERPRISE]: { department: 'Sales', costCenter: 'C1' },
    });
    for (const name of ['addresses', 'shoeSize', 'roles', 'department']) expect(user).not.toHaveProperty(name);
    expect((await directory.send('get', `/Users/${user.id}`)).body).toEqual(user);
  });

  it.each([
    [{ op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    [{ op: 'replace', path: 'meta.version', value: 'x' }, 'mutability'],
    [{ op: 'remove' }, 'noTarget'],
    [{ op: 'remove', path: 'userName' }, 'mutability'],
    [{ op: 'replace', path: 'shoeSize', value: 44 }, 'invalidPath'],
    [{ op: 'move', path: 'title' }, 'invalidSyntax'],
    [{ op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue'],
    [{ op: 'add', path: 'emails[type eq', value: 'x' }, 'invalidFilter'],
  ])('a PATCH that cannot be: %j is 400 %s (RFC 7644 section 3.12; behaviour 18)', async (operation, scimType) => {
    const user = await create(crypto.randomUUID());
    const refused = await change(user.id, operation).expect(400);
    expect(refused.body).toMatchObject({ status: '400', scimType });
    expect((await directory.send('get', `/Users/${user.id}`)).body.meta.version).toBe('W/"1"');
  });

  it('leaves an audit row of each change: who by which connection, before, after, and the request (behaviour 25)', async () => {
    const user = await create('audited', { title: 'Clerk' });
    const changed = await change(user.id, { op: 'replace', path: 'title', value: 'Boss' }).expect(200);
    const rows = await query(
      'select action, actor, before, after, request_id from audit_events where organization_id = $1 and target_id = $2 order by id',
      [directory.organizationId, user.id],
    );
    expect(rows).toHaveLength(2);
    expect(rows[1]).toEqual({
      action: 'user.changed',
      actor: {
        kind: 'connection',
        id: directory.connectionId,
        organizationId: directory.organizationId,
        label: 'Entra ID',
      },
      before: { title: 'Clerk' },
      after: { title: 'Boss' },
      request_id: changed.headers['x-request-id'],
    });
  });

  it('accepts application/json, and answers application/scim+json (RFC 7644 section 3.1; behaviour 20)', async () => {
    await directory
      .send('post', '/Users')
      .set('Content-Type', 'application/json; charset=utf-8')
      .send(JSON.stringify(person('plain-json')))
      .expect(201)
      .expect('Content-Type', 'application/scim+json');
  });
});

describe('the SCIM door', () => {
  it('refuses a missing, empty, malformed or unknown token with 401 and WWW-Authenticate (RFC 6750 section 3; behaviour 20)', async () => {
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      'Bearer x',
      `Bearer ${directory.organizationId}.wrong`,
      `Basic ${directory.token}`,
    ]) {
      await directory
        .send('get', '/Users', undefined, { Authorization: authorization })
        .expect(401)
        .expect('WWW-Authenticate', /^Bearer/);
    }
  });

  it('refuses malformed JSON, other media types, deep nesting and large bodies, each in SCIM form (RFC 7644 section 3.12; behaviour 20)', async () => {
    const post = (body: string, type = 'application/scim+json') =>
      directory.send('post', '/Users').set('Content-Type', type).send(body);
    await post('{"userName":')
      .expect(400)
      .expect((answer) => expect(answer.body.scimType).toBe('invalidSyntax'));
    await post('<user/>', 'text/xml').expect(415);
    await post('['.repeat(100_000)).expect(400);
    await post(`{"userName":"${'x'.repeat(1_100_000)}"}`).expect(413);
  });

  it('hides the users of another connection and of another organization (behaviour 2)', async () => {
    const user = await create('nora');
    const sibling = await connectDirectory(app, directory.organizationId);
    const stranger = await connectDirectory(app);
    for (const other of [sibling, stranger]) {
      await other.send('get', `/Users/${user.id}`).expect(404);
      await other
        .send('patch', `/Users/${user.id}`, patch({ op: 'replace', path: 'active', value: false }))
        .expect(404);
      await other.send('delete', `/Users/${user.id}`).expect(404);
      expect(
        (await other.send('get', `/Users?filter=${encodeURIComponent(`id eq "${user.id}"`)}`)).body.totalResults,
      ).toBe(0);
    }
    await sibling.send('post', '/Users', person('nora')).expect(409);
    await stranger.send('post', '/Users', person('nora')).expect(201);
  });
});
