// What a person finds at home, and the pages that answer "who has access to what".
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { database } from '../../src/database/connect.ts';
import { query } from '../../src/database/query.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { endAssignment } from '../../src/entitlements/end-assignment.ts';
import { explainAccess } from '../../src/entitlements/explain-access.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { whoCan, type WhoCanLine, type WhoCanQuestion } from '../../src/entitlements/who-can.ts';
import { changeGroup } from '../../src/groups/change-group.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { publishNews, withdrawNews } from '../../src/news/news.ts';
import { endSubscription, listSubscriptions } from '../../src/organizations/set-subscription.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { anOrganization, aUser, gift, type Organization, type Person } from '../giving/world.ts';
import type { Browser } from '../oidc/browser.ts';
import { aNamedUser, openCompanyPortal, signedIn, textOf, type PortalHub } from '../portal/portal-hub.ts';
import { dayIn } from '../web/days.ts';

let hub: PortalHub;
let organization: Organization;
let chief: Person;
let byChief: Browser;

beforeAll(async () => {
  ({ hub, organization, chief, byChief } = await openCompanyPortal());
});
afterAll(() => hub.stop());

const browserOf = (person: Person) => signedIn(hub, organization.id, person.id);
const group = async (name: string, members: string[]) =>
  (await createGroup(organization.operator, { schemas: [], displayName: name }, members)).id;
const give = (kind: 'user' | 'group', id: string, ...gifts: Parameters<typeof assign>[1]['gifts'][number][]) =>
  assign(organization.operator, { subject: { kind, id }, gifts });

describe('the home page', () => {
  it('has a tile for what one has, and says of the rest who can give it', async () => {
    const person = await aUser(organization, [], [gift(organization, 'b', '1')]);
    const text = textOf(await (await browserOf(person)).open('/portal'));
    expect(text).toMatch(/plain Active/);
    const [named] = await query<{ name: string }>(
      `select document ->> 'displayName' as name from users where id = $1`,
      [chief.id],
    );
    expect(text).toContain(`Can give you access: ${named?.name}`);
    expect(text).not.toContain('User management');
    expect(textOf(await byChief.open('/portal'))).toContain('Can give you access: yourself');
    expect(textOf(await byChief.open('/portal'))).toContain('User management');
  });

  it('says of what the company does not have that nobody there can give it', async () => {
    const other = await anOrganization();
    for (const { id } of await listSubscriptions(other.operator)) await endSubscription(other.operator, id);
    const person = await aUser(other, ['chief_administrator']);
    const text = textOf(await (await signedIn(hub, other.id, person.id)).open('/portal'));
    expect(text).toContain('Your company does not use this service yet.');
    expect(text).not.toContain('Can give you access');
  });

  it('shows the news of the operator from its day on, until it is withdrawn', async () => {
    const { operator } = organization;
    const labels = (text: string) => ({ nl: text, fr: text, de: text, en: `${text} in English` });
    const item = { title: labels('New tariffs'), text: labels('From July'), moreUrl: 'https://post.example/tariffs' };
    const { id } = await publishNews(operator, { day: '2026-01-02', ...item });
    await publishNews(operator, { day: '2999-01-02', ...item, title: labels('Of the future') });
    const page = await byChief.open('/portal');
    expect(textOf(page)).toContain('2 January 2026 New tariffs in English From July in English Read more');
    expect(page.html).toContain('href="https://post.example/tariffs"');
    expect(textOf(page)).not.toContain('Of the future');
    await withdrawNews(operator, id);
    expect(textOf(await byChief.open('/portal'))).not.toContain('New tariffs');
    const javascript = { day: '2026-01-02', ...item, moreUrl: 'javascript:alert(1)' };
    expect(() => publishNews(operator, javascript)).toThrow(/https/);
    expect(() => publishNews(chief.ctx, { day: '2026-01-02', ...item })).toThrow(/operator/);
  });

  it('offers to switch to whoever has a user of the same name in another organization', async () => {
    const other = await anOrganization();
    const own = await aNamedUser(organization, { userName: 'two.hats' });
    const browser = await signedIn(hub, organization.id, own);
    expect((await browser.open('/portal')).html).not.toContain('switch-organization');
    await aNamedUser(other, { userName: 'Two.Hats' });
    expect((await browser.open('/portal')).html).toContain('/portal/switch-organization?page=home');
  });
});

describe('my rights', () => {
  it('says what one may do, for what, until when and by whom, and what has no effect', async () => {
    const validUntil = new Date('2031-01-01T00:00:00Z');
    const gifts = [{ ...gift(organization, 'b', '1'), validUntil }];
    const person = await aUser(organization, ['manage_users'], gifts);
    const role = await createRole(organization.operator, { name: 'Reader' });
    await addToRole(organization.operator, { roleId: role.id, entitlements: [gift(organization, 'a', '2')] });
    await give('group', await group('Readers', [person.id]), { roleId: role.id });
    await give('user', person.id, { ...gift(organization, 'a', '1'), validFrom: new Date('2030-01-01T00:00:00Z') });
    const page = await (await browserOf(person)).open('/portal/my-rights');
    const text = textOf(page);
    expect(text).toContain(organization.number);
    expect(text).toContain('Through the group Readers');
    expect(text).toContain('Reader');
    expect(text).toContain('Right to create and manage users');
    expect(text).toContain('without effect');
    const why = /href="(\/portal\/why\?[^"]+)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(textOf(await (await browserOf(person)).open(why))).toContain('Yes');
  });

  it('can be taken along with everything else that is kept about a person, and nothing about others', async () => {
    const person = await aUser(organization, [], [gift(organization, 'b', '1')]);
    const { html } = await (await browserOf(person)).open('/portal/my-data.json');
    const data = JSON.parse(html) as Record<string, unknown[]> & { user: { id: string } };
    expect(data.user.id).toBe(person.id);
    expect(data['rights']).toHaveLength(1);
    expect(data['events']?.length).toBeGreaterThan(1);
    expect(data['sessions']).toHaveLength(1);
    expect(html).not.toContain(chief.id);
    expect(html).not.toMatch(/\$argon2|secret_hash/);
  });
});

describe('who can do this', () => {
  const ask = async (values: WhoCanQuestion['values'], size = 200) => {
    const found: WhoCanLine[] = [];
    let after: string | undefined;
    do {
      const page = await whoCan(chief.ctx, {
        application: 'plain',
        customerAccountId: organization.accountId,
        values,
        size,
        ...(after !== undefined && { after }),
      });
      found.push(...page.people);
      after = page.next ?? undefined;
    } while (after !== undefined);
    return found;
  };

  it('agrees with "why" about everybody, whatever the way', async () => {
    const direct = await aUser(organization, [], [gift(organization, 'a', '1', '2')]);
    const [byGroup, byNested, byRole] = [
      await aUser(organization),
      await aUser(organization),
      await aUser(organization),
    ];
    const inner = await group('Inner', [byNested.id]);
    const outer = await group('Outer', [byGroup.id, inner]);
    await give('group', outer, { ...gift(organization, 'a'), values: { rights: ['a'], contracts: '*' } });
    const role = await createRole(organization.operator, { name: 'Second' });
    await addToRole(organization.operator, { roleId: role.id, entitlements: [gift(organization, 'a', '2')] });
    await give('user', byRole.id, { roleId: role.id });
    const [ended] = await give('user', byRole.id, gift(organization, 'a', '1'));
    await endAssignment(organization.operator, ended?.id ?? '');
    const gone = await aUser(organization, [], [gift(organization, 'a', '2')]);
    await changeUser(organization.operator, gone.id, (document) => ({ ...document, active: false }));
    const people = await query<{ id: string }>('select id from users where organization_id = $1', [organization.id]);
    for (const contract of ['1', '2', '3']) {
      const combination = { rights: 'a', contracts: contract };
      const can = (await ask(combination)).filter(({ allowed }) => allowed).map(({ userId }) => userId);
      const expected: string[] = [];
      for (const { id } of people) {
        const question = { userId: id, application: 'plain', customerAccount: organization.accountId, combination };
        if ((await explainAccess(chief.ctx, question)).allowed) expected.push(id);
      }
      expect(can.toSorted()).toEqual(expected.toSorted());
    }
    const second = await ask({ rights: 'a', contracts: '2' });
    expect(second.find(({ userId }) => userId === byNested.id)?.causes[0]?.groupPath.map(({ name }) => name)).toEqual([
      'Inner',
      'Outer',
    ]);
    expect(second.map(({ userId }) => userId)).toEqual(expect.arrayContaining([direct.id, byGroup.id, byRole.id]));
    expect(second.map(({ userId }) => userId)).not.toContain(gone.id);
  });

  it('leads from page to page by username, without losing or repeating anybody', async () => {
    const whole = await ask({});
    const paged = await ask({}, 2);
    expect(paged).toEqual(whole);
    const names = whole.map(({ userName }) => userName.toLowerCase());
    expect(names).toEqual(names.toSorted());
  });

  it('says of what was given and has no effect why, and does not count it', async () => {
    const other = await anOrganization();
    const boss = await aUser(other, ['chief_administrator']);
    await aUser(other, [], [gift(other, 'b', '2')]);
    await query(`update resources set state = 'closed' where organization_id = $1 and number = '2'`, [other.id]);
    const { people } = await whoCan(boss.ctx, { application: 'plain', values: { contracts: '2' }, size: 25 });
    expect(people).toMatchObject([{ allowed: false, withheld: ['no_active_contract', 'minimum_missing'] }]);
  });

  it('is a page for administrators, with every way and the link to why', async () => {
    const person = await aUser(organization, [], [gift(organization, 'b', '2')]);
    const path = `/portal/access?application=plain&account=${organization.accountId}&rights=b&contracts=2`;
    const page = await byChief.open(path);
    expect(textOf(page)).toMatch(/Can do it Directly/);
    const why = new RegExp(`href="(/portal/users/${person.id}/why[^"]+)"`).exec(page.html)?.[1] ?? '';
    expect(textOf(await byChief.open(why.replaceAll('&amp;', '&')))).toContain('Yes');
    expect((await (await browserOf(person)).open(path)).status).toBe(403);
    const other = await anOrganization();
    const stranger = await aUser(other, ['chief_administrator']);
    const seen = await (await signedIn(hub, other.id, stranger.id)).open(path);
    expect(textOf(seen)).not.toContain(person.ctx.actor.id);
    expect(seen.html).not.toContain(person.id);
  });

  it('takes as many reads for twenty people as for one, and so do the other lists', async () => {
    const other = await anOrganization();
    const boss = await aUser(other, ['chief_administrator']);
    const browser = await signedIn(hub, other.id, boss.id);
    const { pool } = database();
    const reads = async (address: string): Promise<number> => {
      const counted = jest.spyOn(pool, 'query');
      expect((await browser.open(address)).status).toBe(200);
      // The job queue, which polls on the embedded engine, hands over bare text.
      const { length } = counted.mock.calls.filter(([statement]) => typeof statement === 'object');
      counted.mockRestore();
      return length;
    };
    const pages = ['/portal', '/portal/users', '/portal/access?application=plain', '/portal/access/matrix'];
    const all = async () => {
      const counts: number[] = [];
      for (const address of pages) counts.push(await reads(address));
      return counts;
    };
    await aUser(other, ['manage_users'], [gift(other, 'b', '1')]);
    const before = await all();
    for (let i = 0; i < 20; i++) await aUser(other, i % 2 === 0 ? ['manage_users'] : [], [gift(other, 'b', '1')]);
    expect(await all()).toEqual(before);
  });
});

describe('the table of users and applications', () => {
  it('says of each person which application he has and for which customer number', async () => {
    await aNamedUser(organization, { userName: 'zz.matrix', name: 'Zoë Matrix' });
    const [found] = await query<{ id: string }>(`select id from users where user_name = 'zz.matrix'`);
    await give('user', found?.id ?? '', gift(organization, 'b', '1'));
    const page = await byChief.open('/portal/access/matrix?q=zz.matrix');
    expect(textOf(page)).toMatch(new RegExp(`zz.matrix Zoë Matrix Has rights ${organization.number} – No rights`));
    const plain = await aUser(organization);
    expect((await (await browserOf(plain)).open('/portal/access/matrix')).status).toBe(403);
  });
});

describe('access on a day', () => {
  const linesOn = async (day: string): Promise<string[]> =>
    (await byChief.open(`/portal/access/on-day.csv?day=${day}`)).html.split('\r\n');

  it('lists what stood then, by the groups of then, whatever happened since', async () => {
    const id = await aNamedUser(organization, { userName: '=cmd|calc', name: 'Formula' });
    const team = await group('Team of then', [id]);
    await give('group', team, gift(organization, 'a', '1'));
    const [direct] = await give('user', id, gift(organization, 'b', '2'));
    // Two days ago all of that; since then he left the group and lost the right.
    for (const sql of [
      `update users set created_at = created_at - interval '2 days' where organization_id = $1`,
      `update assignments set given_at = given_at - interval '2 days' where organization_id = $1`,
      `update audit_events set at = at - interval '2 days' where organization_id = $1`,
    ])
      await query(sql, [organization.id]);
    await changeGroup(organization.operator, team, { steps: [{ add: [], remove: [id] }] });
    await endAssignment(organization.operator, direct?.id ?? '');
    const then = (await linesOn(dayIn(-1))).filter((line) => line.includes('Formula'));
    expect(then).toHaveLength(2);
    expect(then.join()).toContain('Group Team of then');
    expect(then.every((line) => line.startsWith(`'=cmd|calc,`))).toBe(true);
    expect((await linesOn(dayIn(0))).filter((line) => line.includes('Formula'))).toEqual([]);
  });

  it('refuses a day that is none, and people who administer nobody', async () => {
    expect((await byChief.open('/portal/access/on-day.csv?day=2999-01-01')).status).toBe(422);
    expect((await byChief.open('/portal/access/on-day.csv?day=x')).status).toBe(422);
    const plain = await aUser(organization);
    expect((await (await browserOf(plain)).open('/portal/access/on-day.csv?day=2026-01-01')).status).toBe(403);
  });
});

describe('contact an administrator', () => {
  it('names those who can give something in the application, and nobody of another company', async () => {
    const plain = await aUser(organization);
    const weak = await aUser(organization, ['manage_users'], [gift(organization, 'b', '1')]);
    const page = async (application: string) =>
      textOf(await (await browserOf(plain)).open(`/portal/administrators?application=${application}`));
    const label = (person: Person) => `Name of ${(person.ctx.actor as { label: string }).label}`;
    expect(await page('plain')).toContain(label(weak));
    expect(await page('profiled')).not.toContain(label(weak));
    expect(await page('profiled')).toContain(label(chief));
  });
});

describe('the history', () => {
  it('is narrowed to a group and to an application, in the list and in the table', async () => {
    const member = await aNamedUser(organization, { userName: 'storied', name: 'Stella Storied' });
    await group('Storied team', [member]);
    await give('user', member, gift(organization, 'b', '1'));
    const byGroup = textOf(await byChief.open('/portal/history?group=storied%20team'));
    expect(byGroup).toContain('Group: Storied team');
    expect(byGroup).toContain('The operator created the group Storied team.');
    expect(byGroup).not.toContain('created the user Stella Storied');
    const byApplication = textOf(await byChief.open('/portal/history?application=plain'));
    expect(byApplication).toContain('gave Stella Storied rights: plain');
    expect(byApplication).not.toContain('created the user Stella Storied');
    expect((await byChief.open('/portal/history/export.csv?application=profiled')).html).not.toContain(
      'Stella Storied',
    );
    expect(textOf(await byChief.open('/portal/history?group=no-such'))).toContain('No group is called no-such.');
  });
});
