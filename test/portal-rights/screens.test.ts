// The screens around the editor: choosing an application, what somebody holds and by which way, ending, copying, groups,
// and the question why.
import { describe, expect, it } from '@jest/globals';
import { listAssignments } from '../../src/entitlements/assignment-row.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { createConnection } from '../../src/provisioning/connection.ts';
import { endSubscription, listSubscriptions } from '../../src/organizations/set-subscription.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { auditOf, rightsTables, type Organization } from '../giving/world.ts';
import { aCompany, aUser, deposits, errorsOf, fromTomorrow, textOf, useRightsHub, visitor } from './rights-hub.ts';

const hub = useRightsHub();

const user = (id: string) => ({ kind: 'user' as const, id });
const aGroup = async ({ operator }: Organization, name: string, members: readonly string[]): Promise<string> =>
  (await createGroup(operator, { schemas: [], displayName: name }, members)).id;

describe('choosing an application', () => {
  it('lists those that the organization may have, says where somebody has rights, and offers to copy what one holds', async () => {
    const company = await aCompany();
    const at = await visitor(hub, await aUser(company, ['manage_users'], [deposits(company, ['letter'])]));
    const person = await aUser(company);
    const first = await at.open(`/portal/users/${person.id}/rights`);
    expect(textOf(first)).toContain('Choose the application for which you want to grant rights.');
    expect([...first.html.matchAll(/\/rights\/(\w+)">Select/g)].map(([, key]) => key)).toHaveLength(10);
    expect(textOf(first)).not.toContain('Has rights');
    expect([...first.html.matchAll(/\/rights\/(\w+)\/copy"/g)].map(([, key]) => key)).toEqual(['emasspost']);
    await assign(company.operator, { subject: user(person.id), gifts: [deposits(company, ['letter'])] });
    expect(textOf(await at.open(`/portal/users/${person.id}/rights`))).toMatch(
      /e-MassPost .*Has rights one entitlement/,
    );
  });

  it('leaves out what the organization may not have, unless somebody holds something in it', async () => {
    const company = await aCompany();
    const at = await visitor(hub, await aUser(company, ['chief_administrator']));
    const person = await aUser(company, [], [deposits(company, ['letter'])]);
    for (const { id } of await listSubscriptions(company.operator)) await endSubscription(company.operator, id);
    const page = await at.open(`/portal/users/${person.id}/rights`);
    expect([...page.html.matchAll(/\/rights\/(\w+)">Select/g)].map(([, key]) => key)).toEqual(['emasspost']);
    expect(textOf(page)).toContain('No effect now');
  });
});

describe('what somebody holds', () => {
  it('shows what came by a group and a role with its way, and offers no change of it here', async () => {
    const company = await aCompany();
    const at = await visitor(hub, await aUser(company, ['chief_administrator']));
    const person = await aUser(company);
    const inner = await aGroup(company, 'Mail room', [person.id]);
    const outer = await aGroup(company, 'Everyone', [inner]);
    const role = await createRole(company.operator, { name: 'Depositor' });
    await addToRole(company.operator, { roleId: role.id, entitlements: [deposits(company, ['letter'])] });
    await assign(company.operator, { subject: { kind: 'group', id: outer }, gifts: [{ roleId: role.id }] });
    const page = await at.open(`/portal/users/${person.id}/rights/emasspost`);
    expect(textOf(page)).toMatch(/Role Depositor\s+Group Mail room › Everyone/);
    expect(page.html).not.toContain('assignment=');
    const why = await at.open(/href="([^"]*\/why\?[^"]*)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? '');
    expect(why.status).toBe(200);
    expect(textOf(why)).toContain('Through the group Mail room › Everyone. By the role Depositor.');
  });

  it('says what has no effect, and why', async () => {
    const company = await aCompany();
    const at = await visitor(hub, await aUser(company, ['chief_administrator']));
    const person = await aUser(company, [], [fromTomorrow(company)]);
    const page = await at.open(`/portal/users/${person.id}/rights/emasspost`);
    expect(textOf(page)).toContain('No effect now This begins later.');
    await changeUser(company.operator, person.id, (document) => ({ ...document, active: false }));
    expect(textOf(await at.open(`/portal/users/${person.id}/rights`))).toContain('is deactivated');
  });
});

describe('ending', () => {
  it('asks first with what is lost, then ends it', async () => {
    const company = await aCompany();
    const at = await visitor(hub, await aUser(company, ['manage_users'], [deposits(company, ['letter'])]));
    const person = await aUser(company, [], [deposits(company, ['letter'])]);
    const list = await at.open(`/portal/users/${person.id}/rights/emasspost`);
    const asked = await at.open(/href="([^"]*\/end\?[^"]*)"/.exec(list.html)?.[1]?.replaceAll('&amp;', '&') ?? '');
    expect(textOf(asked)).toContain('may from now on no longer Products: Letter');
    expect(await listAssignments(company.operator, user(person.id))).toHaveLength(1);
    const ended = await at.submit(asked, {});
    expect(ended.url.search).toBe('?done=ended');
    expect(await listAssignments(company.operator, user(person.id))).toEqual([]);
    // What is gone cannot be ended again.
    expect((await at.submit(asked, {})).status).toBe(404);
  });
});

describe('copying all rights', () => {
  it('shows what would be given, gives it, and has nothing to copy the second time', async () => {
    const company = await aCompany();
    const until = new Date(Date.now() + 20 * 86_400_000);
    const giver = await aUser(
      company,
      ['manage_users'],
      [deposits(company, ['letter']), deposits(company, ['prior'], { validUntil: until })],
    );
    const at = await visitor(hub, giver);
    const person = await aUser(company);
    const path = `/portal/users/${person.id}/rights/emasspost/copy`;
    const shown = await at.open(path);
    expect(textOf(shown)).toContain('may from now on also');
    expect(await listAssignments(company.operator, user(person.id))).toEqual([]);
    expect((await at.submit(shown, {})).url.search).toBe('?done=copied');
    const copied = await listAssignments(company.operator, user(person.id));
    expect(copied.map(({ values, validUntil }) => [values?.products, validUntil])).toEqual(
      expect.arrayContaining([
        [['letter'], null],
        [['prior'], until],
      ]),
    );
    expect(textOf(await at.open(path))).toContain('There is nothing to copy');
  });

  it('names what is refused and why, and gives the rest', async () => {
    const company = await aCompany();
    const parcels = (profile: string, rights: string[], contract: string) => ({
      application: 'parcels_international',
      customerAccountId: company.accountId,
      profile,
      values: { rights, contracts: [contract], borderels: ['b31'] },
    });
    const giver = await aUser(
      company,
      ['manage_users'],
      [parcels('read_only', ['eshipper_light'], 'C2'), parcels('general_access', ['general_access'], 'M1')],
    );
    const person = await aUser(company, [], [parcels('general_access', ['general_access', 'view_prices'], 'C2')]);
    const at = await visitor(hub, giver);
    const shown = await at.open(`/portal/users/${person.id}/rights/parcels_international/copy`);
    expect(textOf(shown)).toContain('One of 2 cannot be given.');
    expect(textOf(shown)).toContain('This user already has another profile on one of these contracts.');
    expect(textOf(shown)).toContain('Give the other one');
    await at.submit(shown, {});
    const held = await listAssignments(company.operator, user(person.id));
    expect(held.map(({ profile }) => profile)).toEqual(['general_access', 'general_access']);
  });

  it('gives exactly what was shown, or shows it again', async () => {
    const company = await aCompany();
    const giver = await aUser(company, ['manage_users'], [deposits(company, ['letter'])]);
    const at = await visitor(hub, giver);
    const person = await aUser(company);
    const shown = await at.open(`/portal/users/${person.id}/rights/emasspost/copy`);
    await assign(company.operator, { subject: user(giver.id), gifts: [deposits(company, ['prior'])] });
    const again = await at.submit(shown, {});
    expect(again.status).toBe(409);
    expect(await listAssignments(company.operator, user(person.id))).toEqual([]);
  });
});

describe('a group', () => {
  it('has the same screens, and says how many it reaches', async () => {
    const company = await aCompany();
    const at = await visitor(hub, await aUser(company, ['manage_users'], [deposits(company, ['letter'])]));
    const members = [await aUser(company), await aUser(company)];
    const inner = await aGroup(
      company,
      'Mail room',
      members.map(({ id }) => id),
    );
    const group = await aGroup(company, 'Everyone', [inner]);
    const page = await at.open(`/portal/groups/${group}/rights/emasspost/edit?account=${company.accountId}`);
    const shown = await at.submit(page, {
      products: 'letter',
      billing_addresses: 'A1',
      rights: 'create_deposit',
      act: 'preview',
    });
    expect(textOf(shown)).toContain('Members of Everyone may from now on also');
    expect(textOf(shown)).toContain('It reaches 2 members.');
    expect((await at.submit(shown, { act: 'save' })).url.pathname).toBe(`/portal/groups/${group}/rights/emasspost`);
    expect(await listAssignments(company.operator, { kind: 'group', id: group })).toHaveLength(1);
    expect((await at.open(`/portal/groups/${members[0]?.id ?? ''}/rights`)).status).toBe(404);
  });

  it('that a directory fills gets rights only with the consent of a chief, and the trail keeps it', async () => {
    const company = await aCompany();
    const connection = await createConnection(company.operator, { name: 'Entra ID' });
    const actor = {
      kind: 'connection' as const,
      id: connection.id,
      organizationId: company.id,
      label: connection.name,
    };
    const group = (await createGroup({ ...company.operator, actor }, { schemas: [], displayName: 'Mail desk' }, [])).id;
    const path = `/portal/groups/${group}/rights/emasspost/edit?account=${company.accountId}`;
    const ticks = { products: 'letter', billing_addresses: 'A1', rights: 'create_deposit' };

    const administrator = await visitor(hub, await aUser(company, ['manage_users'], [deposits(company, ['letter'])]));
    const theirs = await administrator.open(path);
    expect(textOf(theirs)).toContain('Only a chief administrator can consent to that.');
    expect(theirs.html).not.toContain('name="consent"');
    expect((await administrator.submit(theirs, { ...ticks, act: 'preview' })).status).toBe(403);

    const chief = await visitor(hub, await aUser(company, ['chief_administrator']));
    const page = await chief.open(path);
    expect(textOf(page)).toContain('A directory decides who is in this group: Entra ID.');
    const before = await rightsTables(company.id);
    const refused = await chief.submit(page, { ...ticks, act: 'preview' });
    expect([refused.status, errorsOf(refused)[0]]).toEqual([
      403,
      expect.stringContaining('A chief administrator must consent'),
    ]);
    expect(await rightsTables(company.id)).toBe(before);
    const shown = await chief.submit(refused, { ...ticks, consent: '1', act: 'preview' });
    expect((await chief.submit(shown, { act: 'save' })).url.search).toBe('?done=saved');
    expect(await auditOf(company.id, connection.id)).toContain('connection.opened');
  });
});

describe('the question why', () => {
  const asked = (company: Organization, more: Record<string, string> = {}): string =>
    `why?${new URLSearchParams({ application: 'emasspost', account: company.accountId, products: 'letter', billing_addresses: 'A1', rights: 'create_deposit', ...more }).toString()}`;

  it('draws every way as a picture and says the same in a list', async () => {
    const company = await aCompany();
    const at = await visitor(hub, await aUser(company, ['chief_administrator']));
    const person = await aUser(company, [], [deposits(company, ['letter'])]);
    const group = await aGroup(company, 'Mail room & more', [person.id]);
    await assign(company.operator, { subject: { kind: 'group', id: group }, gifts: [deposits(company, ['letter'])] });
    const page = await at.open(`/portal/users/${person.id}/${asked(company)}`);
    expect(textOf(page)).toContain('may do this');
    expect(textOf(page)).toContain('It comes 2 ways');
    expect(textOf(page)).toContain('Through the group Mail room & more.');
    const svg = /<svg class="graph"[\s\S]*?<\/svg>/.exec(page.html)?.[0] ?? '';
    expect(svg).toContain('Mail room &amp; more');
    // Person, group, two assignments, the right; five arrows between them.
    expect([...svg.matchAll(/<rect/g)]).toHaveLength(5);
    expect([...svg.matchAll(/<path class="edge"/g)]).toHaveLength(5);
  });

  it('answers no with what was given without effect, or that nobody gave it', async () => {
    const company = await aCompany();
    const at = await visitor(hub, await aUser(company, ['chief_administrator']));
    const person = await aUser(company, [], [fromTomorrow(company)]);
    const later = textOf(await at.open(`/portal/users/${person.id}/${asked(company)}`));
    expect(later).toContain('may not do this');
    expect(later).toContain('Given, but without effect This begins later.');
    expect(textOf(await at.open(`/portal/users/${person.id}/${asked(company, { products: 'prior' })}`))).toContain(
      'Nobody has given this to',
    );
  });

  it('is everybody’s about himself, with what he was given to choose from', async () => {
    const company = await aCompany();
    const person = await aUser(company, [], [deposits(company, ['letter'])]);
    const at = await visitor(hub, person);
    expect((await at.open('/portal')).html).toContain('href="/portal/why"');
    const page = await at.open(`/portal/${asked(company)}`);
    expect(textOf(page)).toContain('you may do this');
    expect(page.html).toContain('value="A1"');
    // What else the company has is not for everybody to read.
    expect(page.html).not.toContain('value="A2"');
    expect((await at.open(`/portal/users/${person.id}/${asked(company)}`)).status).toBe(403);
    expect(textOf(await (await visitor(hub, await aUser(company))).open('/portal/why'))).toContain(
      'You hold no rights yet',
    );
  });
});
