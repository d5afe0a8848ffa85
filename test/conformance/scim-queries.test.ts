// Queries: filters, sorting, paging by index, projection, and searching both types at once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import { ENTERPRISE, GROUP, USER, connectDirectory, scimApp, type Directory } from '../support/directory.ts';

let app: Express;
let directory: Directory;
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const PEOPLE: Record<string, object> = {
  anna: { displayName: 'Anna "the" Été', title: 'Clerk', active: true, emails: [{ value: 'anna@a.example', type: 'work' }, { value: 'anna@home.example', type: 'home' }] },
  bert: { displayName: 'Bert', title: 'Clerk', active: false, emails: [{ value: 'bert@a.example', type: 'home' }], [ENTERPRISE]: { department: 'Sales' } },
  cara: { displayName: 'Cara', active: true, emails: [{ value: 'cara@a.example', type: 'work', primary: true }], [ENTERPRISE]: { department: 'Finance' } },
  dora: { title: 'Boss', active: true },
}; // prettier-ignore
const ids = new Map<string, string>();

beforeAll(async () => {
  await openTestDatabase();
  app = scimApp();
  directory = await connectDirectory(app);
  for (const [userName, more] of Object.entries(PEOPLE)) {
    ids.set(
      userName,
      (await directory.send('post', '/Users', { schemas: [USER], userName, ...more }).expect(201)).body.id,
    );
  }
  for (const displayName of ['Bakers', 'Cooks']) {
    const members = [{ value: ids.get('anna') }];
    ids.set(
      displayName,
      (
        await directory
          .send('post', '/Groups', { schemas: [GROUP], displayName, externalId: displayName, members })
          .expect(201)
      ).body.id,
    );
  }
});
afterAll(() => closeTestDatabase());

type Shown = { id: string; userName?: string; displayName?: string; meta: { resourceType: string } };
type List = { totalResults: number; itemsPerPage: number; startIndex: number; Resources: Shown[] };
const get = async (path: string): Promise<List> => (await directory.send('get', path).expect(200)).body;
const found = async (filter: string): Promise<string[]> =>
  (await get(`/Users?sortBy=userName&filter=${encodeURIComponent(filter)}`)).Resources.map(
    ({ userName = '' }) => userName,
  );
const scimType = async (path: string): Promise<string> => (await directory.send('get', path).expect(400)).body.scimType;
const search = (body: object, path = '/.search') => directory.send('post', path, { schemas: [SEARCH], ...body });

describe('a filter (RFC 7644 section 3.4.2.2; behaviour 13)', () => {
  it.each<[string, string[]]>([
    ['userName eq "ANNA"', ['anna']],
    ['title eq "clerk" and active eq true or userName eq "dora"', ['anna', 'dora']],
    ['title eq "clerk" and (active eq true or userName eq "dora")', ['anna']],
    ['not (title eq "clerk" and active eq true)', ['bert', 'cara', 'dora']],
    ['not (title eq "clerk" or active eq false)', ['cara', 'dora']],
    ['((((userName sw "c"))))', ['cara']],
    ['emails[type eq "work" and value co "@a.example"]', ['anna', 'cara']],
    ['emails[type eq "work"].value eq "bert@a.example"', []],
    ['emails[type eq "home"].value eq "bert@a.example"', ['bert']],
    ['emails.type eq "work" and emails.value ew "home.example"', ['anna']],
    ['title pr and not (displayName pr)', ['dora']],
    ['title ne "clerk"', ['cara', 'dora']],
    ['displayName co "\\"the\\""', ['anna']],
    ['displayName co "\\u00c9t\\u00e9"', ['anna']],
    ['meta.created gt "2020-01-01T00:00:00Z" and userName lt "b"', ['anna']],
    ['meta.lastModified lt "2020-01-01T00:00:00+02:00"', []],
    [`${ENTERPRISE}:department eq "sales"`, ['bert']],
    [`${USER}:userName eq "bert"`, ['bert']],
    ['department eq "Finance"', ['cara']],
    ["userName eq \"x' or '1'='1\"", []],
    ['displayName eq "100%_\\\\"', []],
  ])('%s', async (filter, expected) => expect(await found(filter)).toEqual(expected));

  it.each([
    ['shoeSize eq 44'],
    ['userName eq'],
    ['userName xx "a"'],
    ['(userName eq "a"'],
    ['userName eq "a" and'],
    ['password eq "x"'],
    ['name eq "x"'],
    ['active gt true'],
    [`userName eq "${'x'.repeat(9000)}"`],
  ])('that is wrong is 400 invalidFilter: %.60s', async (filter) =>
    expect(await scimType(`/Users?filter=${encodeURIComponent(filter)}`)).toBe('invalidFilter'),
  );

  it('that nobody meets is 200 with an empty list, an unknown id 404 in SCIM form (behaviour 8, Entra ID’s connection test)', async () => {
    expect(await get(`/Users?filter=${encodeURIComponent(`userName eq "${crypto.randomUUID()}"`)}`)).toMatchObject({
      totalResults: 0,
      Resources: [],
    });
    const missing = await directory
      .send('get', `/Users/${crypto.randomUUID()}`)
      .expect(404)
      .expect('Content-Type', 'application/scim+json');
    expect(missing.body).toMatchObject({ status: '404', schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] });
  });
});

describe('paging by index (RFC 7644 section 3.4.2.4; behaviour 14)', () => {
  it('has exact totals, a stable order, and forgives numbers out of range', async () => {
    const page = (parameters: string) => get(`/Users?sortBy=userName&${parameters}`);
    expect(await page('startIndex=1&count=3')).toMatchObject({ totalResults: 4, itemsPerPage: 3, startIndex: 1 });
    expect((await page('startIndex=3&count=3')).Resources.map(({ userName }) => userName)).toEqual(['cara', 'dora']);
    expect(await page('startIndex=9&count=3')).toMatchObject({ totalResults: 4, itemsPerPage: 0 });
    expect(await page('startIndex=0&count=0')).toMatchObject({ totalResults: 4, itemsPerPage: 0, startIndex: 1 });
    expect(await page('startIndex=-5&count=-1')).toMatchObject({ totalResults: 4, itemsPerPage: 0 });
    expect(await page('count=100000')).toMatchObject({ itemsPerPage: 4 });
    expect((await get('/Users?count=1')).totalResults).toBe(4);
  });

  it('sorts both ways; what has no value comes last, and first when descending (RFC 7644 section 3.4.2.3)', async () => {
    const names = async (query: string) => (await get(`/Users?${query}`)).Resources.map(({ userName }) => userName);
    expect((await names('sortBy=displayName')).at(-1)).toBe('dora');
    expect((await names('sortBy=displayName&sortOrder=descending'))[0]).toBe('dora');
    expect(await scimType('/Users?sortBy=shoeSize')).toBe('invalidValue');
  });
});

describe('attributes and excludedAttributes (RFC 7644 section 3.9; behaviour 24)', () => {
  const keys = (resource: object) => Object.keys(resource).sort();

  it('choose what is shown, on every verb; id and schemas always', async () => {
    const path = `/Users/${ids.get('cara')}`;
    expect(keys((await directory.send('get', `${path}?attributes=USERNAME,emails.value`)).body)).toEqual([
      'emails',
      'id',
      'schemas',
      'userName',
    ]);
    expect((await directory.send('get', `${path}?attributes=emails.value`)).body.emails).toEqual([
      { value: 'cara@a.example' },
    ]);
    expect((await directory.send('get', `${path}?attributes=${ENTERPRISE}:department`)).body[ENTERPRISE]).toEqual({
      department: 'Finance',
    });
    expect((await directory.send('get', `${path}?excludedAttributes=id,emails,${ENTERPRISE}`)).body).toMatchObject({
      id: ids.get('cara'),
      userName: 'cara',
    });
    expect((await directory.send('get', `${path}?excludedAttributes=emails`)).body).not.toHaveProperty('emails');
    expect(keys((await get('/Users?attributes=userName&count=1')).Resources[0]!)).toEqual([
      'id',
      'schemas',
      'userName',
    ]);
    const body = { schemas: [USER], userName: 'eva', password: 'x' };
    const made = await directory.send('post', '/Users?attributes=userName', body).expect(201);
    expect(keys(made.body)).toEqual(['id', 'schemas', 'userName']);
    expect(
      keys((await directory.send('put', `/Users/${made.body.id}?attributes=userName,password`, body).expect(200)).body),
    ).toEqual(['id', 'schemas', 'userName']);
    await directory.send('delete', `/Users/${made.body.id}`).expect(204);
  });

  it('leave members unread when they are excluded (Entra ID; behaviour 10)', async () => {
    const list = (await directory.send('get', '/Groups?excludedAttributes=members').expect(200)).body;
    expect(list.Resources.every((group: object) => !('members' in group))).toBe(true);
    expect(
      (await directory.send('get', `/Groups/${ids.get('Cooks')}?excludedAttributes=members`)).body,
    ).not.toHaveProperty('members');
  });
});

describe('/.search (RFC 7644 section 3.4.3)', () => {
  const names = (list: List) => list.Resources.map(({ userName, displayName }) => userName ?? displayName);

  it('at an endpoint is the same query as GET', async () => {
    const { body } = await search(
      { filter: 'userName sw "c"', attributes: ['userName'], startIndex: 1, count: 10 },
      '/Users/.search',
    ).expect(200);
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ userName: 'cara' }] });
    expect(Object.keys(body.Resources[0])).not.toContain('emails');
    await search({ filter: 'displayName eq "cooks"' }, '/Groups/.search')
      .expect(200)
      .expect((answer) => expect(answer.body.totalResults).toBe(1));
    await directory.send('post', '/Users/.search', { filter: 'userName pr' }).expect(400);
  });

  it('at the root gives both types, users first, paging from one into the other', async () => {
    const whole = (await search({}).expect(200)).body as List;
    expect(whole).toMatchObject({ totalResults: 6, itemsPerPage: 6, startIndex: 1 });
    expect(whole.Resources.map(({ meta }) => meta.resourceType)).toEqual([
      'User',
      'User',
      'User',
      'User',
      'Group',
      'Group',
    ]);
    const pages: (string | undefined)[] = [];
    for (let startIndex = 1; startIndex <= 6; startIndex += 2) {
      const page = (await search({ startIndex, count: 2 }).expect(200)).body as List;
      expect(page).toMatchObject({ totalResults: 6, itemsPerPage: 2, startIndex });
      pages.push(...names(page));
    }
    expect(pages).toEqual(names(whole));
    expect((await search({ startIndex: 7 }).expect(200)).body).toMatchObject({ totalResults: 6, itemsPerPage: 0 });
    expect((await directory.send('get', '/?count=3').expect(200)).body).toMatchObject({
      totalResults: 6,
      itemsPerPage: 3,
    });
  });

  it.each<[string, string[]]>([
    ['meta.resourceType eq "Group"', ['Bakers', 'Cooks']],
    ['meta.resourceType eq "User" and title eq "clerk"', ['anna', 'bert']],
    ['userName sw "a" or displayName sw "c"', ['anna', 'cara', 'Cooks']],
    ['not (userName sw "a")', ['bert', 'cara', 'dora', 'Bakers', 'Cooks']],
    ['title ne "clerk"', ['cara', 'dora', 'Bakers', 'Cooks']],
    ['userName eq null', ['Bakers', 'Cooks']],
    ['members pr', ['Bakers', 'Cooks']],
    ['emails[type eq "work"] or externalId eq "Cooks"', ['anna', 'cara', 'Cooks']],
  ])('filters both, an attribute that a type lacks having no value there: %s', async (filter, expected) => {
    expect(names((await search({ filter }).expect(200)).body)).toEqual(expected);
  });

  it('sorts both together', async () => {
    expect(names((await search({ sortBy: 'displayName' }).expect(200)).body)).toEqual([
      'anna',
      'Bakers',
      'bert',
      'cara',
      'Cooks',
      'dora',
    ]);
    const page = (await search({ sortBy: 'displayName', sortOrder: 'descending', startIndex: 2, count: 2 }).expect(200))
      .body;
    expect(names(page)).toEqual(['Cooks', 'cara']);
    expect(names((await search({ sortBy: 'userName' }).expect(200)).body).slice(0, 4)).toEqual([
      'anna',
      'bert',
      'cara',
      'dora',
    ]);
  });

  it.each([
    [{ filter: 'shoeSize eq 1' }, 'invalidFilter'],
    [{ filter: 'userName gt true and' }, 'invalidFilter'],
    [{ filter: 'active co "x"' }, 'invalidFilter'],
    [{ sortBy: 'shoeSize' }, 'invalidValue'],
    [{ cursor: '' }, 'invalidCursor'],
  ])('refuses what neither type knows: %j', async (body, expected) =>
    expect((await search(body).expect(400)).body.scimType).toBe(expected),
  );

  it('shows nothing of another connection or organization', async () => {
    const stranger = await connectDirectory(app);
    const sibling = await connectDirectory(app, directory.organizationId);
    for (const other of [stranger, sibling])
      expect((await other.send('get', '/').expect(200)).body.totalResults).toBe(0);
  });
});
