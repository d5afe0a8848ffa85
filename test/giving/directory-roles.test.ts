// What a directory may give, how much a user may hold, and what is remembered of an answer.
import { describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { checkManagesUsers } from '../../src/entitlements/acting.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { endAssignment } from '../../src/entitlements/end-assignment.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { groupPaths } from '../../src/entitlements/group-paths.ts';
import { closeToConnection, openToConnection } from '../../src/entitlements/open-to-connection.ts';
import { Memory } from '../../src/entitlements/remembered.ts';
import { createConnection } from '../../src/provisioning/connection.ts';
import { createUser } from '../../src/users/create-user.ts';
import { anOrganization, auditOf, aUser, ctxOf, gift, useWorld } from './world.ts';

useWorld();

describe('a directory', () => {
  it('gives its own users the roles opened to it, takes back only those, and nothing else', async () => {
    const organization = await anOrganization();
    const chief = await aUser(organization, ['chief_administrator']);
    const connection = await createConnection(organization.operator, { name: 'Okta' });
    const directory = ctxOf(organization.id, {
      kind: 'connection',
      id: connection.id,
      organizationId: organization.id,
      label: 'Okta',
    });
    const own = await createUser(directory, { document: { schemas: [], userName: 'own' } });
    const role = await createRole(chief.ctx, { name: 'Clerk' });
    await addToRole(chief.ctx, { roleId: role.id, entitlements: [gift(organization, 'a')] });
    const give = (id: string) => assign(directory, { subject: { kind: 'user', id }, gifts: [{ roleId: role.id }] });
    await expect(give(own.id)).rejects.toMatchObject({ code: 'grantor_lacks_right' });
    const opening = { connectionId: connection.id, kind: 'role' as const, targetId: role.id };
    expect([await openToConnection(chief.ctx, opening), await openToConnection(chief.ctx, opening)]).toEqual([
      true,
      false,
    ]);
    const [given] = await give(own.id);
    await expect(give(chief.id)).rejects.toMatchObject({ code: 'not_found' });
    const direct = { subject: { kind: 'user' as const, id: own.id }, gifts: [gift(organization, 'a')] };
    await expect(assign(directory, direct)).rejects.toMatchObject({ code: 'not_permitted' });
    const [byChief] = await assign(chief.ctx, direct);
    await expect(endAssignment(directory, byChief?.id ?? '')).rejects.toMatchObject({ code: 'not_permitted' });
    await endAssignment(directory, given?.id ?? '');
    await closeToConnection(chief.ctx, opening);
    await expect(give(own.id)).rejects.toMatchObject({ code: 'grantor_lacks_right' });
    const audit = await auditOf(organization.id, connection.id);
    expect(audit.filter((action) => /opened|closed/.test(action))).toEqual(['connection.opened', 'connection.closed']);
  });
});

describe('a user', () => {
  it('holds at most 500 entitlements in an application', async () => {
    const organization = await anOrganization();
    const { id } = await aUser(organization);
    await query(
      `insert into assignments (organization_id, id, subject_kind, subject_id, application, customer_account_id, "values", given_by, given_at)
       select $1, gen_random_uuid(), 'user', $2, 'plain', $3, '{"rights": ["a"], "contracts": ["1"]}', '{"kind": "system"}', now()
       from generate_series(1, 499)`,
      [organization.id, id, organization.accountId],
    );
    const give = () =>
      assign(organization.operator, { subject: { kind: 'user', id }, gifts: [gift(organization, 'b')] });
    await give();
    await expect(give()).rejects.toMatchObject({ code: 'too_many' });
  });

  it('is managed only by those who have the right to', async () => {
    const organization = await anOrganization();
    const [manager, other] = [await aUser(organization, ['manage_users']), await aUser(organization)];
    await expect(checkManagesUsers(manager.ctx)).resolves.toBeUndefined();
    await expect(checkManagesUsers(other.ctx)).rejects.toMatchObject({ code: 'not_permitted' });
    const elsewhere = { ...manager.ctx, organizationId: (await anOrganization()).id };
    await expect(checkManagesUsers(elsewhere)).rejects.toMatchObject({ code: 'not_permitted' });
  });
});

describe('paths of groups', () => {
  it('are told shortest first and do not multiply without end', () => {
    const level = (n: number) => [`${n}a`, `${n}b`];
    const nesting = Array.from({ length: 9 }, (_, n) =>
      level(n).flatMap((child) => level(n + 1).map((parent) => [child, parent] as const)),
    ).flat();
    const paths = groupPaths(['0a', '9b'], nesting, [['0a', 'Zero']]);
    expect(paths.get('0a')).toEqual([[{ id: '0a', name: 'Zero' }]]);
    expect(paths.get('9a')).toHaveLength(16);
    expect(paths.get('9b')?.[0]).toHaveLength(1);
  });
});

describe('what is remembered', () => {
  it('ends with its date, and gives way to what is used more', () => {
    const memory = new Memory<number>(2, 1000);
    memory.set('a', { value: 1, until: 10 });
    memory.set('b', { value: 2, until: null });
    expect([memory.get('a', 9), memory.get('a', 10), memory.get('a', 9)]).toEqual([1, undefined, undefined]);
    memory.set('c', { value: 3, until: null });
    expect(memory.get('b', 0)).toBe(2);
    memory.set('d', { value: 4, until: null });
    expect([memory.get('b', 0), memory.get('c', 0), memory.get('d', 0)]).toEqual([2, undefined, 4]);
    memory.set('x'.repeat(101), { value: 5, until: null });
    expect(memory.get('x'.repeat(101), 0)).toBeUndefined();
  });
});
