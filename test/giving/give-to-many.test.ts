// Giving to many is giving to each: the same is refused for the same reason, the same comes of it, in a number of statements
// that does not follow the number of people.
import { describe, expect, it } from '@jest/globals';
import type { ConflictingPair } from '../../src/applications/application.ts';
import { query } from '../../src/database/query.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { listAssignments } from '../../src/entitlements/assignment-row.ts';
import { giveToMany, previewGivingToMany } from '../../src/entitlements/give-to-many.ts';
import { assign, type Gift } from '../../src/entitlements/give-rights.ts';
import { HubError } from '../../src/errors.ts';
import { dryRun } from '../../src/provisioning/dry-run.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { statementsOf } from '../support/statements-of.ts';
import {
  aGroup,
  anOrganization,
  aUser,
  auditOf,
  gift,
  rightsTables,
  side,
  useWorld,
  type Organization,
  type Person,
} from './world.ts';

const APART: ConflictingPair[] = [
  { a: side('a'), b: side('c'), mode: 'refuse' },
  { a: side('b'), b: side('c'), mode: 'report' },
];

useWorld(APART);

/** Everybody to whom something else happens. */
async function aCrowd(organization: Organization): Promise<Person[]> {
  const { operator } = organization;
  const inactive = await aUser(organization);
  await changeUser(operator, inactive.id, (document) => ({ ...document, active: false }));
  const byGroup = await aUser(organization);
  const group = await aGroup(organization, [byGroup.id]);
  await assign(operator, { subject: { kind: 'group', id: group }, gifts: [gift(organization, 'b')] });
  return [
    await aUser(organization),
    await aUser(organization, [], [gift(organization, 'b')]),
    await aUser(organization, [], [gift(organization, 'b', '1', '2')]),
    await aUser(organization, [], [gift(organization, 'c')]),
    await aUser(organization, ['manage_users']),
    await aUser(organization, ['chief_administrator']),
    inactive,
    byGroup,
  ];
}

const codeOf = async (act: () => Promise<unknown>): Promise<string | null> => {
  try {
    await act();
    return null;
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
};

describe('giving the same to many', () => {
  it.each(['manage_users', 'manage_administrators', 'chief_administrator'] as const)(
    'refuses a holder of %s for each receiver exactly what giving to that one alone refuses',
    async (right) => {
      const organization = await anOrganization();
      const role = await createRole(organization.operator, { name: 'Reader' });
      await addToRole(organization.operator, { roleId: role.id, entitlements: [gift(organization, 'a')] });
      const held = right === 'chief_administrator' ? [] : [gift(organization, 'b', '1', '2')];
      const actor = await aUser(organization, [right], held);
      const crowd = [...(await aCrowd(organization)), actor];
      const gifts: Gift[] = [gift(organization, 'b'), gift(organization, 'a'), { roleId: role.id }];
      for (const one of gifts) {
        const single = [];
        for (const { id } of crowd) {
          const subject = { kind: 'user' as const, id };
          single.push(await codeOf(() => dryRun(() => assign(actor.ctx, { subject, gifts: [one] }))));
        }
        const before = await rightsTables(organization.id);
        let many: (string | null)[] = [];
        const all = await codeOf(async () => {
          const outcomes = await previewGivingToMany(actor.ctx, { userIds: crowd.map(({ id }) => id), gifts: [one] });
          many = outcomes.map(({ refusal }) => refusal?.code ?? null);
        });
        expect(await rightsTables(organization.id)).toBe(before);
        // What the actor may give to nobody is refused as a whole.
        if (all !== null) expect(single).toContain(all);
        else expect(many).toEqual(single);
      }
    },
  );

  it('gives it to those who may have it, each with his audit row, and leaves out who has it', async () => {
    const organization = await anOrganization();
    const actor = await aUser(organization, ['manage_users'], [gift(organization, 'a')]);
    const [fresh, has, apart] = [
      await aUser(organization),
      await aUser(organization, [], [gift(organization, 'a', '1', '2')]),
      await aUser(organization, [], [gift(organization, 'c')]),
    ];
    const userIds = [fresh.id, has.id, apart.id, actor.id];
    const outcomes = await giveToMany(actor.ctx, { userIds, gifts: [gift(organization, 'a')] });
    expect(outcomes.map(({ refusal, already }) => refusal?.code ?? already)).toEqual([
      false,
      true,
      'separation_of_duties',
      'self_assignment',
    ]);
    expect(outcomes[0]).toMatchObject({ gifts: [0], gained: [{ values: { rights: ['a'], contracts: ['1'] } }] });
    const held = await listAssignments(actor.ctx, { kind: 'user', id: fresh.id });
    expect(held).toMatchObject([{ application: 'plain', values: { rights: ['a'] }, givenBy: { id: actor.id } }]);
    expect(await auditOf(organization.id, fresh.id)).toEqual(['user.created', 'assignment.given']);
    const [row] = await query<{ after: unknown }>(
      `select after from audit_events where organization_id = $1 and target_id = $2 and action = 'assignment.given'`,
      [organization.id, fresh.id],
    );
    expect(row?.after).toMatchObject({
      assignment: held[0]?.id,
      entitlement: { application: 'plain', customerAccount: organization.accountId },
      validFrom: null,
      validUntil: null,
    });
    expect(await auditOf(organization.id, apart.id)).toEqual(['user.created', 'assignment.given']);
  });

  it('says what has no effect, and what somebody gains beside what a group gives him already', async () => {
    const organization = await anOrganization();
    const actor = await aUser(organization, ['chief_administrator']);
    const member = await aUser(organization);
    const group = await aGroup(organization, [member.id]);
    await assign(organization.operator, {
      subject: { kind: 'group', id: group },
      gifts: [gift(organization, 'b', '1')],
    });
    const gone = await aUser(organization);
    await changeUser(organization.operator, gone.id, (document) => ({ ...document, active: false }));
    const gifts = [gift(organization, 'b', '1', '2')];
    const [first, second] = await previewGivingToMany(actor.ctx, { userIds: [member.id, gone.id], gifts });
    expect(first).toMatchObject({ refusal: null, gained: [{ values: { contracts: ['2'] } }], withheld: [] });
    expect(second).toMatchObject({ refusal: null, gained: [], withheld: ['user_inactive'] });
  });

  it('names what one of them would hold together that is reported and not refused', async () => {
    const organization = await anOrganization();
    const actor = await aUser(organization, ['chief_administrator']);
    const [one, other] = [await aUser(organization, [], [gift(organization, 'c')]), await aUser(organization)];
    const outcomes = await giveToMany(actor.ctx, { userIds: [one.id, other.id], gifts: [gift(organization, 'b')] });
    expect(outcomes.map(({ refusal, reported }) => [refusal, reported.map((pair) => pair.customerAccountId)])).toEqual([
      [null, [organization.accountId]],
      [null, []],
    ]);
  });

  it('is refused as a whole where the actor lacks a part of it, with what he lacks', async () => {
    const organization = await anOrganization();
    const actor = await aUser(organization, ['manage_users'], [gift(organization, 'a', '1')]);
    const { id } = await aUser(organization);
    const before = await rightsTables(organization.id);
    await expect(
      giveToMany(actor.ctx, { userIds: [id], gifts: [gift(organization, 'a', '1', '2')] }),
    ).rejects.toMatchObject({
      code: 'grantor_lacks_right',
      details: { missing: [{ boxes: [{ values: { contracts: ['2'] } }] }] },
    });
    expect(await rightsTables(organization.id)).toBe(before);
  });

  it('takes as many statements for forty people as for two', async () => {
    const organization = await anOrganization();
    const actor = await aUser(organization, ['chief_administrator']);
    const role = await createRole(organization.operator, { name: 'Reader' });
    await addToRole(organization.operator, { roleId: role.id, entitlements: [gift(organization, 'b')] });
    const people: string[] = [];
    for (let i = 0; i < 42; i++) people.push((await aUser(organization)).id);
    const statements = async (userIds: string[], gifts: Gift[]): Promise<number> => {
      const sent = await statementsOf(async () => {
        const outcomes = await giveToMany(actor.ctx, { userIds, gifts });
        expect(outcomes.filter(({ gifts: got }) => got.length > 0)).toHaveLength(userIds.length);
      });
      return sent.length;
    };
    for (const one of [{ roleId: role.id }, gift(organization, 'a')])
      expect(await statements(people.slice(2), [one])).toBe(await statements(people.slice(0, 2), [one]));
  });
});
