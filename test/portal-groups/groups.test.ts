// Groups as an administrator works with them: made, filled, nested, given rights; those of a directory are only looked at.
import { describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { createRole } from '../../src/entitlements/change-role.ts';
import { administrationRightsOfGroup } from '../../src/entitlements/group-administration.ts';
import { openToConnection } from '../../src/entitlements/open-to-connection.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { createConnection } from '../../src/provisioning/connection.ts';
import { auditOf, rightsTables, type Organization } from '../giving/world.ts';
import { aCompany, aUser, deposits, errorsOf, textOf, useRightsHub, visitor } from '../portal-rights/rights-hub.ts';

const hub = useRightsHub();

const aGroup = async ({ operator }: Organization, name: string, members: readonly string[] = []): Promise<string> =>
  (await createGroup(operator, { schemas: [], displayName: name }, members)).id;
const chiefOf = async (company: Organization) => visitor(hub, await aUser(company, ['chief_administrator']));

async function aDirectoryGroup(company: Organization, name: string) {
  const connection = await createConnection(company.operator, { name: 'Entra ID' });
  const actor = { kind: 'connection' as const, id: connection.id, organizationId: company.id, label: 'Entra ID' };
  const group = await createGroup({ ...company.operator, actor }, { schemas: [], displayName: name });
  return { connectionId: connection.id, id: group.id };
}

const membersOf = async (groupId: string): Promise<string[]> =>
  (
    await query<{ id: string }>(
      'select user_id as id from group_users where group_id = $1 union select child_id from group_groups where parent_id = $1 order by 1',
      [groupId],
    )
  ).map(({ id }) => id);

describe('the groups of an organization', () => {
  it('are listed with source, members and whether they give rights, searched and paged', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    expect(textOf(await at.open('/portal/groups'))).toContain('There are no groups yet');
    const person = await aUser(company);
    const inner = await aGroup(company, 'Inner');
    const room = await aGroup(company, 'Mail room', [person.id, inner]);
    await assign(company.operator, { subject: { kind: 'group', id: room }, gifts: [deposits(company, ['letter'])] });
    const sales = await aDirectoryGroup(company, 'Sales');
    await openToConnection(company.operator, { connectionId: sales.connectionId, kind: 'group', targetId: sales.id });
    for (let i = 0; i < 25; i++) await aGroup(company, `Other ${String(i).padStart(2, '0')}`);
    const page = await at.open('/portal/groups');
    expect(textOf(page)).toContain('Mail room Own groups 1 and one group Gives rights');
    const next = /href="([^"]*)" rel="next"/.exec(page.html)?.[1] ?? '';
    expect(textOf(await at.open(next.replaceAll('&amp;', '&')))).toContain('Sales Entra ID opened to a directory 0 –');
    expect(textOf(await at.open('/portal/groups?source=directory'))).not.toContain('Mail room');
    expect(textOf(await at.open('/portal/groups?q=NNER'))).not.toContain('Mail room');
    expect((await (await visitor(hub, await aUser(company))).open('/portal/groups')).status).toBe(403);
  });

  it("are not seen by another organization's administrators", async () => {
    const id = await aGroup(await aCompany(), 'Mail room');
    const at = await chiefOf(await aCompany());
    for (const path of ['', '/edit', '/delete', '/members', '/administration-rights', '/rights'])
      expect((await at.open(`/portal/groups/${id}${path}`)).status).toBe(404);
    expect((await at.send(`/portal/groups/${id}/delete`, {})).status).toBe(404);
    expect((await at.send(`/portal/groups/${id}/edit`, { name: 'Mine' })).status).toBe(404);
  });

  it('are made, renamed and deleted, each with its line in the history', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    expect(errorsOf(await at.send('/portal/groups/new', { name: '  ' }))).toEqual([
      'Enter a name of at most 256 characters.',
    ]);
    const made = await at.send('/portal/groups/new', { name: 'Mail room' });
    const { pathname } = made.url;
    expect(textOf(made)).toContain('The group Mail room has been created.');
    expect(textOf(await at.send(`${pathname}/edit`, { name: 'Mail room Brussels' }))).toContain(
      'Group Mail room Brussels',
    );
    const asked = await at.open(`${pathname}/delete`);
    expect(textOf(asked)).toContain('What they have by this group only, they lose at once.');
    await at.submit(asked, {});
    expect((await at.open(pathname)).status).toBe(404);
    expect(await auditOf(company.id, pathname.split('/').at(-1) ?? '')).toEqual([
      'group.created',
      'group.changed',
      'group.deleted',
    ]);
  });
});

describe('the page of a group', () => {
  it('shows members, nested ones, parents, rights with giver, roles and who opened it', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const [direct, deep] = [await aUser(company), await aUser(company)];
    const inner = await aGroup(company, 'Inner', [deep.id]);
    const room = await aGroup(company, 'Mail room', [direct.id, inner]);
    const outer = await aGroup(company, 'Everyone', [room]);
    await assign(company.operator, { subject: { kind: 'group', id: outer }, gifts: [deposits(company, ['letter'])] });
    const role = await createRole(company.operator, { name: 'Depositor' });
    await assign(company.operator, { subject: { kind: 'group', id: room }, gifts: [{ roleId: role.id }] });
    const page = await at.open(`/portal/groups/${room}`);
    expect(textOf(page)).toContain(direct.ctx.actor.label);
    expect(textOf(page)).not.toContain(deep.ctx.actor.label);
    expect(textOf(page)).toMatch(/e-MassPost.*Group Everyone.*Operator/);
    expect(textOf(page)).toContain('Depositor Given by Operator');
    expect(textOf(page)).toContain('This group is in Everyone');
    const nested = await at.open(`/portal/groups/${room}?nested=yes`);
    expect(textOf(nested)).toContain(deep.ctx.actor.label);
    expect(textOf(nested)).toContain('through a nested group');
    expect(textOf(await at.open(`/portal/groups/${room}?q=zzz`))).not.toContain(direct.ctx.actor.label);
  });

  it('of a directory shows its members with the reason why nothing can be changed here', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const { id } = await aDirectoryGroup(company, 'Sales');
    const page = await at.open(`/portal/groups/${id}`);
    expect(textOf(page)).toContain('Entra ID decides who is in this group.');
    expect(page.html).not.toContain('/delete"');
    const person = await aUser(company);
    const tables = await rightsTables(company.id);
    const act = { member: person.id, act: 'add', confirmed: 'yes' };
    expect(textOf(await at.send(`/portal/groups/${id}/members`, act))).toContain('Not possible');
    expect((await at.send(`/portal/groups/${id}/edit`, { name: 'Mine' })).status).toBe(403);
    expect((await at.send(`/portal/groups/${id}/delete`, {})).status).toBe(403);
    expect(await rightsTables(company.id)).toBe(tables);
  });
});

describe('joining and leaving', () => {
  it('goes over a page that says what they gain, for people and for groups', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const person = await aUser(company);
    const inner = await aGroup(company, 'Inner');
    const room = await aGroup(company, 'Mail room');
    await assign(company.operator, { subject: { kind: 'group', id: room }, gifts: [deposits(company, ['letter'])] });
    const found = await at.open(`/portal/groups/${room}/members?q=${person.ctx.actor.label.slice(0, 20)}`);
    expect(found.html).toContain(`value="${person.id}"`);
    expect((await at.open(`/portal/groups/${room}/members?q=inn`)).html).toContain(`value="${inner}"`);
    const preview = await at.send(`/portal/groups/${room}/members`, { member: [person.id, inner], act: 'add' });
    expect(textOf(preview)).toContain('2 join the group');
    expect(textOf(preview)).toMatch(/What they gain .*e-MassPost/);
    expect(await membersOf(room)).toEqual([]);
    expect(textOf(await at.submit(preview, {}))).toContain('The members have been added.');
    expect(await membersOf(room)).toEqual([person.id, inner].toSorted());
    const leaving = await at.send(`/portal/groups/${room}/members`, { member: person.id, act: 'remove' });
    expect(textOf(leaving)).toContain('Leaves the group');
    expect(textOf(await at.submit(leaving, {}))).toContain('The members have been removed.');
    expect(await membersOf(room)).toEqual([inner]);
  });

  it('is refused for whoever would gain more than the administrator holds, or for himself', async () => {
    const company = await aCompany();
    const weak = await aUser(company, ['manage_users'], [deposits(company, ['letter'])]);
    const at = await visitor(hub, weak);
    const person = await aUser(company);
    const room = await aGroup(company, 'Mail room');
    await assign(company.operator, {
      subject: { kind: 'group', id: room },
      gifts: [deposits(company, ['letter', 'kilopost'])],
    });
    const tables = await rightsTables(company.id);
    const refused = await at.send(`/portal/groups/${room}/members`, {
      member: [person.id, weak.id],
      act: 'add',
      confirmed: 'yes',
    });
    expect(textOf(refused)).toContain('Not possible');
    expect(textOf(refused)).not.toContain('Add to the group');
    expect(await rightsTables(company.id)).toBe(tables);
  });

  it('in a circle is refused with the reason', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const inner = await aGroup(company, 'Inner');
    const outer = await aGroup(company, 'Outer', [inner]);
    const refused = await at.send(`/portal/groups/${inner}/members`, { member: outer, act: 'add', confirmed: 'yes' });
    expect(refused.status).toBe(422);
    expect(await membersOf(inner)).toEqual([]);
  });
});

describe('administration rights of a group', () => {
  it('are ticked by a chief only, and reach a directory group only with his consent', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const room = await aGroup(company, 'Mail room');
    const saved = await at.send(`/portal/groups/${room}/administration-rights`, { right: 'manage_users' });
    expect(textOf(saved)).toContain('The administration rights have been saved.');
    expect((await administrationRightsOfGroup(company.operator, room)).map(({ name }) => name)).toEqual([
      'manage_users',
    ]);
    await at.send(`/portal/groups/${room}/administration-rights`, {});
    expect(await administrationRightsOfGroup(company.operator, room)).toEqual([]);

    const manager = await visitor(hub, await aUser(company, ['manage_administrators']));
    const path = `/portal/groups/${room}/administration-rights`;
    expect(textOf(await manager.open(path))).toContain('Only a chief administrator decides about this.');
    expect((await manager.send(path, { right: 'manage_users' })).status).toBe(403);

    const { id } = await aDirectoryGroup(company, 'Sales');
    const filled = `/portal/groups/${id}/administration-rights`;
    expect((await at.send(filled, { right: 'manage_users' })).status).toBe(403);
    expect(await administrationRightsOfGroup(company.operator, id)).toEqual([]);
    expect((await at.send(filled, { right: 'manage_users', consent: '1' })).status).toBe(200);
    expect(await administrationRightsOfGroup(company.operator, id)).toHaveLength(1);
  });
});
