// What stands under "Details" of an event: labels instead of paths, names instead of ids, dates and yes or no in words.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recordAudit } from '../../src/audit/record.ts';
import { createClient } from '../../src/clients/create-client.ts';
import { recordSignIn } from '../../src/credentials/record-sign-in.ts';
import { createRole } from '../../src/entitlements/change-role.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { changeMembers } from '../../src/groups/change-members.ts';
import { giveMandate } from '../../src/mandates/give-mandate.ts';
import { changePolicy } from '../../src/organizations/change-policy.ts';
import { putResources } from '../../src/organizations/put-resources.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { aGroup, anOrganization, aUser, gift, type Organization, type Person } from '../giving/world.ts';
import type { Browser } from '../oidc/browser.ts';
import { statementsOf } from '../support/statements-of.ts';
import { aNamedUser, openCompanyPortal, signedIn, textOf, type PortalHub } from './portal-hub.ts';

let hub: PortalHub;
let organization: Organization;
let chief: Person;
let byChief: Browser;

beforeAll(async () => {
  ({ hub, organization, chief, byChief } = await openCompanyPortal());
});
afterAll(() => hub.stop());

type Row = { label: string; before: string; after: string };

const unescaped = (html: string) =>
  html.replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&').trim();

/** The details of the newest event of a page of the history. */
async function detailsAt(path: string, browser = byChief): Promise<Row[]> {
  const { html } = await browser.open(path);
  const [, event = ''] = html.split('<li><time');
  return [...event.matchAll(/<th scope="row">([^<]*)<\/th><td[^>]*>([^<]*)<\/td><td[^>]*>([^<]*)</g)].map(
    ([, label = '', before = '', after = '']) => ({
      label: unescaped(label),
      before: unescaped(before),
      after: unescaped(after),
    }),
  );
}
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-/;

describe('the details of an event', () => {
  it('name the application, the account and the rights that were given, and say until when', async () => {
    const id = await aNamedUser(organization, { userName: 'given', name: 'Gina Given' });
    const validUntil = new Date('2031-05-31T22:00:00Z');
    await assign(chief.ctx, {
      subject: { kind: 'user', id },
      gifts: [{ ...gift(organization, 'b', '1', '2'), validUntil }],
    });
    const details = await detailsAt(`/portal/history?user=${id}`);
    expect(details).toEqual(
      expect.arrayContaining([
        { label: 'Application', before: '–', after: 'plain' },
        { label: 'Customer account', before: '–', after: `${organization.number}, Lindenhof Antwerp` },
        { label: 'Contracts', before: '–', after: '1, 2' },
        { label: 'Rights', before: '–', after: 'b' },
        { label: 'Valid until', before: '–', after: '1 June 2031 at 00:00' },
      ]),
    );
    expect(JSON.stringify(details)).not.toMatch(ID);
  });

  it('name the application that somebody signed in to, also one of whose client is gone by its id', async () => {
    const id = await aNamedUser(organization, { userName: 'signs.in', name: 'Sam Signs' });
    const { clientId } = await createClient(organization.operator, {
      name: 'Counter application',
      kind: 'web',
      application: 'plain',
      redirectUris: ['https://counter.example/callback'],
    });
    const device = { id: 'a device', userAgent: undefined, address: undefined };
    for (const [client, said] of [
      ['gone-since', 'gone-since'],
      [clientId, 'Counter application'],
    ] as const) {
      const ctx = { ...organization.operator, now: new Date() };
      await recordSignIn(ctx, { organizationId: organization.id, userId: id, clientId: client, device });
      const details = await detailsAt(`/portal/history?user=${id}`);
      expect(details).toContainEqual({ label: 'Signed in to', before: '–', after: said });
    }
  });

  it('name a role, the people who came into a group, and say that somebody is no longer there', async () => {
    const role = await createRole(organization.operator, { name: 'Counter' });
    const id = await aNamedUser(organization, { userName: 'member', name: 'Mia Member' });
    const group = await aGroup(organization);
    await assign(organization.operator, { subject: { kind: 'group', id: group }, gifts: [{ roleId: role.id }] });
    expect(await detailsAt(`/portal/history?group=${group}`)).toContainEqual({
      label: 'Role',
      before: '–',
      after: 'Counter',
    });
    await changeMembers(chief.ctx, group, { add: [id], remove: [] }, false);
    expect(await detailsAt(`/portal/history?group=${group}`)).toEqual([
      { label: 'Added', before: '–', after: 'Mia Member' },
    ]);
    const stranger = await aNamedUser(await anOrganization(), { userName: 'stranger', name: 'Stella Stranger' });
    await recordAudit(chief.ctx, {
      action: 'group.members_changed',
      targetKind: 'group',
      targetId: group,
      after: { added: [id, stranger], removed: [] },
    });
    expect(await detailsAt(`/portal/history?group=${group}`)).toEqual([
      { label: 'Added', before: '–', after: 'Mia Member, somebody or something that no longer exists' },
    ]);
  });

  it('name the other side of a mandate to both sides', async () => {
    const house = await anOrganization();
    const mandate = await giveMandate(chief.ctx, {
      customerAccountId: organization.accountId,
      receiverOrganizationId: house.id,
      boxes: [
        { application: 'plain', values: { rights: ['a'], contracts: ['1'] } },
        { application: 'plain', values: { rights: ['b'], contracts: '*' } },
      ],
      onward: 0,
      validFrom: null,
      validUntil: null,
    });
    const details = await detailsAt('/portal/history?kind=mandates');
    expect(details).toEqual(
      expect.arrayContaining([
        { label: 'Given to', before: '–', after: 'Lindenhof' },
        { label: 'Part 1: Rights', before: '–', after: 'a' },
        { label: 'Part 2: Contracts', before: '–', after: 'All contracts, also future ones' },
      ]),
    );
    expect(JSON.stringify(details)).not.toMatch(ID);
    expect(mandate.onward).toBe(0);
  });

  it('say both sides of what changed about a person, in the language of whoever reads', async () => {
    const manager = await aNamedUser(organization, { userName: 'boss', name: 'Bea Boss' });
    const id = await aNamedUser(organization, {
      userName: 'changed',
      name: 'Carl Changed',
      email: 'a@company.example',
    });
    const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
    await changeUser(organization.operator, id, (document) => ({
      ...document,
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', enterprise],
      active: true,
      preferredLanguage: 'de',
      emails: [{ value: 'b@company.example', type: 'work', primary: true }],
      [enterprise]: { manager: { value: manager }, department: 'Sales' },
    }));
    const english = await detailsAt(`/portal/history?user=${id}`);
    expect(english).toEqual(
      expect.arrayContaining([
        { label: 'Language', before: 'English', after: 'German' },
        { label: 'E-mail address', before: 'a@company.example', after: 'b@company.example' },
        { label: 'Manager', before: '–', after: 'Bea Boss' },
        { label: 'Department', before: '–', after: 'Sales' },
      ]),
    );
    byChief.setCookie('language', 'nl');
    try {
      expect(await detailsAt(`/portal/history?user=${id}`)).toContainEqual({
        label: 'Taal',
        before: 'Engels',
        after: 'Duits',
      });
    } finally {
      byChief.setCookie('language', 'en');
    }
  });

  it('say the policy of the organization in words, application by application', async () => {
    await changePolicy(chief.ctx, {
      username: 'email',
      deactivateOnlyIn: { plain: true },
    });
    const policy = await detailsAt('/portal/history?kind=organization');
    expect(policy).toEqual(
      expect.arrayContaining([
        { label: 'Usernames', before: '–', after: 'always an e-mail address' },
        { label: 'Users are only deactivated: plain', before: '–', after: 'yes' },
      ]),
    );
    await changePolicy(chief.ctx, { username: 'free', deactivateOnlyIn: { plain: null } });
  });

  it('spell out what nobody gave a label, and keep ids that stand for nothing', async () => {
    const id = await aNamedUser(organization, { userName: 'odd', name: 'Otto Odd' });
    await recordAudit(chief.ctx, {
      action: 'user.changed',
      targetKind: 'user',
      targetId: id,
      before: { fooBarBaz: false, 'urn:example:params:Thing:1.0': { shoe_size: 42 } },
      after: {
        fooBarBaz: true,
        'urn:example:params:Thing:1.0': { shoe_size: 1043 },
        assignment: id,
        since: '2026-02-03',
      },
    });
    expect(await detailsAt(`/portal/history?user=${id}`)).toEqual([
      { label: 'Foo bar baz', before: 'no', after: 'yes' },
      { label: 'Shoe size', before: '42', after: '1,043' },
      { label: 'Since', before: '–', after: '3 February 2026' },
    ]);
  });

  it('take nothing for a day but a day that there is', async () => {
    const id = await aNamedUser(organization, { userName: 'day', name: 'Dora Day' });
    for (const department of ['0000-00-00', '2026-02-30', '2026-02-03T25:00:00Z', '2026-02-03T04:05:06Z'])
      await changeUser(organization.operator, id, (document) => ({
        ...document,
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department },
      }));
    const { status, html } = await byChief.open(`/portal/history?user=${id}`);
    expect(status).toBe(200);
    for (const said of ['0000-00-00', '2026-02-30', '2026-02-03T25:00:00Z', '3 February 2026'])
      expect(html).toContain(said);
  });

  it('tell of a long list what differs first, and of very many changes that there are more', async () => {
    const id = await aNamedUser(organization, { userName: 'long', name: 'Lena Long' });
    const many = Array.from({ length: 400 }, (_, i) => `n${i}`);
    await recordAudit(chief.ctx, {
      action: 'user.changed',
      targetKind: 'user',
      targetId: id,
      before: { numbers: many },
      after: { numbers: [...many, 'the-new-one'] },
    });
    const [list] = await detailsAt(`/portal/history?user=${id}`);
    expect(list?.after).toMatch(/^the-new-one, n0, .* and 376 more$/);
    await putResources(organization.operator, {
      customerAccountId: organization.accountId,
      resources: many.map((number) => ({ kind: 'contracts', number, label: `Contract ${number}`, state: 'active' })),
    });
    const page = await byChief.open('/portal/history?kind=organization');
    expect(textOf(page)).toMatch(/[\d,]+ more changes are not shown here\./);
  });

  it('are looked up in one statement, however many events and ids there are', async () => {
    const few = await anOrganization();
    const count = async (place: Organization) => {
      const boss = await aUser(place, ['chief_administrator']);
      const browser = await signedIn(hub, place.id, boss.id);
      await browser.open('/portal');
      return statementsOf(async () => expect((await browser.open('/portal/history')).status).toBe(200));
    };
    const small = await count(few);
    const members = await Promise.all(Array.from({ length: 12 }, () => aUser(few)));
    for (const { id } of members) {
      const group = await aGroup(few);
      await changeMembers(few.operator, group, { add: [id], remove: [] }, false);
      await assign(few.operator, { subject: { kind: 'user', id }, gifts: [gift(few, 'b', '1')] });
    }
    expect(await count(few)).toHaveLength(small.length);
  });

  it('stand in the export in the same words', async () => {
    const { html } = await byChief.open('/portal/history/export.csv');
    expect(html).toContain('Customer account: ');
    expect(html).not.toMatch(/customerAccountId|giverOrganizationId|entitlement\.values/);
  });
});
