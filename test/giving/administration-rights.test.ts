import { describe, expect, it } from '@jest/globals';
import type { AdministrationRight } from '../../src/entitlements/administration-rights-of.ts';
import { administratorsOf } from '../../src/entitlements/administrators-of.ts';
import { checkJoining, checkLeaving } from '../../src/entitlements/check-joining.ts';
import { checkTouching } from '../../src/entitlements/check-rank.ts';
import { endAdministrationRight, giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { endAssignment, replaceAssignments } from '../../src/entitlements/end-assignment.ts';
import { addToRole, createRole, endRole, endRoleEntitlement } from '../../src/entitlements/change-role.ts';
import { changeOrganization } from '../../src/organizations/change-organization.ts';
import { createConnection } from '../../src/provisioning/connection.ts';
import { query } from '../../src/database/query.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { deleteUser } from '../../src/users/delete-user.ts';
import { aGroup, anOrganization, auditOf, aUser, gift, rightsTables, useWorld, type Person } from './world.ts';

useWorld();

const user = ({ id }: Person) => ({ kind: 'user' as const, id });
const give = (giver: Person, receiver: Person, name: AdministrationRight, validUntil: Date | null = null) =>
  giveAdministrationRight(giver.ctx, { subject: user(receiver), name, validUntil });

describe('an administration right', () => {
  it('is given only by somebody who holds it, and what makes administrators only with manage_administrators', async () => {
    const organization = await anOrganization();
    const [low, high] = [
      await aUser(organization, ['manage_users', 'recover_password']),
      await aUser(organization, ['manage_administrators']),
    ];
    const receiver = await aUser(organization);
    await expect(give(low, receiver, 'manage_users')).rejects.toMatchObject({ code: 'rank_too_low' });
    await expect(give(high, receiver, 'recover_password')).rejects.toMatchObject({ code: 'grantor_lacks_right' });
    await expect(give(high, receiver, 'chief_administrator')).rejects.toMatchObject({ code: 'rank_too_low' });
    await expect(give(low, receiver, 'recover_password')).resolves.toEqual(expect.any(String));
    await expect(give(high, receiver, 'manage_users')).resolves.toEqual(expect.any(String));
    await expect(give(high, high, 'manage_users')).rejects.toMatchObject({ code: 'self_assignment' });
    expect(await auditOf(organization.id, receiver.id)).toEqual([
      'user.created',
      'administration_right.given',
      'administration_right.given',
    ]);
  });

  it('lasts no longer than the giver holds it', async () => {
    const organization = await anOrganization();
    const [giver, receiver] = [await aUser(organization, ['manage_users']), await aUser(organization)];
    const end = new Date(Date.now() + 3_600_000);
    await giveAdministrationRight(organization.operator, {
      subject: user(giver),
      name: 'recover_password',
      validUntil: end,
    });
    await expect(give(giver, receiver, 'recover_password')).rejects.toMatchObject({ code: 'outlasts_ceiling' });
    await expect(give(giver, receiver, 'recover_password', end)).resolves.toEqual(expect.any(String));
  });

  it('to the file server waits for the operator to switch that on', async () => {
    const organization = await anOrganization();
    const [chief, receiver] = [await aUser(organization, ['chief_administrator']), await aUser(organization)];
    await expect(give(chief, receiver, 'ftp_access')).rejects.toMatchObject({ code: 'operator_feature_off' });
    await changeOrganization(organization.operator, organization.id, { settings: { ftp: true } });
    await expect(give(chief, receiver, 'ftp_access')).resolves.toEqual(expect.any(String));
  });

  it('reaches a group that a directory fills only by the tick of a chief', async () => {
    const organization = await anOrganization();
    const [chief, high] = [
      await aUser(organization, ['chief_administrator']),
      await aUser(organization, ['manage_administrators']),
    ];
    const connection = await createConnection(organization.operator, { name: 'Okta' });
    const id = await aGroup(organization);
    await query('update groups set connection_id = $2 where id = $1', [id, connection.id]);
    await assign(chief.ctx, { subject: { kind: 'group', id }, gifts: [gift(organization, 'a')], consent: true });
    const to = (person: Person, consent: boolean) =>
      giveAdministrationRight(person.ctx, { subject: { kind: 'group', id }, name: 'manage_users', consent });
    await expect(to(high, true)).rejects.toMatchObject({ code: 'group_not_opened' });
    await expect(to(chief, false)).rejects.toMatchObject({ code: 'group_not_opened' });
    await expect(to(chief, true)).resolves.toEqual(expect.any(String));
  });

  it('comes with joining a group, which only those may arrange who could give it', async () => {
    const organization = await anOrganization();
    const [low, high] = [
      await aUser(organization, ['manage_users']),
      await aUser(organization, ['manage_administrators']),
    ];
    const [receiver, id] = [await aUser(organization), await aGroup(organization)];
    await giveAdministrationRight(organization.operator, { subject: { kind: 'group', id }, name: 'manage_users' });
    await expect(checkJoining(low.ctx, id, [receiver.id])).rejects.toMatchObject({ code: 'rank_too_low' });
    await expect(checkJoining(high.ctx, id, [receiver.id])).resolves.toBeUndefined();
  });
});

describe('rank', () => {
  it('keeps administrators from those who only manage users, and chiefs from all but chiefs', async () => {
    const organization = await anOrganization();
    const [low, high] = [
      await aUser(organization, ['manage_users']),
      await aUser(organization, ['manage_administrators']),
    ];
    const [chief, second] = [
      await aUser(organization, ['chief_administrator']),
      await aUser(organization, ['chief_administrator']),
    ];
    const deactivate = (actor: Person, target: Person) =>
      changeUser(actor.ctx, target.id, (document) => ({ ...document, active: false }));
    await expect(deactivate(low, high)).rejects.toMatchObject({ code: 'rank_too_low' });
    await expect(deactivate(high, chief)).rejects.toMatchObject({ code: 'rank_too_low' });
    await expect(deactivate(high, low)).resolves.toMatchObject({ active: false });
    await expect(deactivate(chief, second)).resolves.toMatchObject({ active: false });
    await expect(deactivate(chief, chief)).rejects.toMatchObject({ code: 'last_chief' });
    await expect(deleteUser(organization.operator, chief.id)).rejects.toMatchObject({ code: 'last_chief' });
  });

  it('does not let the last chief be demoted, and lets him go once there is another', async () => {
    const organization = await anOrganization();
    const chief = await aUser(organization);
    const right = await giveAdministrationRight(organization.operator, {
      subject: user(chief),
      name: 'chief_administrator',
    });
    await expect(endAdministrationRight(organization.operator, right)).rejects.toMatchObject({ code: 'last_chief' });
    const other = await aUser(organization, ['chief_administrator']);
    await endAdministrationRight(other.ctx, right);
    await expect(endAdministrationRight(other.ctx, right)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is not enough for the credentials of somebody who holds more', async () => {
    const organization = await anOrganization();
    const giver = await aUser(organization, ['manage_users'], [gift(organization, 'a')]);
    const target = await aUser(organization, [], [gift(organization, 'b')]);
    await expect(checkTouching(giver.ctx, target.id, 'set_temporary_password')).rejects.toMatchObject({
      code: 'target_holds_more',
    });
    await expect(checkTouching(giver.ctx, target.id, 'send_link')).resolves.toBeUndefined();
  });
});

describe('taking away', () => {
  it('needs a ceiling over the part that has effect, and what has none may go', async () => {
    const organization = await anOrganization();
    const giver = await aUser(organization, ['manage_users'], [gift(organization, 'a')]);
    const receiver = await aUser(organization);
    const [held, above] = await assign(organization.operator, {
      subject: user(receiver),
      gifts: [gift(organization, 'a'), gift(organization, 'b')],
    });
    await expect(endAssignment(giver.ctx, above?.id ?? '')).rejects.toMatchObject({ code: 'grantor_lacks_right' });
    await endAssignment(giver.ctx, held?.id ?? '');
    await query("update resources set state = 'closed' where organization_id = $1 and number = '1'", [organization.id]);
    await endAssignment(giver.ctx, above?.id ?? '');
    expect(
      (await auditOf(organization.id, receiver.id)).filter((action) => action === 'assignment.ended'),
    ).toHaveLength(2);
  });

  it('leaves alone what the actor lacks and keeps, and refuses to drop it', async () => {
    const organization = await anOrganization();
    const giver = await aUser(organization, ['manage_users'], [gift(organization, 'a')]);
    const receiver = await aUser(organization);
    const both = { ...gift(organization, 'a'), values: { rights: ['a', 'b'], contracts: ['1'] } };
    const [old] = await assign(organization.operator, { subject: user(receiver), gifts: [both] });
    const before = await rightsTables(organization.id);
    await expect(
      replaceAssignments(giver.ctx, { ids: [old?.id ?? ''], gifts: [gift(organization, 'a')] }),
    ).rejects.toMatchObject({ code: 'grantor_lacks_right' });
    expect(await rightsTables(organization.id)).toBe(before);
    await expect(
      replaceAssignments(giver.ctx, { ids: [old?.id ?? ''], gifts: [gift(organization, 'b')] }),
    ).resolves.toHaveLength(1);
  });

  it('is off for every person and door where the organization only deactivates, application by application', async () => {
    const organization = await anOrganization();
    const chief = await aUser(organization, ['chief_administrator']);
    const receiver = await aUser(organization);
    const id = await aGroup(organization, [receiver.id]);
    const role = await createRole(chief.ctx, { name: 'Clerk' });
    const [entitlement] = await addToRole(chief.ctx, { roleId: role.id, entitlements: [gift(organization, 'c')] });
    const [given] = await assign(chief.ctx, {
      subject: user(receiver),
      gifts: [gift(organization, 'a'), { roleId: role.id }],
    });
    await assign(chief.ctx, { subject: { kind: 'group', id }, gifts: [gift(organization, 'b')] });
    await changeOrganization(organization.operator, organization.id, { settings: { deactivateOnly: true } });
    const acts = [
      () => endAssignment(chief.ctx, given?.id ?? ''),
      () =>
        replaceAssignments(chief.ctx, {
          ids: [given?.id ?? ''],
          gifts: [{ ...gift(organization, 'a'), validUntil: new Date(Date.now() + 1000) }],
        }),
      () => checkLeaving(chief.ctx, id, [receiver.id]),
      () => endRoleEntitlement(chief.ctx, entitlement?.id ?? ''),
      () => endRole(chief.ctx, role.id),
    ];
    for (const act of acts) await expect(act()).rejects.toMatchObject({ code: 'revocation_off' });
    await changeOrganization(organization.operator, organization.id, {
      settings: { deactivateOnlyIn: { plain: false } },
    });
    for (const act of acts.slice(1)) await act();
  });
});

describe('who can give something', () => {
  it('names the active administrators who have it to give, chiefs first', async () => {
    const organization = await anOrganization();
    const holder = await aUser(organization, ['manage_users'], [gift(organization, 'a')]);
    await aUser(organization, ['manage_users']);
    await aUser(organization, [], [gift(organization, 'a')]);
    const chief = await aUser(organization, ['chief_administrator']);
    const names = await administratorsOf(organization.operator, { application: 'plain' });
    expect(names.map(({ id }) => id)).toEqual([chief.id, holder.id]);
    expect((await administratorsOf(organization.operator, { application: 'profiled' })).map(({ id }) => id)).toEqual([
      chief.id,
    ]);
  });
});
