// One rule, every door: giving above one's ceiling is refused and nothing is changed; within it, it is done.
import { describe, expect, it } from '@jest/globals';
import { copyRights } from '../../src/entitlements/copy-rights.ts';
import { replaceAssignments } from '../../src/entitlements/end-assignment.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { rightsOf } from '../../src/entitlements/explain-access.ts';
import { openToConnection } from '../../src/entitlements/open-to-connection.ts';
import { checkJoining } from '../../src/entitlements/check-joining.ts';
import { changeMembers, lockNesting } from '../../src/groups/change-members.ts';
import { createConnection } from '../../src/provisioning/connection.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { query } from '../../src/database/query.ts';
import { transaction } from '../../src/database/transaction.ts';
import {
  aGroup,
  anOrganization,
  auditOf,
  aUser,
  gift,
  rightsTables,
  useWorld,
  type Organization,
  type Person,
} from './world.ts';

useWorld();

type Scene = {
  organization: Organization;
  /** Holds right a on contract 1, and may manage users. */
  giver: Person;
  receiver: Person;
};
/** `right` is a, which the giver holds, or b, which he does not. The answer is the act. */
type Door = { name: string; refusal?: string; open: (scene: Scene, right: string) => Promise<() => Promise<unknown>> };

async function aScene(): Promise<Scene> {
  const organization = await anOrganization();
  const giver = await aUser(organization, ['manage_users'], [gift(organization, 'a')]);
  return { organization, giver, receiver: await aUser(organization) };
}

const user = ({ id }: Person) => ({ kind: 'user' as const, id });
const group = (id: string) => ({ kind: 'group' as const, id });

const join = (scene: Scene, groupId: string, member: string) =>
  transaction(async () => {
    await lockNesting(scene.giver.ctx);
    await checkJoining(scene.giver.ctx, groupId, [member]);
    await changeMembers(scene.giver.ctx, groupId, { add: [member], remove: [] }, true);
  });

async function aRole(scene: Scene, right: string): Promise<string> {
  const role = await createRole(scene.organization.operator, { name: `Role ${right}` });
  await addToRole(scene.organization.operator, { roleId: role.id, entitlements: [gift(scene.organization, right)] });
  return role.id;
}

const DOORS: Door[] = [
  {
    name: 'assigning an entitlement to a user',
    open: (scene, right) =>
      Promise.resolve(() =>
        assign(scene.giver.ctx, { subject: user(scene.receiver), gifts: [gift(scene.organization, right)] }),
      ),
  },
  {
    name: 'assigning an entitlement to a group',
    open: async (scene, right) => {
      const id = await aGroup(scene.organization, [scene.receiver.id]);
      return () => assign(scene.giver.ctx, { subject: group(id), gifts: [gift(scene.organization, right)] });
    },
  },
  {
    name: 'replacing an assignment by a wider one',
    open: async (scene, right) => {
      const [old] = await assign(scene.organization.operator, {
        subject: user(scene.receiver),
        gifts: [gift(scene.organization, 'c')],
      });
      const wider = { ...gift(scene.organization, right), values: { rights: ['c', right], contracts: ['1'] } };
      return () => replaceAssignments(scene.giver.ctx, { ids: [old?.id ?? ''], gifts: [wider] });
    },
  },
  {
    name: 'adding a user to a group',
    open: async (scene, right) => {
      const id = await aGroup(scene.organization);
      await assign(scene.organization.operator, { subject: group(id), gifts: [gift(scene.organization, right)] });
      return () => join(scene, id, scene.receiver.id);
    },
  },
  {
    name: 'adding a user to a group nested in one that carries rights',
    open: async (scene, right) => {
      const inner = await aGroup(scene.organization);
      const outer = await aGroup(scene.organization, [inner]);
      await assign(scene.organization.operator, { subject: group(outer), gifts: [gift(scene.organization, right)] });
      return () => join(scene, inner, scene.receiver.id);
    },
  },
  {
    name: 'nesting a group',
    open: async (scene, right) => {
      const inner = await aGroup(scene.organization, [scene.receiver.id]);
      const outer = await aGroup(scene.organization);
      await assign(scene.organization.operator, { subject: group(outer), gifts: [gift(scene.organization, right)] });
      return () => join(scene, outer, inner);
    },
  },
  {
    name: 'adding to a role',
    open: async (scene, right) => {
      const role = await createRole(scene.organization.operator, { name: 'Clerk' });
      await assign(scene.organization.operator, { subject: user(scene.receiver), gifts: [{ roleId: role.id }] });
      return () => addToRole(scene.giver.ctx, { roleId: role.id, entitlements: [gift(scene.organization, right)] });
    },
  },
  {
    name: 'assigning a role',
    open: async (scene, right) => {
      const roleId = await aRole(scene, right);
      return () => assign(scene.giver.ctx, { subject: user(scene.receiver), gifts: [{ roleId }] });
    },
  },
  {
    name: 'reactivating',
    refusal: 'target_holds_more',
    open: async (scene, right) => {
      await assign(scene.organization.operator, {
        subject: user(scene.receiver),
        gifts: [gift(scene.organization, right)],
      });
      await changeUser(scene.organization.operator, scene.receiver.id, (document) => ({ ...document, active: false }));
      return () => changeUser(scene.giver.ctx, scene.receiver.id, (document) => ({ ...document, active: true }));
    },
  },
];

describe('giving, by whatever door', () => {
  it.each(DOORS)('is refused above the ceiling and changes nothing: $name', async ({ open, refusal }) => {
    const scene = await aScene();
    const act = await open(scene, 'b');
    const before = await rightsTables(scene.organization.id);
    await expect(act()).rejects.toMatchObject({
      code: refusal ?? 'grantor_lacks_right',
      details: { missing: [{ boxes: [{ values: { rights: ['b'] } }] }] },
    });
    expect(await rightsTables(scene.organization.id)).toBe(before);
  });

  it.each(DOORS)('is done within the ceiling: $name', async ({ open }) => {
    const scene = await aScene();
    await (
      await open(scene, 'a')
    )();
    const { effective } = await rightsOf(scene.organization.operator, { userId: scene.receiver.id });
    expect(effective.some(({ entitlement }) => entitlement.values.rights?.includes('a'))).toBe(true);
  });

  it('copies what the actor holds, no longer than he holds it, and no administration right', async () => {
    const scene = await aScene();
    const end = new Date(Date.now() + 86_400_000);
    await assign(scene.organization.operator, {
      subject: user(scene.giver),
      gifts: [{ ...gift(scene.organization, 'c', '2'), validUntil: end }],
    });
    const copied = await copyRights(scene.giver.ctx, { application: 'plain', subject: user(scene.receiver) });
    expect(copied.map(({ values, validUntil }) => [values?.rights, validUntil?.getTime() ?? null])).toEqual([
      [['a'], null],
      [['c'], end.getTime()],
    ]);
    expect(await copyRights(scene.giver.ctx, { application: 'plain', subject: user(scene.receiver) })).toEqual([]);
    const [row] = await query<{ n: number }>(
      'select count(*)::int as n from administration_rights where subject_id = $1',
      [scene.receiver.id],
    );
    expect(row?.n).toBe(0);
  });

  it('lets nobody but a chief give to himself, through a group or a role neither', async () => {
    const { organization, giver } = await aScene();
    const own = await aGroup(organization, [giver.id]);
    const outer = await aGroup(organization, [own]);
    const role = await createRole(organization.operator, { name: 'Clerk' });
    await assign(organization.operator, { subject: user(giver), gifts: [{ roleId: role.id }] });
    const acts = [
      () => assign(giver.ctx, { subject: user(giver), gifts: [gift(organization, 'a')] }),
      () => assign(giver.ctx, { subject: group(outer), gifts: [gift(organization, 'a')] }),
      () => addToRole(giver.ctx, { roleId: role.id, entitlements: [gift(organization, 'a')] }),
    ];
    for (const act of acts) await expect(act()).rejects.toMatchObject({ code: 'self_assignment' });
    const chief = await aUser(organization, ['chief_administrator']);
    await assign(chief.ctx, { subject: user(chief), gifts: [gift(organization, 'b')] });
    const [job] = await query<{ data: unknown }>(
      "select data from jobs.job where name = 'notify-self-giving' and data ->> 'userId' = $1",
      [chief.id],
    );
    expect(job).toMatchObject({ data: { organizationId: organization.id } });
  });

  it('refuses what would outlast the ceiling it is given under', async () => {
    const { organization, receiver } = await aScene();
    const end = new Date(Date.now() + 86_400_000);
    const giver = await aUser(organization, ['manage_users'], [{ ...gift(organization, 'b'), validUntil: end }]);
    const give = (validUntil: Date | null) =>
      assign(giver.ctx, { subject: user(receiver), gifts: [{ ...gift(organization, 'b'), validUntil }] });
    await expect(give(null)).rejects.toMatchObject({ code: 'outlasts_ceiling' });
    await expect(give(end)).resolves.toHaveLength(1);
  });

  it('needs the right to manage users at all', async () => {
    const { organization, receiver } = await aScene();
    const plainUser = await aUser(organization, [], [gift(organization, 'a')]);
    await expect(
      assign(plainUser.ctx, { subject: user(receiver), gifts: [gift(organization, 'a')] }),
    ).rejects.toMatchObject({ code: 'not_permitted' });
  });

  it('asks the operator only for what the organization may do at all', async () => {
    const { organization, receiver } = await aScene();
    const elsewhere = await anOrganization();
    const foreign = gift(elsewhere, 'a');
    await expect(assign(organization.operator, { subject: user(receiver), gifts: [foreign] })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(
      assign(organization.operator, { subject: user(receiver), gifts: [gift(organization, 'a', '3')] }),
    ).rejects.toMatchObject({ code: 'no_active_contract' });
  });

  it('knows no one and nothing of another organization', async () => {
    const { organization, giver, receiver } = await aScene();
    const other = await aScene();
    const [theirs] = await assign(other.organization.operator, {
      subject: user(other.receiver),
      gifts: [gift(other.organization, 'a')],
    });
    const role = await createRole(other.organization.operator, { name: 'Clerk' });
    const acts = [
      () => assign(giver.ctx, { subject: user(other.receiver), gifts: [gift(organization, 'a')] }),
      () => assign(giver.ctx, { subject: user(receiver), gifts: [{ roleId: role.id }] }),
      () => assign(giver.ctx, { subject: { kind: 'group', id: 'no uuid' }, gifts: [gift(organization, 'a')] }),
      () => replaceAssignments(giver.ctx, { ids: [theirs?.id ?? ''], gifts: [gift(organization, 'a')] }),
      () => rightsOf(giver.ctx, { userId: other.receiver.id }),
    ];
    for (const act of acts) await expect(act()).rejects.toMatchObject({ code: 'not_found' });
  });

  it('refuses two profiles on one contract, and more than 64 rights in a save', async () => {
    const { organization, receiver } = await aScene();
    const under = (profile: string, right: string) => ({
      application: 'profiled',
      customerAccountId: organization.accountId,
      profile,
      values: { rights: [right], contracts: ['1'] },
    });
    await assign(organization.operator, { subject: user(receiver), gifts: [under('strong', 'a')] });
    await expect(
      assign(organization.operator, { subject: user(receiver), gifts: [under('weak', 'b')] }),
    ).rejects.toMatchObject({ code: 'profile_conflict' });
    await expect(
      assign(organization.operator, {
        subject: user(receiver),
        gifts: Array.from({ length: 65 }, () => under('strong', 'a')),
      }),
    ).rejects.toMatchObject({ code: 'too_many' });
  });

  it('writes who gave what to whom into the audit', async () => {
    const { organization, giver, receiver } = await aScene();
    await assign(giver.ctx, { subject: user(receiver), gifts: [gift(organization, 'a')] });
    expect(await auditOf(organization.id, receiver.id)).toEqual(['user.created', 'assignment.given']);
  });
});

describe('a group that a directory fills', () => {
  async function filled() {
    const scene = await aScene();
    const chief = await aUser(scene.organization, ['chief_administrator']);
    const connection = await createConnection(scene.organization.operator, { name: 'Entra ID' });
    const id = await aGroup(scene.organization);
    await query('update groups set connection_id = $3 where organization_id = $1 and id = $2', [
      scene.organization.id,
      id,
      connection.id,
    ]);
    return { ...scene, chief, connectionId: connection.id, groupId: id };
  }

  it("gets rights only with a chief's consent, which opens it in the same act", async () => {
    const { organization, giver, chief, connectionId, groupId } = await filled();
    const give = (person: Person, consent: boolean) =>
      assign(person.ctx, { subject: group(groupId), gifts: [gift(organization, 'a')], consent });
    await expect(give(giver, true)).rejects.toMatchObject({ code: 'group_not_opened' });
    await expect(give(chief, false)).rejects.toMatchObject({ code: 'group_not_opened' });
    await give(chief, true);
    expect(await auditOf(organization.id, connectionId)).toContain('connection.opened');
    await expect(give(giver, false)).resolves.toHaveLength(1);
  });

  it('counts also when it is nested in the group that gets rights', async () => {
    const { organization, chief, groupId } = await filled();
    const outer = await aGroup(organization, [groupId]);
    const give = (consent: boolean) =>
      assign(chief.ctx, { subject: group(outer), gifts: [gift(organization, 'a')], consent });
    await expect(give(false)).rejects.toMatchObject({ code: 'group_not_opened' });
    await expect(give(true)).resolves.toHaveLength(1);
  });

  it('is opened to its connection by a chief only, and its members are changed by its source only', async () => {
    const { giver, chief, connectionId, groupId, receiver } = await filled();
    const open = (person: Person) => openToConnection(person.ctx, { connectionId, kind: 'group', targetId: groupId });
    await expect(open(giver)).rejects.toMatchObject({ code: 'not_permitted' });
    await expect(open(chief)).resolves.toBe(true);
    await expect(checkJoining(chief.ctx, groupId, [receiver.id])).rejects.toMatchObject({ code: 'directory_owned' });
  });
});
