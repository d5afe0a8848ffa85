import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { anOrganization, aUser, gift, type Organization, type Person } from '../giving/world.ts';
import { readLocales } from '../locales/locale-files.ts';
import type { Browser } from '../oidc/browser.ts';
import {
  aNamedUser,
  aProvisionedUser,
  openCompanyPortal,
  post,
  signedIn,
  textOf,
  type PortalHub,
} from './portal-hub.ts';
import { dayIn } from '../web/days.ts';

let hub: PortalHub;
let organization: Organization;
let chief: Person;
let byChief: Browser;

beforeAll(async () => {
  ({ hub, organization, chief, byChief } = await openCompanyPortal());
});
afterAll(() => hub.stop());

const OWN = { salutation: 'Mrs', givenName: 'Lotte', familyName: 'Verhaegen', language: 'de' };

describe('my details', () => {
  it('lets a person change what describes him', async () => {
    const id = await aNamedUser(organization, { userName: 'lotte', name: 'Lotte V' });
    const browser = await signedIn(hub, organization.id, id);
    const page = await browser.open('/portal/details');
    expect(textOf(page)).toContain('Only an administrator can change your username.');
    expect(page.html).toContain('href="/portal/details/email"');
    const saved = await post(browser, page, '/portal/details', OWN);
    expect(textOf(saved)).toContain('Your details have been saved.');
    const [user] = await query<{ document: object }>('select document from users where id = $1', [id]);
    expect(user?.document).toMatchObject({
      displayName: 'Lotte Verhaegen',
      preferredLanguage: 'de',
      name: { honorificPrefix: 'Mrs' },
    });
  });

  it.each(['userName', 'email'])('refuses his own %s, which opens his account', async (field) => {
    const id = await aNamedUser(organization, { userName: `own-${field}` });
    const browser = await signedIn(hub, organization.id, id);
    const refused = await post(browser, await browser.open('/portal/details'), '/portal/details', {
      ...OWN,
      [field]: 'mine@company.example',
    });
    expect(refused.status).toBe(403);
    const [user] = await query<{ user_name: string; email_key: string | null }>(
      'select user_name, email_key from users where id = $1',
      [id],
    );
    expect([user?.user_name, user?.email_key]).toEqual([`own-${field}`, null]);
  });

  it('says that a directory manages them', async () => {
    const id = await aProvisionedUser(organization, 'from.entra');
    const browser = await signedIn(hub, organization.id, id);
    const page = await browser.open('/portal/details');
    expect(textOf(page)).toContain('Entra ID of your company manages your details');
    expect((await post(browser, page, '/portal/details', OWN)).status).toBe(403);
  });
});

describe('my accounts', () => {
  it('shows an administrator all, somebody else those on which he may do something', async () => {
    const holder = await aUser(organization, [], [gift(organization, 'b', '1')]);
    const nobody = await aUser(organization);
    const seen = async (person: Person) =>
      textOf(await (await signedIn(hub, organization.id, person.id)).open('/portal/accounts'));
    expect(textOf(await byChief.open('/portal/accounts'))).toContain('3 contracts');
    expect(await seen(holder)).toContain(organization.number);
    expect(await seen(nobody)).toContain('You see no customer account yet');
  });
});

describe('the history', () => {
  it('tells an administrator in sentences what happened, with what changed', async () => {
    const id = await aNamedUser(organization, { userName: 'told', name: 'Tom Told' });
    const path = `/portal/users/${id}/administration-rights`;
    await post(byChief, await byChief.open(path), path, { right: 'manage_users' });
    const text = textOf(await byChief.open(`/portal/history?user=told`));
    expect(text).toMatch(/gave Tom Told the administration right "Right to create and manage users"\./);
    expect(text).toContain('The operator created the user Tom Told.');
    expect(text).toContain('in the portal');
    expect(text).toContain('Display name');
    expect(text).not.toContain('displayName');
  });

  it('is narrowed by kind and by day, and by nothing that is no filter', async () => {
    expect(textOf(await byChief.open('/portal/history?kind=passwords'))).toContain('Nothing happened here yet');
    expect(textOf(await byChief.open('/portal/history?until=2020-01-01'))).toContain('Nothing happened here yet');
    expect(textOf(await byChief.open(`/portal/history?from=${dayIn(0)}&kind=administration`))).toContain(
      'administration right',
    );
    expect((await byChief.open('/portal/history?from=tomorrow&kind=x&after=y')).status).toBe(200);
    expect(textOf(await byChief.open('/portal/history?user=nobody-at-all'))).toContain(
      'No user has the username nobody-at-all',
    );
  });

  it('shows everybody else only what happened to himself, whatever the address says', async () => {
    const plain = await aUser(organization, [], [gift(organization, 'b', '1')]);
    const browser = await signedIn(hub, organization.id, plain.id);
    const own = textOf(await browser.open('/portal/history'));
    expect(own).toMatch(/The operator gave Name of \S+ rights: plain, customer number \w+\./);
    expect(own).not.toContain('Tom Told');
    expect(textOf(await browser.open(`/portal/history?user=${chief.id}`))).not.toContain('chief');
    expect((await browser.open(`/portal/history/export.csv?user=${chief.id}`)).html).not.toContain('Tom Told');
  });

  it('leads from page to page without losing or repeating an event', async () => {
    const seen: string[] = [];
    for (let address: string | undefined = '/portal/history'; address !== undefined;) {
      const page = await byChief.open(address);
      seen.push(...[...page.html.matchAll(/<time datetime="([^"]+)"/g)].map(([, at]) => at ?? ''));
      address = /<a href="([^"]*)" rel="next"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&');
    }
    const [row] = await query<{ count: number }>(
      'select count(*)::int as count from audit_events where organization_id = $1',
      [organization.id],
    );
    expect(seen).toHaveLength(row?.count ?? -1);
  });

  it('never shows another organization', async () => {
    const other = await anOrganization();
    const stranger = await aNamedUser(other, { userName: 'stranger', name: 'Stranger Danger' });
    expect(textOf(await byChief.open('/portal/history'))).not.toContain('Stranger');
    expect((await byChief.open(`/portal/history?user=${stranger}`)).status).toBe(404);
  });

  it('has a sentence for every action that the hub records', async () => {
    const root = new URL('../../src/', import.meta.url).pathname;
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const actions = files.flatMap((file) => {
      const source = readFileSync(`${root}${file}`, 'utf8');
      return [
        ...source.matchAll(/action(?::|\s*=)[^;\n]*?'([a-z_]+\.[a-z_]+)'(?:[^;\n]*?'([a-z_]+\.[a-z_]+)')?/g),
      ].flatMap(([, ...found]) => found.filter(Boolean));
    });
    const sentences = (await readLocales()).get('history')?.get('en') ?? new Map<string, unknown>();
    expect(actions.length).toBeGreaterThan(30);
    // What the operator does for no single organization is told on his own pages.
    const told = actions.filter((action) => !action.startsWith('api_token.') && !action.startsWith('signing_key.'));
    expect(told.filter((action) => !sentences.has(`sentence.${action}`))).toEqual([]);
  });
});
