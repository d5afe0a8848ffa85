// Whatever support tries in an administrator's place: it does nothing that he could not do himself, and is refused either for
// his reason or because it is support.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OrganizationCtx } from '../../src/context.ts';
import { changePassword } from '../../src/credentials/change-password.ts';
import { endOtherSessions } from '../../src/credentials/end-sessions.ts';
import { makeRecoveryCodes } from '../../src/credentials/recovery-codes.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { checkTouching } from '../../src/entitlements/check-rank.ts';
import { rightsOf } from '../../src/entitlements/explain-access.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { CREDENTIAL_ACTS, RANK_ACTS } from '../../src/entitlements/touching.ts';
import { HubError } from '../../src/errors.ts';
import { changeGroup } from '../../src/groups/change-group.ts';
import { storeImport } from '../../src/imports/store-import.ts';
import { setNoticePreferences } from '../../src/notices/preferences.ts';
import { changePolicy } from '../../src/organizations/change-policy.ts';
import { createConnectionClient } from '../../src/provisioning/connection-client.ts';
import { createConnection, createToken } from '../../src/provisioning/connection.ts';
import { dryRun } from '../../src/provisioning/dry-run.ts';
import { createSetupLink } from '../../src/provisioning/setup-link.ts';
import { askForAccess } from '../../src/requests/ask-for-access.ts';
import { openSupport } from '../../src/support/open-support.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { aGroup, anOrganization, aUser, gift, QUEUES, useTestCatalogue, type Organization } from '../giving/world.ts';
import { openMailHub } from '../mail/mail-hub.ts';
import { closeTestDatabase } from '../support/database.ts';

type Parties = {
  organization: Organization;
  actors: readonly OrganizationCtx[];
  /** Whom it is done to; the actor himself is meant by undefined. */
  targets: readonly (string | undefined)[];
  groupId: string;
  roleId: string;
  connectionId: string;
};
let world: Parties;

beforeAll(async () => {
  await openMailHub(QUEUES);
  useTestCatalogue();
  const organization = await anOrganization();
  const chief = await aUser(organization, ['chief_administrator']);
  const second = await aUser(organization, ['chief_administrator']);
  const administrator = await aUser(organization, ['manage_users'], [gift(organization, 'a')]);
  const plain = await aUser(organization, [], [gift(organization, 'b')]);
  const groupId = await aGroup(organization, [chief.id, administrator.id]);
  const role = await createRole(organization.operator, { name: 'Depot' });
  const others = [chief.id, administrator.id];
  for (const id of others)
    await assign(organization.operator, { subject: { kind: 'user', id }, gifts: [{ roleId: role.id }] });
  const connection = await createConnection(organization.operator, { name: 'Directory' });
  world = {
    organization,
    actors: [chief.ctx, administrator.ctx],
    targets: [undefined, second.id, administrator.id, plain.id],
    groupId,
    roleId: role.id,
    connectionId: connection.id,
  };
});
afterAll(() => closeTestDatabase());

const SUPPORT = { id: '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10', label: 'Support', visit: 'visit' };

/** The same administrator, with support in his place. */
const acted = (ctx: OrganizationCtx): OrganizationCtx => ({
  ...ctx,
  actor: ctx.actor.kind === 'user' ? { ...ctx.actor, actedBy: SUPPORT } : ctx.actor,
});

async function outcome(act: () => Promise<unknown>): Promise<string> {
  try {
    await dryRun(act);
    return 'done';
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
}

type Act = (ctx: OrganizationCtx, target: string) => Promise<unknown>;
const right = fc.constantFrom('a', 'b');
const contracts = fc.subarray(['1', '2', '3'], { minLength: 1 });
const ACTS: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(right, contracts).map(
    ([key, numbers]): Act =>
      (ctx, id) =>
        assign(ctx, { subject: { kind: 'user', id }, gifts: [gift(world.organization, key, ...numbers)] }),
  ),
  fc.tuple(right, contracts).map(
    ([key, numbers]): Act =>
      (ctx) =>
        assign(ctx, {
          subject: { kind: 'group', id: world.groupId },
          gifts: [gift(world.organization, key, ...numbers)],
        }),
  ),
  right.map(
    (key): Act =>
      (ctx) =>
        addToRole(ctx, { roleId: world.roleId, entitlements: [gift(world.organization, key)] }),
  ),
  fc.constantFrom('chief_administrator' as const, 'manage_users' as const, 'recover_password' as const).map(
    (name): Act =>
      (ctx, id) =>
        giveAdministrationRight(ctx, { subject: { kind: 'user', id }, name }),
  ),
  fc.constantFrom(...RANK_ACTS, ...CREDENTIAL_ACTS).map(
    (act): Act =>
      (ctx, id) =>
        checkTouching(ctx, id, act),
  ),
  fc.constantFrom({ userName: 'somebody.else' }, { displayName: 'Somebody' }, { active: false }, { nickName: 'S' }).map(
    (change): Act =>
      (ctx, id) =>
        changeUser(ctx, id, (document) => ({ ...document, ...change })),
  ),
  fc.constant<Act>((ctx, id) => changeGroup(ctx, world.groupId, { steps: [{ add: [id], remove: [] }] })),
);

describe('support in the place of an administrator', () => {
  it('does nothing that he could not do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, 1), fc.constantFrom(0, 1, 2, 3), ACTS, async (actor, target, act) => {
        const ctx = world.actors[actor] as OrganizationCtx;
        const id = world.targets[target] ?? ctx.actor.id;
        const own = await outcome(() => act(ctx, id));
        const support = await outcome(() => act(acted(ctx), id));
        expect([own, 'not_while_acting']).toContain(support);
      }),
      { numRuns: 120 },
    );
  }, 60_000);

  it('may do everyday work all the same', async () => {
    const [chief] = world.actors;
    const ctx = acted(chief as OrganizationCtx);
    const id = world.targets[3] as string;
    const gifts = [gift(world.organization, 'a', '2')];
    expect(await outcome(() => assign(ctx, { subject: { kind: 'user', id }, gifts }))).toBe('done');
    expect(await outcome(() => checkTouching(ctx, id, 'send_link'))).toBe('done');
    expect(await outcome(() => changeUser(ctx, id, (document) => ({ ...document, active: false })))).toBe('done');
  });

  it('stands behind what it gave, under both names', async () => {
    const [chief] = world.actors;
    const ctx = acted(chief as OrganizationCtx);
    const id = world.targets[3] as string;
    await assign(ctx, { subject: { kind: 'user', id }, gifts: [gift(world.organization, 'a', '1')] });
    const { effective } = await rightsOf(ctx, { userId: id });
    const givers = effective.flatMap(({ causes }) => causes.map(({ givenBy }) => givenBy));
    expect(givers).toContainEqual(expect.objectContaining({ id: ctx.actor.id, actedBy: SUPPORT }));
  });

  it.each<[string, Act]>([
    [
      'his password',
      (ctx, id) => changePassword(ctx, { organizationId: world.organization.id, userId: id, current: 'x', next: 'y' }),
    ],
    ['his recovery codes', (ctx, id) => makeRecoveryCodes(ctx, { organizationId: world.organization.id, userId: id })],
    ['his sessions', (ctx, id) => endOtherSessions(ctx, { userId: id, exceptSession: 'x' })],
    ['his notices', (ctx, id) => setNoticePreferences(ctx, id, { rights: 'never' })],
    ['his name', (ctx, id) => changeUser(ctx, id, (document) => ({ ...document, displayName: 'Another' }))],
    [
      'rights of his own',
      (ctx, id) => assign(ctx, { subject: { kind: 'user', id }, gifts: [gift(world.organization, 'a')] }),
    ],
    [
      'rights by a group of his',
      (ctx) => assign(ctx, { subject: { kind: 'group', id: world.groupId }, gifts: [gift(world.organization, 'a')] }),
    ],
    [
      'rights by a role of his',
      (ctx) => addToRole(ctx, { roleId: world.roleId, entitlements: [gift(world.organization, 'a')] }),
    ],
    ['a request of his own', (ctx) => askForAccess(ctx, { application: 'plain', reason: 'Because' })],
    ['the policy', (ctx) => changePolicy(ctx, { sessionHours: 1 })],
    ['the consent', (ctx) => openSupport(ctx, { hours: 1 })],
    ['a token of the directory', (ctx) => createToken(ctx, world.connectionId, { name: 'x' })],
    ['a set-up link', (ctx) => createSetupLink(ctx, world.connectionId, { holder: 'x' })],
    ['a client of the directory', (ctx) => createConnectionClient(ctx, world.connectionId, { name: 'x' })],
    ['an import', (ctx) => storeImport(ctx, { fileName: 'x.csv', bytes: Buffer.from('a'), invite: false })],
  ])('leaves him %s', async (_, act) => {
    const [chief] = world.actors;
    const ctx = acted(chief as OrganizationCtx);
    expect(await outcome(() => act(ctx, ctx.actor.id))).toBe('not_while_acting');
  });
});
