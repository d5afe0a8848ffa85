import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anOrganization, aUser, type Organization, type Person } from '../giving/world.ts';
import type { Browser } from '../oidc/browser.ts';
import {
  aNamedUser,
  aProvisionedUser,
  openPortal,
  signedIn,
  textOf,
  usernamesIn,
  type PortalHub,
} from './portal-hub.ts';

let hub: PortalHub;
let organization: Organization;
let chief: Person;
let browser: Browser;

const NAMES = [
  { userName: '679account', name: 'Joris Vanhoutte', email: 'desk@company.example' },
  { userName: 'Artisoc', name: 'Benoît Delvaux', email: 'benoit@company.example' },
  { userName: 'zoe', name: 'Ångström Zoé' },
];

beforeAll(async () => {
  hub = await openPortal();
  organization = await anOrganization();
  chief = await aUser(organization, ['chief_administrator']);
  for (const user of NAMES) await aNamedUser(organization, user);
  for (let i = 10; i < 70; i++)
    await aNamedUser(organization, {
      userName: `many-${i}`,
      name: `Worker ${i % 7} Jansen${i}`,
      ...(i % 3 > 0 && { email: `m${i}@company.example` }),
    });
  await aNamedUser(organization, { userName: 'former', active: false });
  await aProvisionedUser(organization, 'from.directory');
  browser = await signedIn(hub, organization.id, chief.id);
});
afterAll(() => hub.stop());

const open = async (address: string) => browser.open(address);
const listed = async (query: string) => usernamesIn(await open(`/portal/users?${query}`));

/** The pages from the first to the last by `Next`, and back by `Previous`. */
async function walk(query: string): Promise<{ forth: string[][]; back: string[][] }> {
  const forth: string[][] = [];
  const back: string[][] = [];
  const follow = async (address: string | undefined, rel: string, pages: string[][]): Promise<string> => {
    let last = address ?? '';
    for (let next = address; next !== undefined;) {
      last = next;
      const page = await open(next);
      pages.push(usernamesIn(page));
      next = new RegExp(`<a href="([^"]*)" rel="${rel}"`).exec(page.html)?.[1]?.replaceAll('&amp;', '&');
    }
    return last;
  };
  const end = await follow(`/portal/users?${query}`, 'next', forth);
  await follow(end, 'prev', back);
  return { forth, back };
}

describe('the list of users', () => {
  it('shows the people of the organization by username, with the count of all', async () => {
    const page = await open('/portal/users?size=25');
    expect(page.status).toBe(200);
    const names = usernamesIn(page);
    expect(names).toHaveLength(25);
    expect(names.slice(-3)).toEqual(['many-27', 'many-28', 'many-29']);
    expect(names).toContain('679account');
    expect(textOf(page)).toContain('1 to 25 of 66');
    expect(page.html).toContain('aria-sort="ascending"');
  });

  it.each(['q=arti', 'q=ARTI', 'q=Beno%C3%AEt', 'q=DELVAUX', 'q=benoit%40'])(
    'finds by the beginning of username, name, last name or address: %s',
    async (query) => {
      expect(await listed(query)).toEqual(['Artisoc']);
    },
  );

  it('finds nobody by the middle of a name, and says how to go on', async () => {
    const page = await open('/portal/users?q=rtisoc');
    expect(textOf(page)).toContain('No user matches');
    expect(page.html).toContain('href="/portal/users"');
  });

  it('treats what SQL would take for a pattern as letters', async () => {
    expect(await listed('q=%25')).toEqual([]);
    expect(await listed('q=_')).toEqual([]);
    expect(await listed(`q=${encodeURIComponent("'; drop table users; --")}`)).toEqual([]);
  });

  it.each([
    ['state=deactivated', ['former']],
    ['state=provisioned', ['from.directory']],
    ['source=own&q=from', []],
    ['state=nonsense&q=zoe', ['zoe']],
  ])('filters by the address: %s', async (query, expected) => {
    expect(await listed(query)).toEqual(expected);
  });

  it('shows only administrators, also by a group that carries the right', async () => {
    const page = await open('/portal/users?administrators=yes');
    expect(usernamesIn(page)).toHaveLength(1);
    expect(textOf(page)).toContain('Chief administrator');
    expect(textOf(page)).toContain('Only administrators');
  });

  it.each([
    'sort=username',
    'sort=name',
    'sort=email',
    'sort=created_by',
    'sort=name&order=descending',
    'sort=email&order=descending',
    'state=invited&sort=email',
  ])('leads through every row once, forth and back: %s', async (query) => {
    const { forth, back } = await walk(query);
    const all = forth.flat();
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(query.startsWith('state') ? 64 : 66);
    expect(back.toReversed()).toEqual(forth);
  });

  it('sorts by address, those without one last', async () => {
    const all = (await walk('sort=email')).forth.flat();
    expect(all[0]).toBe('Artisoc');
    expect(all.at(-1)).toBe('zoe');
  });

  it('begins at its beginning when the place in the address is none', async () => {
    expect((await listed('after=nonsense'))[0]).toBe((await listed(''))[0]);
  });

  it('is exported as it is filtered, every line once, formulas made harmless', async () => {
    await aNamedUser(organization, { userName: '=HYPERLINK("http://evil.example")', name: '@SUM(A1)' });
    const { status, headers, html } = await open('/portal/users/export.csv?source=own');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/csv');
    expect(headers.get('content-disposition')).toContain('attachment');
    const lines = html.trim().split('\r\n');
    expect(lines).toHaveLength(67);
    expect(lines.find((line) => line.includes('HYPERLINK'))).toMatch(
      /^"'=HYPERLINK\(""http:\/\/evil\.example""\)",'@SUM\(A1\),/,
    );
    expect(html).not.toContain('from.directory');
  });

  it('is not for somebody who administers nobody', async () => {
    const plain = await aUser(organization);
    const visitor = await signedIn(hub, organization.id, plain.id);
    for (const path of [
      '/portal/users',
      '/portal/users/export.csv',
      '/portal/users/new',
      `/portal/users/${chief.id}`,
    ]) {
      expect((await visitor.open(path)).status).toBe(403);
    }
    expect((await visitor.open('/portal')).html).not.toContain('href="/portal/users"');
  });

  it('asks whoever is not signed in to sign in, and comes back to what was asked', async () => {
    const { Browser: Fresh } = await import('../oidc/browser.ts');
    const page = await new Fresh(hub.origin).open('/portal/users?q=zoe');
    expect(page.url.pathname).toBe('/oidc/auth');
    expect(page.url.searchParams.get('state')).toContain('/portal/users?q=zoe');
  });
});
