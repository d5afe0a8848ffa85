import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { explainAccess, rightsOf } from '../../src/entitlements/explain-access.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { tokenRights } from '../../src/entitlements/token-rights.ts';
import { changeMandate, withdrawMandate } from '../../src/mandates/change-mandate.ts';
import { listGivenMandates, listReceivedMandates } from '../../src/mandates/find-mandate.ts';
import { giveMandate, type NewMandate } from '../../src/mandates/give-mandate.ts';
import { resumeOrganization, suspendOrganization } from '../../src/organizations/suspend-organization.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import {
  anOrganization,
  auditOf,
  aUser,
  gift,
  QUEUES,
  useTestCatalogue,
  type Organization,
  type Person,
} from '../giving/world.ts';

beforeAll(async () => {
  useTestCatalogue();
  await openTestDatabase(QUEUES);
});
afterAll(() => closeTestDatabase());

const BOXES = [{ application: 'plain', values: { rights: ['a', 'b', 'admin'], contracts: '*' as const } }];

/** An owner, two mail houses, and a chief of each. */
async function aChain() {
  const [owner, first, second] = [await anOrganization(), await anOrganization(), await anOrganization()];
  const chiefOf = (organization: Organization) => aUser(organization, ['chief_administrator']);
  const [ownerChief, firstChief, secondChief] = [await chiefOf(owner), await chiefOf(first), await chiefOf(second)];
  const to = (receiver: Organization, more: Partial<NewMandate> = {}): NewMandate => ({
    customerAccountId: owner.accountId,
    receiverOrganizationId: receiver.id,
    boxes: BOXES,
    ...more,
  });
  return { owner, first, second, ownerChief, firstChief, secondChief, to };
}

const held = async (organization: Organization, person: Person) =>
  (await rightsOf(organization.operator, { userId: person.id })).effective.map(({ entitlement, forOrganization }) => [
    entitlement.values.rights,
    forOrganization,
  ]);

describe('a mandate', () => {
  it("lets the receiver's chief give what it allows, and no more, and shows in the token for whom", async () => {
    const { owner, first, ownerChief, firstChief, to } = await aChain();
    const mandate = await giveMandate(ownerChief.ctx, to(first));
    const clerk = await aUser(first);
    const give = (right: string) =>
      assign(firstChief.ctx, { subject: { kind: 'user', id: clerk.id }, gifts: [gift(owner, right)] });
    await expect(give('c')).rejects.toMatchObject({ code: 'grantor_lacks_right' });
    await give('a');
    const rights = await tokenRights({
      organizationId: first.id,
      userId: clerk.id,
      application: 'plain',
      now: new Date(),
    });
    expect(rights?.authorizationDetails).toMatchObject([
      { identifier: owner.number, privileges: ['a'], for: { organization: owner.id, via: [mandate.id] } },
    ]);
    expect(await auditOf(owner.id, mandate.id)).toEqual(['mandate.given']);
  });

  it('goes down a chain, ends below at once when withdrawn above, and comes back with what stands above', async () => {
    const { owner, first, second, ownerChief, firstChief, secondChief, to } = await aChain();
    const top = await giveMandate(ownerChief.ctx, to(first, { onward: 1 }));
    const passed = await giveMandate(
      firstChief.ctx,
      to(second, { parentId: top.id, boxes: [{ application: 'plain', values: { rights: ['a'], contracts: ['1'] } }] }),
    );
    const clerk = await aUser(second);
    await assign(secondChief.ctx, { subject: { kind: 'user', id: clerk.id }, gifts: [gift(owner, 'a')] });
    const whole = [[['a'], { id: owner.id, via: [top.id, passed.id] }]];
    expect(await held(second, clerk)).toEqual(whole);
    for (const above of [owner, first]) {
      await suspendOrganization(owner.operator, above.id);
      expect(await held(second, clerk)).toEqual([]);
      await resumeOrganization(owner.operator, above.id);
      expect(await held(second, clerk)).toEqual(whole);
    }
    await changeMandate(ownerChief.ctx, top.id, {
      boxes: [{ application: 'plain', values: { rights: ['b'], contracts: '*' } }],
      onward: 1,
    });
    expect(await held(second, clerk)).toEqual([]);
    await changeMandate(ownerChief.ctx, top.id, { boxes: BOXES, onward: 1 });
    expect(await held(second, clerk)).toEqual(whole);
    const question = {
      application: 'plain',
      customerAccount: owner.accountId,
      combination: { rights: 'a', contracts: '1' },
    };
    expect(await explainAccess(second.operator, { userId: clerk.id, ...question })).toMatchObject({
      allowed: true,
      causes: [{ mandates: [top.id, passed.id] }],
    });
    await withdrawMandate(ownerChief.ctx, top.id);
    expect(await held(second, clerk)).toEqual([]);
    expect(await auditOf(owner.id, top.id)).toEqual([
      'mandate.given',
      'mandate.changed',
      'mandate.changed',
      'mandate.withdrawn',
    ]);
  });

  it('is passed on only as far as it allows, within itself, and never back to where it came by', async () => {
    const { owner, first, second, ownerChief, firstChief, secondChief, to } = await aChain();
    const plain = await giveMandate(ownerChief.ctx, to(first));
    const onward = await giveMandate(
      ownerChief.ctx,
      to(first, { onward: 2, boxes: [{ application: 'plain', values: { rights: ['c'], contracts: '*' } }] }),
    );
    const pass = (parentId: string, receiver: Organization, more: Partial<NewMandate> = {}) =>
      giveMandate(firstChief.ctx, to(receiver, { parentId, ...more }));
    const c = [{ application: 'plain', values: { rights: ['c'], contracts: '*' as const } }];
    await expect(pass(plain.id, second)).rejects.toMatchObject({ code: 'mandate_not_onward' });
    await expect(pass(onward.id, second, { boxes: BOXES })).rejects.toMatchObject({ code: 'grantor_lacks_right' });
    await expect(pass(onward.id, second, { boxes: c, onward: 2 })).rejects.toMatchObject({
      code: 'mandate_not_onward',
    });
    await expect(pass(onward.id, owner, { boxes: c })).rejects.toMatchObject({ code: 'mandate_cycle' });
    const passed = await pass(onward.id, second, { boxes: c, onward: 1 });
    await expect(giveMandate(secondChief.ctx, to(first, { parentId: passed.id, boxes: c }))).rejects.toMatchObject({
      code: 'mandate_cycle',
    });
    await expect(giveMandate(ownerChief.ctx, to(owner))).rejects.toMatchObject({ code: 'mandate_cycle' });
  });

  it('is given by a holder of the right that the catalogue names, within what he holds, else by chiefs', async () => {
    const { owner, first, to } = await aChain();
    const holder = await aUser(
      owner,
      [],
      [{ ...gift(owner, 'admin'), values: { rights: ['admin', 'a'], contracts: ['1'] } }],
    );
    const manager = await aUser(owner, ['manage_administrators'], [gift(owner, 'a')]);
    const a = [{ application: 'plain', values: { rights: ['a'], contracts: ['1'] } }];
    await expect(giveMandate(manager.ctx, to(first, { boxes: a }))).rejects.toMatchObject({ code: 'not_permitted' });
    await expect(giveMandate(holder.ctx, to(first))).rejects.toMatchObject({ code: 'grantor_lacks_right' });
    const given = await giveMandate(holder.ctx, to(first, { boxes: a }));
    const profiled = [{ application: 'profiled', values: { rights: ['a'], contracts: ['1'] } }];
    await expect(giveMandate(holder.ctx, to(first, { boxes: profiled }))).rejects.toMatchObject({
      code: 'not_permitted',
    });
    expect((await listGivenMandates(owner.operator)).map(({ id }) => id)).toEqual([given.id]);
    expect(await listReceivedMandates(first.operator)).toMatchObject([{ id: given.id, customerNumber: owner.number }]);
  });

  it('is nobody else’s to see or change, and names only what exists', async () => {
    const { owner, first, second, ownerChief, firstChief, secondChief, to } = await aChain();
    const mandate = await giveMandate(ownerChief.ctx, to(first, { onward: 1 }));
    const notFound = { code: 'not_found' };
    await expect(withdrawMandate(firstChief.ctx, mandate.id)).rejects.toMatchObject(notFound);
    await expect(changeMandate(secondChief.ctx, mandate.id, { boxes: BOXES })).rejects.toMatchObject(notFound);
    await expect(withdrawMandate(ownerChief.ctx, 'no uuid')).rejects.toMatchObject(notFound);
    await expect(giveMandate(secondChief.ctx, to(first))).rejects.toMatchObject(notFound);
    await expect(giveMandate(firstChief.ctx, to(second))).rejects.toMatchObject(notFound);
    await expect(giveMandate(ownerChief.ctx, to({ ...owner, id: uuidv7() }))).rejects.toMatchObject(notFound);
    const unknown = { boxes: [{ application: 'plain', values: { rights: ['zzz'], contracts: '*' as const } }] };
    await expect(giveMandate(ownerChief.ctx, to(first, unknown))).rejects.toMatchObject({ code: 'unknown_value' });
    await expect(
      giveMandate(ownerChief.ctx, to(first, { boxes: [{ application: 'none', values: {} }] })),
    ).rejects.toMatchObject({ code: 'unknown_application' });
  });
});
