// Paging by cursor (RFC 9865).
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { CURSOR_TIMEOUT, readCursor, writeCursor } from '../../src/scim/cursor.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import { GROUP, USER, connectDirectory, openTestSecrets, scimApp, type Directory } from '../support/directory.ts';

let app: Express;
let directory: Directory;
const COUNT = 23;

beforeAll(async () => {
  await openTestDatabase();
  await openTestSecrets();
  app = scimApp();
  directory = await connectDirectory(app);
  for (let i = 0; i < COUNT; i++) {
    // Titles repeat, and some have none: the order among equals must be stable too.
    const title = i % 4 === 3 ? {} : { title: `Title ${i % 4}` };
    await directory
      .send('post', '/Users', { schemas: [USER], userName: `walker-${String(i).padStart(2, '0')}`, ...title })
      .expect(201);
  }
  for (let i = 0; i < 5; i++)
    await directory.send('post', '/Groups', { schemas: [GROUP], displayName: `Group ${i}` }).expect(201);
});
afterAll(() => closeTestDatabase());

type Body = {
  totalResults: number;
  itemsPerPage: number;
  nextCursor?: string;
  previousCursor?: string;
  Resources: { id: string }[];
};

const get = async (path: string, at = directory): Promise<Body> => (await at.send('get', path).expect(200)).body;

/** All pages to the end; `between` runs before each further one. */
async function walk(
  path: string,
  between: (page: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<Body[]> {
  const pages = [await get(`${path}&cursor`)];
  for (let next = pages[0]?.nextCursor; next !== undefined; next = pages.at(-1)?.nextCursor) {
    await between(pages.length);
    pages.push(await get(`${path}&cursor=${next}`));
  }
  return pages;
}
const idsOf = (pages: readonly Body[]) => pages.flatMap((page) => page.Resources.map(({ id }) => id));

describe('a walk by cursor (RFC 9865 section 2)', () => {
  it('begins with an empty cursor, has exact totals and no startIndex, and ends without nextCursor', async () => {
    const pages = await walk('/Users?count=10');
    expect(pages.map(({ itemsPerPage, totalResults }) => [itemsPerPage, totalResults])).toEqual([[10, COUNT], [10, COUNT], [3, COUNT]]); // prettier-ignore
    expect(pages[0]).not.toHaveProperty('startIndex');
    expect(pages[0]).not.toHaveProperty('previousCursor');
    expect(new Set(idsOf(pages)).size).toBe(COUNT);
    expect(pages.every(({ nextCursor = '' }) => /^[A-Za-z0-9._~-]*$/.test(nextCursor))).toBe(true);
  });

  it.each([
    ['', 'in the order of ids'],
    ['&sortBy=userName', 'sorted'],
    ['&sortBy=title', 'sorted by what repeats and is sometimes absent'],
    ['&sortBy=title&sortOrder=descending', 'the same, descending'],
    ['&sortBy=meta.lastModified&sortOrder=descending', 'sorted by a time'],
    ['&sortBy=active', 'sorted by a boolean'],
    ['&filter=title%20pr&sortBy=title', 'filtered and sorted'],
  ])('gives what one large page gives (%s)', async (query) => {
    const whole = await get(`/Users?count=200${query}`);
    const pages = await walk(`/Users?count=4${query}`);
    expect(idsOf(pages)).toEqual(whole.Resources.map(({ id }) => id));
    expect(pages.map(({ totalResults }) => totalResults)).toEqual(pages.map(() => whole.totalResults));
  });

  it.each([[''], ['&sortBy=title'], ['&sortBy=title&sortOrder=descending']])(
    'goes back the same way (%s)',
    async (query) => {
      const forth = await walk(`/Users?count=4${query}`);
      const back = [forth.at(-1)!];
      for (let previous = back[0]?.previousCursor; previous !== undefined; previous = back[0]?.previousCursor) {
        back.unshift(await get(`/Users?count=4${query}&cursor=${previous}`));
      }
      expect(back.map((page) => idsOf([page]))).toEqual(forth.map((page) => idsOf([page])));
    },
  );

  it('loses nobody and shows nobody twice while others come, change and go (behaviour 15)', async () => {
    const own = await connectDirectory(app);
    const made: string[] = [];
    const make = async (userName: string) =>
      (await own.send('post', '/Users', { schemas: [USER], userName }).expect(201)).body.id as string;
    for (let i = 0; i < 30; i++) made.push(await make(`stays-${String(i).padStart(2, '0')}`));
    const staying = made.filter((_, i) => i % 3 !== 1);
    const going = made.filter((_, i) => i % 3 === 1);
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: Body = await get(`/Users?count=4&sortBy=userName&cursor=${cursor}`, own);
      seen.push(...page.Resources.map(({ id }) => id));
      for (const id of going.splice(0, 2)) await own.send('delete', `/Users/${id}`).expect(204);
      await make(`aaa-${crypto.randomUUID()}`);
      cursor = page.nextCursor;
    }
    expect(seen.filter((id) => staying.includes(id)).sort()).toEqual(staying.sort());
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('goes on where a deleted resource stood', async () => {
    const own = await connectDirectory(app);
    const ids: string[] = [];
    for (let i = 0; i < 4; i++)
      ids.push((await own.send('post', '/Users', { schemas: [USER], userName: `gone-${i}` }).expect(201)).body.id);
    const first = await get('/Users?count=2&sortBy=userName&cursor=', own);
    await own.send('delete', `/Users/${ids[1]}`).expect(204);
    expect(idsOf([await get(`/Users?count=2&sortBy=userName&cursor=${first.nextCursor}`, own)])).toEqual(ids.slice(2));
  });

  it('exists for groups and in /.search as well (RFC 9865 section 3)', async () => {
    expect(idsOf(await walk('/Groups?count=2')).length).toBe(5);
    const search = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], count: 20, cursor: '' };
    const first = (await directory.send('post', '/Users/.search', search).expect(200)).body as Body;
    const second = (await directory.send('post', '/Users/.search', { ...search, cursor: first.nextCursor }).expect(200))
      .body as Body;
    expect(idsOf([first, second]).length).toBe(COUNT);
  });

  it('is announced in ServiceProviderConfig (RFC 9865 section 4)', async () => {
    const config = (await directory.send('get', '/ServiceProviderConfig').expect(200)).body;
    expect(config.pagination).toEqual({
      cursor: true, index: true, defaultPaginationMethod: 'index', defaultPageSize: 100, maxPageSize: 200, cursorTimeout: CURSOR_TIMEOUT,
    }); // prettier-ignore
  });
});

describe('a cursor', () => {
  const refused = async (path: string, at = directory): Promise<string> =>
    (await at.send('get', path).expect(400)).body.scimType;

  it('is refused when it is forged, cut, or none (RFC 9865 section 2.1: invalidCursor)', async () => {
    const { nextCursor = '' } = await get('/Users?count=2&cursor');
    const [payload, signature] = nextCursor.split('.');
    const other = Buffer.from(JSON.stringify([0, 0, crypto.randomUUID(), null])).toString('base64url');
    for (const forged of [
      'x',
      '.',
      'a.b.c',
      `${other}.${signature}`,
      `${payload}.AAAA`,
      `${nextCursor}x`,
      `${payload}`,
      '%00',
      'x'.repeat(9000),
    ]) {
      expect([forged.slice(0, 20), await refused(`/Users?count=2&cursor=${forged}`)]).toEqual([
        forged.slice(0, 20),
        'invalidCursor',
      ]);
    }
  });

  it('belongs to its connection, endpoint and query', async () => {
    const { nextCursor } = await get('/Users?count=2&cursor');
    const sibling = await connectDirectory(app, directory.organizationId);
    const stranger = await connectDirectory(app);
    expect(await refused(`/Users?count=2&cursor=${nextCursor}`, sibling)).toBe('invalidCursor');
    expect(await refused(`/Users?count=2&cursor=${nextCursor}`, stranger)).toBe('invalidCursor');
    expect(await refused(`/Groups?count=2&cursor=${nextCursor}`)).toBe('invalidCursor');
    expect(await refused(`/Users?count=2&sortBy=userName&cursor=${nextCursor}`)).toBe('invalidCursor');
    expect(await refused(`/Users?count=2&filter=title%20pr&cursor=${nextCursor}`)).toBe('invalidCursor');
    expect(await refused(`/?cursor=`)).toBe('invalidCursor');
  });

  it('expires (expiredCursor)', async () => {
    const scope = { organizationId: directory.organizationId, connectionId: directory.connectionId, endpoint: 'users', filter: undefined, sortBy: undefined, sortOrder: 'ascending' }; // prettier-ignore
    const position = { beyond: { id: crypto.randomUUID(), key: null }, backwards: false };
    const old = writeCursor(position, scope, new Date(Date.now() - (CURSOR_TIMEOUT + 1) * 1000));
    expect(await refused(`/Users?count=2&cursor=${old}`)).toBe('expiredCursor');
    expect(readCursor(writeCursor(position, scope, new Date()), scope, new Date())).toEqual(position);
  });

  it('comes with a count of at least one (invalidCount)', async () => {
    for (const count of ['0', '-1', 'x', '1.5'])
      expect(await refused(`/Users?count=${count}&cursor`)).toBe('invalidCount');
    expect((await get('/Users?count=100000&cursor')).itemsPerPage).toBe(COUNT);
  });
});
