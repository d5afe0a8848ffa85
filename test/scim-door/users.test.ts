import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
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
  it('is created with 201, Location, ETag and the stored attributes (RFC 7644 section 3.3)', async () => {
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

  it('is found by userName in any case and answered as typed', async () => {
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

  it('cannot take the userName of an active user, whatever the case', async () => {
    await create('carla');
    const refused = await directory.send('post', '/Users', person('CARLA')).expect(409);
    expect(refused.body).toMatchObject({ status: '409', scimType: 'uniqueness' });
    expect(refused.body.detail).toContain('CARLA');
  });

  it('is changed by PATCH in one version step, and a PATCH without effect changes nothing (RFC 7644 section 3.5.2)', async () => {
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

  it('keeps everything when one operation of a PATCH is refused', async () => {
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
  ])('is deactivated by %j', async (operation) => {
    const user = await create(`leaver-${Math.random()}`);
    const answer = await directory.send('patch', `/Users/${user.id}`, patch(operation)).expect(200);
    expect(answer.body.active).toBe(false);
    const [row] = await query<{ active: boolean; ended: boolean }>(
      "select active, tokens_valid_from > '-infinity' as ended from users where id = $1",
      [user.id],
    );
    expect(row).toEqual({ active: false, ended: true });
  });

  it('is replaced by PUT: what is absent is cleared, read-only attributes are ignored, active stays', async () => {
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

  it('answers 412 when If-Match names another version and 304 when If-None-Match names this one', async () => {
    const user = await create('gust');
    await directory
      .send('patch', `/Users/${user.id}`, patch({ op: 'replace', path: 'title', value: 'x' }), { 'If-Match': 'W/"7"' })
      .expect(412);
    await directory.send('get', `/Users/${user.id}`, undefined, { 'If-None-Match': 'W/"1"' }).expect(304);
  });

  it('is gone after DELETE, and the name is free', async () => {
    const user = await create('hans');
    await directory.send('delete', `/Users/${user.id}`).expect(204);
    const gone = await directory.send('get', `/Users/${user.id}`).expect(404);
    expect(gone.body.status).toBe('404');
    expect((await create('hans')).id).not.toBe(user.id);
  });

  it('shows the manager by name once he exists, also when he comes later', async () => {
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

  it('brings the same record back when the externalId is equal or absent', async () => {
    const user = await leave('karel');
    expect(await create('karel')).toMatchObject({ id: user.id, active: true });
    const other = await leave('lea', { externalId: undefined });
    expect(await create('LEA')).toMatchObject({ id: other.id, active: true, externalId: 'ext-LEA' });
  });

  it('is another person when the externalId differs: a new record, and the old one gives the name up', async () => {
    const user = await leave('maya', { externalId: 'one' });
    const other = await create('maya', { externalId: 'two' });
    expect(other.id).not.toBe(user.id);
    const former = await directory.send('get', `/Users/${user.id}`).expect(200);
    expect(former.body.userName).toContain('former');
    expect(former.body.active).toBe(false);
  });
});

describe('a list of users', () => {
  it('pages by index with exact totals in a stable order (RFC 7644 section 3.4.2.4)', async () => {
    const own = await connectDirectory(app);
    for (let i = 0; i < 7; i++)
      await own.send('post', '/Users', { schemas: [USER], userName: `user-${i}` }).expect(201);
    const page = async (parameters: string) =>
      (await own.send('get', `/Users?sortBy=userName&${parameters}`).expect(200)).body;
    const first = await page('startIndex=1&count=3');
    expect(first).toMatchObject({ totalResults: 7, itemsPerPage: 3, startIndex: 1 });
    const second = await page('startIndex=4&count=3');
    expect(second.Resources.map((user: { userName: string }) => user.userName)).toEqual(['user-3', 'user-4', 'user-5']);
    expect(await page('startIndex=8&count=3')).toMatchObject({ totalResults: 7, itemsPerPage: 0 });
    expect(await page('startIndex=0&count=0')).toMatchObject({ totalResults: 7, itemsPerPage: 0, startIndex: 1 });
    expect(await page('startIndex=-5&count=-1')).toMatchObject({ totalResults: 7, itemsPerPage: 0 });
    expect((await own.send('get', '/Users?count=1')).body.totalResults).toBe(7);
  });

  it('answers 200 and an empty list for a value nobody has, and 400 invalidFilter for an attribute that does not exist', async () => {
    const none = await directory.send('get', `/Users?filter=${encodeURIComponent('userName eq "nobody"')}`).expect(200);
    expect(none.body).toMatchObject({ totalResults: 0, Resources: [] });
    const refused = await directory.send('get', `/Users?filter=${encodeURIComponent('shoeSize eq "44"')}`).expect(400);
    expect(refused.body.scimType).toBe('invalidFilter');
  });

  it('shows only the attributes asked for', async () => {
    const found = await directory.send('get', '/Users?attributes=userName&count=1').expect(200);
    expect(Object.keys(found.body.Resources[0]).sort()).toEqual(['id', 'schemas', 'userName']);
  });
});

describe('the SCIM door', () => {
  it('refuses a missing, empty, malformed or unknown token with 401 and WWW-Authenticate', async () => {
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

  it('refuses malformed JSON, other media types, deep nesting and large bodies, each in SCIM form', async () => {
    const post = (body: string, type = 'application/scim+json') =>
      directory.send('post', '/Users').set('Content-Type', type).send(body);
    await post('{"userName":')
      .expect(400)
      .expect((answer) => expect(answer.body.scimType).toBe('invalidSyntax'));
    await post('<user/>', 'text/xml').expect(415);
    await post('['.repeat(100_000)).expect(400);
    await post(`{"userName":"${'x'.repeat(1_100_000)}"}`).expect(413);
  });

  it('hides the users of another connection and of another organization', async () => {
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
