// Roles as an administrator works with them: made, filled in the same editor as a person's rights, given and taken back.
import { describe, expect, it } from '@jest/globals';
import { listAssignments } from '../../src/entitlements/assignment-row.ts';
import { addToRole, createRole, replaceRoleEntitlement } from '../../src/entitlements/change-role.ts';
import { roleEntitlements } from '../../src/entitlements/find-role.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { createConnection } from '../../src/provisioning/connection.ts';
import { changeOrganization } from '../../src/organizations/change-organization.ts';
import { auditOf, rightsTables, type Organization } from '../giving/world.ts';
import {
  aCompany,
  aUser,
  deposits,
  errorsOf,
  itemsOf,
  textOf,
  useRightsHub,
  visitor,
} from '../portal-rights/rights-hub.ts';

const hub = useRightsHub();

async function aRole(company: Organization, name: string, ...products: string[]): Promise<string> {
  const { id } = await createRole(company.operator, { name });
  if (products.length > 0)
    await addToRole(company.operator, { roleId: id, entitlements: [deposits(company, products)] });
  return id;
}
const chiefOf = async (company: Organization) => visitor(hub, await aUser(company, ['chief_administrator']));
const first = async ({ operator }: Organization, roleId: string) => {
  const [one] = await roleEntitlements(operator, roleId);
  if (!one) throw new Error('The role gives nothing');
  return one;
};

describe("copying one's own rights into a role", () => {
  it('says first what the role would give, adds it, and has nothing to add the second time', async () => {
    const company = await aCompany();
    const giver = await aUser(company, ['manage_users'], [deposits(company, ['letter', 'prior'])]);
    const at = await visitor(hub, giver);
    const id = await aRole(company, 'Depositor');
    expect((await at.open(`/portal/roles/${id}/rights`)).html).toContain(`/portal/roles/${id}/rights/emasspost/copy`);
    const path = `/portal/roles/${id}/rights/emasspost/copy`;
    const shown = await at.open(path);
    expect(await roleEntitlements(company.operator, id)).toEqual([]);
    expect((await at.submit(shown, {})).url.search).toBe('?done=copied');
    expect((await first(company, id)).entitlement.values).toMatchObject({ products: ['letter', 'prior'] });
    expect(textOf(await at.open(path))).toContain('There is nothing to copy');
  });
});

describe('the roles of an organization', () => {
  it('are listed with what they give and to how many, searched and paged', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    expect(textOf(await at.open('/portal/roles'))).toContain('There are no roles yet');
    const id = await aRole(company, 'Depositor', 'letter');
    for (let i = 0; i < 26; i++) await aRole(company, `Other ${String(i).padStart(2, '0')}`);
    const person = await aUser(company);
    await assign(company.operator, { subject: { kind: 'user', id: person.id }, gifts: [{ roleId: id }] });
    const page = await at.open('/portal/roles');
    expect(textOf(page)).toContain('Depositor one entitlement 1 0');
    const next = /href="([^"]*)" rel="next"/.exec(page.html)?.[1] ?? '';
    expect(textOf(await at.open(next.replaceAll('&amp;', '&')))).toContain('Other 25');
    expect(textOf(await at.open('/portal/roles?q=EPOS'))).not.toContain('Other');
    expect((await (await visitor(hub, await aUser(company))).open('/portal/roles')).status).toBe(403);
  });

  it('are made under a name of their own, and a name that is taken is told at its field', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const made = await at.send('/portal/roles/new', { name: 'Depositor', description: 'For the mail room' });
    expect(textOf(made)).toContain('The role Depositor has been created.');
    const again = await at.send('/portal/roles/new', { name: 'DEPOSITOR' });
    expect(again.status).toBe(422);
    expect(errorsOf(again)).toEqual(['There is a role with this name already.']);
    expect(again.html).toContain('value="DEPOSITOR"');
    const renamed = await at.send(`${made.url.pathname}/edit`, { name: 'Mailer', description: '' });
    expect(textOf(renamed)).toContain('Role Mailer');
    expect(await auditOf(company.id, made.url.pathname.split('/').at(-1) ?? '')).toEqual([
      'role.created',
      'role.changed',
    ]);
  });

  it("are not seen by another organization's administrators", async () => {
    const company = await aCompany();
    const id = await aRole(company, 'Depositor', 'letter');
    const at = await chiefOf(await aCompany());
    for (const path of ['', '/edit', '/end', '/assign', '/rights', '/rights/emasspost'])
      expect((await at.open(`/portal/roles/${id}${path}`)).status).toBe(404);
  });
});

describe('what a role gives', () => {
  it('is edited in the editor of a person, previewed with whom it reaches, and replaced in one act', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const id = await aRole(company, 'Depositor', 'letter');
    const person = await aUser(company);
    await assign(company.operator, { subject: { kind: 'user', id: person.id }, gifts: [{ roleId: id }] });
    const before = await first(company, id);
    const path = `/portal/roles/${id}/rights/emasspost`;
    const editor = await at.open(`${path}/edit?account=${company.accountId}&assignment=${before.id}`);
    expect(itemsOf(editor, 'products').get('letter')).toMatchObject({ ticked: true });
    const preview = await at.submit(editor, { products: ['letter', 'periodical'], act: 'preview' });
    expect(textOf(preview)).toContain('Whoever has Depositor may from now on also');
    expect(textOf(preview)).toContain('It reaches one member.');
    expect(textOf(preview)).toContain('Name of');
    expect((await first(company, id)).id).toBe(before.id);
    const saved = await at.submit(preview, { act: 'save' });
    expect(textOf(saved)).toContain('The rights are saved.');
    const after = await first(company, id);
    expect(after.entitlement.values.products).toEqual(['letter', 'periodical']);
    expect(await roleEntitlements(company.operator, id)).toHaveLength(1);
    expect((await auditOf(company.id, id)).slice(-2)).toEqual(['role.entitlement_ended', 'role.entitlement_added']);
  });

  it('saved unchanged stays exactly as it is', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const id = await aRole(company, 'Depositor', 'letter');
    const tables = await rightsTables(company.id);
    const { id: entitlement } = await first(company, id);
    const path = `/portal/roles/${id}/rights/emasspost/edit?account=${company.accountId}&assignment=${entitlement}`;
    expect(textOf(await at.submit(await at.open(path), { act: 'save' }))).toContain('nothing was saved');
    expect(await rightsTables(company.id)).toBe(tables);
  });

  it('changed by somebody else meanwhile is shown with both versions, and nothing is lost', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const id = await aRole(company, 'Depositor', 'letter');
    const { id: entitlement } = await first(company, id);
    const editor = await at.open(
      `/portal/roles/${id}/rights/emasspost/edit?account=${company.accountId}&assignment=${entitlement}`,
    );
    await replaceRoleEntitlement(company.operator, {
      id: entitlement,
      entitlement: deposits(company, ['letter', 'kilopost']),
    });
    const conflict = await at.submit(editor, { products: ['letter', 'periodical'], act: 'save' });
    expect(conflict.status).toBe(409);
    expect(textOf(conflict)).toContain('Changed meanwhile');
    expect((await first(company, id)).entitlement.values.products).toEqual(['kilopost', 'letter']);
  });

  it('is limited by what the administrator holds himself: the same refusal names what is lacking, and nothing is saved', async () => {
    const company = await aCompany();
    const weak = await aUser(company, ['manage_users'], [deposits(company, ['letter'])]);
    const at = await visitor(hub, weak);
    const id = await aRole(company, 'Depositor');
    const person = await aUser(company);
    await assign(company.operator, { subject: { kind: 'user', id: person.id }, gifts: [{ roleId: id }] });
    const tables = await rightsTables(company.id);
    const path = `/portal/roles/${id}/rights/emasspost/edit?account=${company.accountId}`;
    const editor = await at.open(path);
    expect(itemsOf(editor, 'products').get('periodical')).toMatchObject({
      state: 'locked',
      code: 'grantor_lacks_right',
    });
    const refused = await at.submit(editor, {
      products: ['periodical'],
      billing_addresses: ['A1'],
      rights: ['create_deposit', 'deposit_statement'],
      act: 'save',
    });
    expect(refused.status).toBe(403);
    expect(errorsOf(refused).join(' ')).toContain('You do not hold on');
    expect(await rightsTables(company.id)).toBe(tables);
    await expect(
      addToRole(weak.ctx, { roleId: id, entitlements: [deposits(company, ['periodical'])] }),
    ).rejects.toMatchObject({ code: 'grantor_lacks_right' });
  });

  it('is not narrowed where persons may not take away', async () => {
    const company = await aCompany();
    const id = await aRole(company, 'Depositor', 'letter', 'periodical');
    const person = await aUser(company);
    await assign(company.operator, { subject: { kind: 'user', id: person.id }, gifts: [{ roleId: id }] });
    await changeOrganization(company.operator, company.id, { settings: { deactivateOnly: true } });
    const chief = await aUser(company, ['chief_administrator']);
    const { id: entitlement } = await first(company, id);
    await expect(
      replaceRoleEntitlement(chief.ctx, { id: entitlement, entitlement: deposits(company, ['letter']) }),
    ).rejects.toMatchObject({ code: 'revocation_off' });
    const widened = await replaceRoleEntitlement(chief.ctx, {
      id: entitlement,
      entitlement: deposits(company, ['letter', 'periodical', 'kilopost']),
    });
    expect(widened.entitlement.values.products).toEqual(['kilopost', 'letter', 'periodical']);
  });
});

describe('giving a role', () => {
  it('to a person goes over a preview, with an end, and can be taken back', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const id = await aRole(company, 'Depositor', 'letter');
    const person = await aUser(company);
    const name = person.ctx.actor.label;
    const found = await at.open(`/portal/roles/${id}/assign?q=${name.slice(0, 20)}`);
    expect(found.html).toContain(`value="user:${person.id}"`);
    const preview = await at.send(`/portal/roles/${id}/assign`, {
      receiver: `user:${person.id}`,
      until: '2031-12-31',
      act: 'preview',
    });
    expect(textOf(preview)).toContain('may from now on also');
    expect(await listAssignments(company.operator, { kind: 'user', id: person.id })).toEqual([]);
    const given = await at.submit(preview, { act: 'save' });
    expect(textOf(given)).toContain('The role has been given.');
    expect(textOf(given)).toContain('until 31 December 2031');
    const [assignment] = await listAssignments(company.operator, { kind: 'user', id: person.id });
    expect(assignment).toMatchObject({ roleId: id, validUntil: new Date('2031-12-31T23:00:00Z') });
    const ending = await at.open(`/portal/roles/${id}/end-assignment?assignment=${assignment?.id ?? ''}`);
    expect(textOf(ending)).toContain('may from now on no longer');
    expect(textOf(await at.submit(ending, {}))).toContain('The role has been taken back.');
    expect(await listAssignments(company.operator, { kind: 'user', id: person.id })).toEqual([]);
  });

  it('to a group that a directory fills needs the tick of a chief', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const id = await aRole(company, 'Depositor', 'letter');
    const connection = await createConnection(company.operator, { name: 'Entra ID' });
    const directory = { kind: 'connection' as const, id: connection.id, organizationId: company.id, label: 'Entra ID' };
    const group = await createGroup({ ...company.operator, actor: directory }, { schemas: [], displayName: 'Sales' });
    const receiver = `group:${group.id}`;
    const preview = await at.send(`/portal/roles/${id}/assign`, { receiver, act: 'preview' });
    expect(textOf(preview)).toContain('A directory decides who is in this group: Entra ID.');
    const refused = await at.submit(preview, { act: 'save' });
    expect(refused.status).toBe(403);
    const given = await at.submit(preview, { act: 'save', consent: '1' });
    expect(textOf(given)).toContain('The role has been given.');
    const role = await at.open(`/portal/roles/${id}`);
    expect(textOf(role)).toContain('A directory decides who is in this group: Entra ID.');
  });

  it('beyond what the administrator holds is refused with what is lacking', async () => {
    const company = await aCompany();
    const id = await aRole(company, 'Depositor', 'letter', 'periodical');
    const person = await aUser(company);
    const at = await visitor(hub, await aUser(company, ['manage_users'], [deposits(company, ['letter'])]));
    const refused = await at.send(`/portal/roles/${id}/assign`, { receiver: `user:${person.id}`, act: 'save' });
    expect(refused.status).toBe(403);
    expect(errorsOf(refused).join(' ')).toContain('Periodical');
    expect(await listAssignments(company.operator, { kind: 'user', id: person.id })).toEqual([]);
  });

  it('ended as a whole takes it from everybody, after a page that says from whom', async () => {
    const company = await aCompany();
    const at = await chiefOf(company);
    const id = await aRole(company, 'Depositor', 'letter');
    const person = await aUser(company);
    await assign(company.operator, { subject: { kind: 'user', id: person.id }, gifts: [{ roleId: id }] });
    const page = await at.open(`/portal/roles/${id}/end`);
    expect(textOf(page)).toContain('It reaches one member.');
    expect(textOf(await at.submit(page, {}))).toContain('The role has been ended.');
    expect((await at.open(`/portal/roles/${id}`)).status).toBe(404);
    expect(await listAssignments(company.operator, { kind: 'user', id: person.id })).toEqual([]);
  });

  it('to several users at once says before for whom it is possible, and refuses only the others', async () => {
    const company = await aCompany();
    const weak = await aUser(company, ['manage_users'], [deposits(company, ['letter'])]);
    const at = await visitor(hub, weak);
    const id = await aRole(company, 'Depositor', 'letter');
    const [anna, chief] = [await aUser(company), await aUser(company, ['chief_administrator'])];
    const user = [anna.id, chief.id, weak.id];
    const asked = await at.send('/portal/users/selection', { act: 'role', user });
    expect(asked.html).toContain(`<option value="${id}">Depositor`);
    const preview = await at.send('/portal/users/selection', { act: 'role', user, to: id });
    expect(textOf(preview)).toContain('The role Depositor.');
    expect(textOf(preview)).toContain('Not possible for 2 users');
    expect(await listAssignments(company.operator, { kind: 'user', id: anna.id })).toEqual([]);
    const done = await at.submit(preview, {});
    expect(textOf(done)).toContain('Done for 1 user.');
    expect(await listAssignments(company.operator, { kind: 'user', id: anna.id })).toMatchObject([{ roleId: id }]);
    expect(await listAssignments(company.operator, { kind: 'user', id: chief.id })).toEqual([]);
  });
});

describe("copying one's own rights to several users at once", () => {
  it('says before for whom it is possible, and gives each what he does not hold already', async () => {
    const company = await aCompany();
    const weak = await aUser(company, ['manage_users'], [deposits(company, ['letter'])]);
    const at = await visitor(hub, weak);
    const [anna, bert] = [await aUser(company), await aUser(company, [], [deposits(company, ['letter'])])];
    const chief = await aUser(company, ['chief_administrator']);
    const user = [anna.id, bert.id, chief.id, weak.id];
    const asked = await at.send('/portal/users/selection', { act: 'copy', user });
    expect(asked.html).toContain('<option value="emasspost">');
    const preview = await at.send('/portal/users/selection', { act: 'copy', user, to: 'emasspost' });
    expect(textOf(preview)).toContain('Not possible for 3 users');
    expect(textOf(preview)).toContain('Holds all of it already.');
    const held = ({ id }: { id: string }) => listAssignments(company.operator, { kind: 'user', id });
    expect(await held(anna)).toEqual([]);
    expect(textOf(await at.submit(preview, {}))).toContain('Done for 1 user.');
    expect(await held(anna)).toMatchObject([{ application: 'emasspost', values: { products: ['letter'] } }]);
    expect([await held(bert), await held(chief)]).toMatchObject([[{}], []]);
  });
});
