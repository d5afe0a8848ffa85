// Nobody is brought to hold together what the catalogue refuses to be held together, by whatever door; what it only reports
// is given and told.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConflictingPair } from '../../src/applications/application.ts';
import { setCatalogue } from '../../src/applications/current-catalogue.ts';
import type { OrganizationCtx } from '../../src/context.ts';
import { query } from '../../src/database/query.ts';
import { transaction } from '../../src/database/transaction.ts';
import { addToRole, createRole, replaceRoleEntitlement } from '../../src/entitlements/change-role.ts';
import { copyRights } from '../../src/entitlements/copy-rights.ts';
import { replaceAssignments } from '../../src/entitlements/end-assignment.ts';
import { assign, assignRole } from '../../src/entitlements/give-rights.ts';
import { listConflicting } from '../../src/entitlements/list-conflicting.ts';
import { openToConnection } from '../../src/entitlements/open-to-connection.ts';
import { changeGroup } from '../../src/groups/change-group.ts';
import { createConnection } from '../../src/provisioning/connection.ts';
import { plain, profiled } from '../entitlements/applications.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import {
  aGroup,
  anOrganization,
  aUser,
  ctxOf,
  gift,
  QUEUES,
  rightsTables,
  useTestCatalogue,
  type Organization,
  type Person,
} from './world.ts';

const side = (application: string, value: string) => ({ application, dimension: 'rights' as const, value });
const PAIRS: ConflictingPair[] = [
  { a: side('plain', 'a'), b: side('plain', 'b'), mode: 'refuse' },
  { a: side('plain', 'a'), b: side('plain', 'c'), mode: 'report' },
  { a: side('plain', 'admin'), b: side('profiled', 'c'), mode: 'refuse' },
];
function useConflicts(pairs: readonly ConflictingPair[]): void {
  useTestCatalogue();
  const applications = [{ ...plain, conflicts: pairs }, profiled];
  setCatalogue(new Map(applications.map((application) => [application.key, application])));
}

beforeAll(async () => {
  useConflicts(PAIRS);
  await openTestDatabase(QUEUES);
});
afterAll(() => closeTestDatabase());

type Scene = { organization: Organization; chief: Person; /** Holds a on contract 1. */ holder: Person };
async function aScene(): Promise<Scene> {
  const organization = await anOrganization();
  const chief = await aUser(organization, ['chief_administrator']);
  return { organization, chief, holder: await aUser(organization, [], [gift(organization, 'a')]) };
}
const user = ({ id }: Person) => ({ kind: 'user' as const, id });
const group = (id: string) => ({ kind: 'group' as const, id });
const join = (ctx: OrganizationCtx, groupId: string, ...add: string[]) =>
  changeGroup(ctx, groupId, { steps: [{ add, remove: [] }] });

async function aRole({ organization }: Scene, ...rights: string[]): Promise<string> {
  const { id: roleId } = await createRole(organization.operator, { name: `Role ${rights.join('')}` });
  for (const right of rights)
    await addToRole(organization.operator, { roleId, entitlements: [gift(organization, right)] });
  return roleId;
}

/** Makes the holder of a hold `right` too. */
type Door = { name: string; open: (scene: Scene, right: string) => Promise<() => Promise<unknown>> };
const DOORS: Door[] = [
  {
    name: 'assigning an entitlement',
    open: ({ organization, chief, holder }, right) =>
      Promise.resolve(() => assign(chief.ctx, { subject: user(holder), gifts: [gift(organization, right, '2')] })),
  },
  {
    name: 'assigning a role',
    open: async (scene, right) => {
      const roleId = await aRole(scene, right);
      return () => assign(scene.chief.ctx, { subject: user(scene.holder), gifts: [{ roleId }] });
    },
  },
  {
    name: 'assigning a role to many',
    open: async (scene, right) => {
      const roleId = await aRole(scene, right);
      return () => assignRole(scene.chief.ctx, { roleId, userIds: [scene.chief.id, scene.holder.id] });
    },
  },
  {
    name: 'assigning to a group of his',
    open: async ({ organization, chief, holder }, right) => {
      const inner = await aGroup(organization, [holder.id]);
      const outer = await aGroup(organization, [inner]);
      return () => assign(chief.ctx, { subject: group(outer), gifts: [gift(organization, right)] });
    },
  },
  {
    name: 'joining a group',
    open: async ({ organization, chief, holder }, right) => {
      const id = await aGroup(organization);
      await assign(chief.ctx, { subject: group(id), gifts: [gift(organization, right)] });
      return () => join(chief.ctx, id, holder.id);
    },
  },
  {
    name: 'nesting his group',
    open: async ({ organization, chief, holder }, right) => {
      const inner = await aGroup(organization, [holder.id]);
      const outer = await aGroup(organization);
      await assign(chief.ctx, { subject: group(outer), gifts: [gift(organization, right)] });
      return () => join(chief.ctx, outer, inner);
    },
  },
  {
    name: 'adding to his role',
    open: async (scene, right) => {
      const roleId = await aRole(scene);
      await assign(scene.chief.ctx, { subject: user(scene.holder), gifts: [{ roleId }] });
      return () => addToRole(scene.chief.ctx, { roleId, entitlements: [gift(scene.organization, right)] });
    },
  },
  {
    name: 'adding to a role of his group',
    open: async (scene, right) => {
      const roleId = await aRole(scene);
      const id = await aGroup(scene.organization, [scene.holder.id]);
      await assign(scene.chief.ctx, { subject: group(id), gifts: [{ roleId }] });
      return () => addToRole(scene.chief.ctx, { roleId, entitlements: [gift(scene.organization, right)] });
    },
  },
  {
    name: 'widening what he has',
    open: async ({ organization, chief, holder }, right) => {
      const [old] = await assign(chief.ctx, { subject: user(holder), gifts: [gift(organization, 'a', '2')] });
      const wider = { ...gift(organization, right), values: { rights: ['a', right], contracts: ['2'] } };
      return () => replaceAssignments(chief.ctx, { ids: [old?.id ?? ''], gifts: [wider] });
    },
  },
  {
    name: 'copying from the one who gives',
    open: async ({ organization, holder }, right) => {
      const giver = await aUser(organization, ['manage_users'], [gift(organization, right)]);
      return () => copyRights(giver.ctx, { application: 'plain', subject: user(holder) });
    },
  },
  {
    name: 'a directory that puts him into a group',
    open: async ({ organization, chief, holder }, right) => {
      const { id: connectionId } = await createConnection(organization.operator, { name: 'Entra ID' });
      const id = await aGroup(organization);
      for (const [table, one] of [
        ['groups', id],
        ['users', holder.id],
      ] as const) {
        await query(`update ${table} set connection_id = $3 where organization_id = $1 and id = $2`, [
          organization.id,
          one,
          connectionId,
        ]);
      }
      await assign(chief.ctx, { subject: group(id), gifts: [gift(organization, right)], consent: true });
      return () =>
        join(
          ctxOf(organization.id, {
            kind: 'connection',
            id: connectionId,
            organizationId: organization.id,
            label: 'Entra ID',
          }),
          id,
          holder.id,
        );
    },
  },
  {
    name: 'a directory that gives him a role',
    open: async (scene, right) => {
      const { organization, chief, holder } = scene;
      const { id: connectionId } = await createConnection(organization.operator, { name: 'Okta' });
      const roleId = await aRole(scene, right);
      await openToConnection(chief.ctx, { connectionId, kind: 'role', targetId: roleId });
      await query('update users set connection_id = $3 where organization_id = $1 and id = $2', [
        organization.id,
        holder.id,
        connectionId,
      ]);
      const directory = ctxOf(organization.id, {
        kind: 'connection',
        id: connectionId,
        organizationId: organization.id,
        label: 'Okta',
      });
      return () => assign(directory, { subject: user(holder), gifts: [{ roleId }] });
    },
  },
];

describe('a pair that is refused', () => {
  it.each(DOORS)('is not completed by $name, and nothing is changed', async ({ open }) => {
    const scene = await aScene();
    const act = await open(scene, 'b');
    const before = await rightsTables(scene.organization.id);
    await expect(act()).rejects.toMatchObject({
      code: 'separation_of_duties',
      details: {
        pair: { a: side('plain', 'a'), b: side('plain', 'b') },
        between: { en: 'a + b' },
        userId: scene.holder.id,
        customerAccountId: scene.organization.accountId,
      },
    });
    expect(await rightsTables(scene.organization.id)).toBe(before);
  });

  it.each(DOORS)('leaves a pair alone that is only reported: $name', async ({ open }) => {
    const scene = await aScene();
    await (
      await open(scene, 'c')
    )();
    const { conflicts } = await listConflicting(scene.chief.ctx);
    expect(conflicts).toMatchObject([{ userId: scene.holder.id, pair: { mode: 'report' } }]);
    expect(conflicts[0]?.causes.a.length).toBeGreaterThan(0);
    expect(conflicts[0]?.causes.b.length).toBeGreaterThan(0);
  });

  it('is refused within one gift, and in a role only to whoever gets it', async () => {
    const scene = await aScene();
    const { organization, chief } = scene;
    const other = await aUser(organization);
    const both = { ...gift(organization, 'a'), values: { rights: ['a', 'b'], contracts: ['1'] } };
    const give = (person: Person) => assign(chief.ctx, { subject: user(person), gifts: [both] });
    await expect(give(other)).rejects.toMatchObject({ code: 'separation_of_duties' });
    const roleId = await aRole(scene, 'a', 'b');
    await expect(assign(chief.ctx, { subject: user(other), gifts: [{ roleId }] })).rejects.toMatchObject({
      code: 'separation_of_duties',
    });
    const empty = await aGroup(organization);
    await expect(assign(chief.ctx, { subject: group(empty), gifts: [both] })).resolves.toHaveLength(1);
    await expect(join(chief.ctx, empty, other.id)).rejects.toMatchObject({ code: 'separation_of_duties' });
  });

  it('reaches over applications', async () => {
    const { organization, chief } = await aScene();
    const person = await aUser(organization, [], [gift(organization, 'admin')]);
    const elsewhere = {
      application: 'profiled',
      customerAccountId: organization.accountId,
      profile: 'free',
      values: { rights: ['c'], contracts: ['1'] },
    };
    await expect(assign(chief.ctx, { subject: user(person), gifts: [elsewhere] })).rejects.toMatchObject({
      code: 'separation_of_duties',
    });
  });

  it('is no obstacle where the two never meet: one after the other, on two customer accounts, one in place of the other', async () => {
    const { organization, chief, holder } = await aScene();
    const other = await aUser(organization);
    const turn = new Date(Date.now() + 86_400_000);
    await assign(chief.ctx, { subject: user(other), gifts: [{ ...gift(organization, 'a'), validUntil: turn }] });
    await expect(
      assign(chief.ctx, { subject: user(other), gifts: [{ ...gift(organization, 'b'), validFrom: turn }] }),
    ).resolves.toHaveLength(1);
    const [first] = await query<{ id: string }>(
      'select id from assignments where organization_id = $1 and subject_id = $2',
      [organization.id, holder.id],
    );
    await expect(
      replaceAssignments(chief.ctx, { ids: [first?.id ?? ''], gifts: [gift(organization, 'b')] }),
    ).resolves.toHaveLength(1);
  });

  it('counts what is replaced in a role, and only what comes in addition', async () => {
    const scene = await aScene();
    const { organization, chief } = scene;
    const roleId = await aRole(scene);
    const [given] = await addToRole(chief.ctx, { roleId, entitlements: [gift(organization, 'a')] });
    const other = await aUser(organization);
    await assign(chief.ctx, { subject: user(other), gifts: [{ roleId }] });
    const both = { ...gift(organization, 'a'), values: { rights: ['a', 'b'], contracts: ['1'] } };
    await expect(replaceRoleEntitlement(chief.ctx, { id: given?.id ?? '', entitlement: both })).rejects.toMatchObject({
      code: 'separation_of_duties',
    });
    await expect(
      replaceRoleEntitlement(chief.ctx, { id: given?.id ?? '', entitlement: gift(organization, 'b') }),
    ).resolves.toMatchObject({ roleId });
  });

  it('is reported where it was held before the catalogue named it, and bars no act that adds nothing to it', async () => {
    useConflicts([]);
    const { organization, chief, holder } = await aScene();
    const [wide] = await assign(chief.ctx, {
      subject: user(holder),
      gifts: [{ ...gift(organization, 'b'), values: { rights: ['b', 'c'], contracts: ['1', '2'] } }],
    });
    useConflicts(PAIRS);
    expect((await listConflicting(chief.ctx)).conflicts.map(({ pair }) => pair.mode)).toEqual(['refuse', 'report']);
    await expect(
      replaceAssignments(chief.ctx, { ids: [wide?.id ?? ''], gifts: [gift(organization, 'b', '2')] }),
    ).resolves.toHaveLength(1);
    await expect(
      assign(chief.ctx, { subject: user(holder), gifts: [gift(organization, 'admin')] }),
    ).resolves.toHaveLength(1);
    expect((await listConflicting(chief.ctx)).conflicts).toHaveLength(1);
  });

  it('is not completed by two acts at the same time', async () => {
    const { organization, chief } = await aScene();
    const person = await aUser(organization);
    const give = (right: string) =>
      transaction(() => assign(chief.ctx, { subject: user(person), gifts: [gift(organization, right)] }));
    const outcomes = await Promise.allSettled([give('a'), give('b')]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('the list of who holds conflicting rights', () => {
  it('comes a page at a time, and tells nobody but administrators', async () => {
    const { organization, chief, holder } = await aScene();
    const people: Person[] = [];
    for (let i = 0; i < 3; i++)
      people.push(await aUser(organization, [], [gift(organization, 'a'), gift(organization, 'c')]));
    const first = await listConflicting(chief.ctx, { size: 2 });
    const second = await listConflicting(chief.ctx, { size: 2, ...(first.next && { after: first.next }) });
    expect([...first.conflicts, ...second.conflicts].map(({ userId }) => userId).toSorted()).toEqual(
      people.map(({ id }) => id).toSorted(),
    );
    expect([first.conflicts.length, second.next]).toEqual([2, null]);
    await expect(listConflicting(holder.ctx)).rejects.toMatchObject({ code: 'not_permitted' });
  });

  it('leaves out what has no effect', async () => {
    const { organization, chief } = await aScene();
    const later = new Date(Date.now() + 86_400_000);
    await aUser(organization, [], [gift(organization, 'a'), { ...gift(organization, 'c'), validFrom: later }]);
    expect((await listConflicting(chief.ctx)).conflicts).toEqual([]);
  });
});
