// Joining a group and leaving it for many is that for each: the same is refused for the same reason, the same comes of it, in a
// number of statements that does not follow the number of people.
import { describe, expect, it } from '@jest/globals';
import type { ConflictingPair } from '../../src/applications/application.ts';
import { query } from '../../src/database/query.ts';
import type { AdministrationRight } from '../../src/entitlements/administration-rights-of.ts';
import { SELF_GIVING_NOTICE } from '../../src/entitlements/check-giving.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { HubError } from '../../src/errors.ts';
import { changeGroup } from '../../src/groups/change-group.ts';
import {
  changeMembershipOfMany,
  previewMembershipOfMany,
  type MembershipOfMany,
} from '../../src/groups/change-membership-of-many.ts';
import { changeOrganization } from '../../src/organizations/change-organization.ts';
import { createConnection } from '../../src/provisioning/connection.ts';
import { dryRun } from '../../src/provisioning/dry-run.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { statementsOf } from '../support/statements-of.ts';
import {
  aGroup,
  anOrganization,
  aUser,
  auditOf,
  ctxOf,
  gift,
  rightsTables,
  side,
  useWorld,
  type Organization,
  type Person,
} from './world.ts';

const APART: ConflictingPair[] = [{ a: side('a'), b: side('c'), mode: 'refuse' }];

useWorld(APART);

const codeOf = async (act: () => Promise<unknown>): Promise<string | null> => {
  try {
    await act();
    return null;
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
};

/** Everybody to whom something else happens. */
async function aCrowd(organization: Organization): Promise<Person[]> {
  const inactive = await aUser(organization);
  await changeUser(organization.operator, inactive.id, (document) => ({ ...document, active: false }));
  return [
    await aUser(organization),
    await aUser(organization, [], [gift(organization, 'a')]),
    await aUser(organization, [], [gift(organization, 'b', '1', '2')]),
    await aUser(organization, [], [gift(organization, 'c')]),
    await aUser(organization, ['manage_users']),
    await aUser(organization, ['chief_administrator']),
    inactive,
  ];
}

/** Groups that give nothing, what the weak actor holds, more than that, an administration right; and one below another. */
async function someGroups(organization: Organization): Promise<string[]> {
  const { operator } = organization;
  const group = async (right?: string, ...contracts: string[]): Promise<string> => {
    const id = await aGroup(organization);
    const subject = { kind: 'group', id } as const;
    if (right !== undefined) await assign(operator, { subject, gifts: [gift(organization, right, ...contracts)] });
    return id;
  };
  const administrators = await group();
  const subject = { kind: 'group', id: administrators } as const;
  await giveAdministrationRight(operator, { subject, name: 'manage_users' });
  const [above, below] = [await group('a', '2'), await group('b', '1')];
  await changeGroup(operator, above, { steps: [{ add: [below], remove: [] }] });
  return [await group(), await group('b', '1'), await group('a', '1'), administrators, below];
}

const single = (actor: Person, { groupId, to }: Omit<MembershipOfMany, 'userIds'>, id: string) =>
  codeOf(() =>
    dryRun(() =>
      changeGroup(actor.ctx, groupId, { steps: [to === 'in' ? { add: [id], remove: [] } : { add: [], remove: [id] }] }),
    ),
  );

describe('joining and leaving a group', () => {
  const ACTORS: readonly AdministrationRight[] = ['manage_users', 'manage_administrators', 'chief_administrator'];
  it.each(ACTORS)('refuses a holder of %s for each exactly what doing it to that one alone refuses', async (right) => {
    const organization = await anOrganization();
    const held = right === 'chief_administrator' ? [] : [gift(organization, 'b', '1', '2')];
    const actor = await aUser(organization, [right], held);
    const crowd = [...(await aCrowd(organization)), actor];
    const userIds = crowd.map(({ id }) => id);
    for (const groupId of await someGroups(organization)) {
      for (const to of ['in', 'out'] as const) {
        const asked = { groupId, userIds, to };
        const expected: (string | null)[] = [];
        for (const id of userIds) expected.push(await single(actor, asked, id));
        let outcomes: readonly (string | null)[] = [];
        const whole = await codeOf(async () => {
          const weighed = await previewMembershipOfMany(actor.ctx, asked);
          // Where there is nothing to do nothing is refused.
          outcomes = weighed.map(({ refusal, already }, i) => (already ? expected[i] : refusal?.code) ?? null);
        });
        expect(whole === null ? outcomes : userIds.map(() => whole)).toEqual(expected);
        // Everybody is in it when leaving is tried.
        if (to === 'in') await changeMembershipOfMany(organization.operator, asked);
      }
    }
  });

  it('changes those for whom it is possible in one act, and is seen in the history of the group once', async () => {
    const organization = await anOrganization();
    const actor = await aUser(organization, ['manage_users'], [gift(organization, 'b', '1')]);
    const [one, two, chief] = [
      await aUser(organization),
      await aUser(organization),
      await aUser(organization, ['chief_administrator']),
    ];
    const groupId = await aGroup(organization, [two.id]);
    const subject = { kind: 'group', id: groupId } as const;
    await assign(organization.operator, { subject, gifts: [gift(organization, 'b', '1')] });
    const userIds = [one.id, two.id, chief.id, organization.id];
    const asked = { groupId, userIds, to: 'in' } as const;
    const before = await rightsTables(organization.id);
    const preview = await previewMembershipOfMany(actor.ctx, asked);
    expect(await rightsTables(organization.id)).toBe(before);
    const outcomes = await changeMembershipOfMany(actor.ctx, asked);
    expect(outcomes.map(({ refusal, already }) => refusal?.code ?? (already ? 'already' : null))).toEqual([
      null,
      'already',
      'rank_too_low',
      'not_found',
    ]);
    expect(preview.map(({ refusal }) => refusal?.code)).toEqual(outcomes.map(({ refusal }) => refusal?.code));
    const members = async () =>
      (
        await query<{ id: string }>(
          'select user_id as id from group_users where organization_id = $1 and group_id = $2 order by 1',
          [organization.id, groupId],
        )
      ).map(({ id }) => id);
    expect(await members()).toEqual([one.id, two.id].toSorted());
    // Once when it was made with a member, once now.
    expect((await auditOf(organization.id, groupId)).filter((action) => action.includes('members'))).toHaveLength(2);
    const left = await changeMembershipOfMany(actor.ctx, { groupId, userIds: [one.id, chief.id], to: 'out' });
    expect(left.map(({ already }) => already)).toEqual([false, true]);
    expect(await members()).toEqual([two.id]);
  });

  it('tells the other chiefs when a chief is among them himself', async () => {
    const organization = await anOrganization();
    const chief = await aUser(organization, ['chief_administrator']);
    const groupId = await aGroup(organization);
    const subject = { kind: 'group', id: groupId } as const;
    await assign(organization.operator, { subject, gifts: [gift(organization, 'b', '1')] });
    await changeMembershipOfMany(chief.ctx, { groupId, userIds: [chief.id], to: 'in' });
    const jobs = await query('select 1 from jobs.job where name = $1 and data ->> $2 = $3', [
      SELF_GIVING_NOTICE,
      'userId',
      chief.id,
    ]);
    expect(jobs).toHaveLength(1);
  });

  it('leaves rights where the organization takes none away, and a directory its own group', async () => {
    const organization = await anOrganization();
    const chief = await aUser(organization, ['chief_administrator']);
    const member = await aUser(organization);
    const groupId = await aGroup(organization, [member.id]);
    const subject = { kind: 'group', id: groupId } as const;
    await assign(organization.operator, { subject, gifts: [gift(organization, 'b', '1')] });
    await changeOrganization(ctxOf('', organization.operator.actor), organization.id, {
      settings: { deactivateOnly: true },
    });
    const [outcome] = await changeMembershipOfMany(chief.ctx, { groupId, userIds: [member.id], to: 'out' });
    expect(outcome?.refusal?.code).toBe('revocation_off');
    const connection = await createConnection(organization.operator, { name: 'Entra ID' });
    const actor = { kind: 'connection', id: connection.id, organizationId: organization.id, label: 'Entra' } as const;
    const theirs = await createGroup({ ...chief.ctx, actor }, { schemas: [], displayName: 'Theirs' }, []);
    for (const to of ['in', 'out'] as const)
      expect(
        await codeOf(() => changeMembershipOfMany(chief.ctx, { groupId: theirs.id, userIds: [member.id], to })),
      ).toBe('directory_owned');
    const foreign = await aGroup(await anOrganization());
    expect(await codeOf(() => previewMembershipOfMany(chief.ctx, { groupId: foreign, userIds: [], to: 'in' }))).toBe(
      'not_found',
    );
  });

  it('takes as many statements for forty as for two', async () => {
    const organization = await anOrganization();
    const chief = await aUser(organization, ['chief_administrator']);
    const people = [];
    for (let i = 0; i < 42; i++) people.push((await aUser(organization)).id);
    const count = async (userIds: string[]) => {
      const groupId = await aGroup(organization);
      const subject = { kind: 'group', id: groupId } as const;
      await assign(organization.operator, { subject, gifts: [gift(organization, 'b', '1')] });
      const counts = [];
      for (const to of ['in', 'out'] as const) {
        const statements = await statementsOf(async () => {
          const outcomes = await changeMembershipOfMany(chief.ctx, { groupId, userIds, to });
          expect(outcomes.every(({ refusal, already }) => !refusal && !already)).toBe(true);
        });
        counts.push(statements.length);
      }
      return counts;
    };
    expect(await count(people)).toEqual(await count(people.slice(0, 2)));
  });
});
