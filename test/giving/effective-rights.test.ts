// What the database gives is what the pure model says; withdrawn above is gone below, restored is back.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { ceilingOf } from '../../src/entitlements/ceiling.ts';
import { effectiveEntitlements, type Effective } from '../../src/entitlements/effective.ts';
import { explainAccess } from '../../src/entitlements/explain-access.ts';
import { addToRole, createRole } from '../../src/entitlements/change-role.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { loadSnapshot } from '../../src/entitlements/load-snapshot.ts';
import type { RightsSnapshot } from '../../src/entitlements/snapshot.ts';
import { tokenRights } from '../../src/entitlements/token-rights.ts';
import { endSubscription, listSubscriptions, setSubscription } from '../../src/organizations/set-subscription.ts';
import { closeResources, putResources } from '../../src/organizations/put-resources.ts';
import { resumeOrganization, suspendOrganization } from '../../src/organizations/suspend-organization.ts';
import { query } from '../../src/database/query.ts';
import { anySnapshot } from '../entitlements/random-snapshots.ts';
import { aGroup, anOrganization, aUser, gift, ISSUER, useWorld, type Organization, type Person } from './world.ts';

useWorld();

const rightsIn = (organization: Organization, { id }: Person, now = new Date()) =>
  tokenRights({ organizationId: organization.id, userId: id, application: 'plain', now });
const privileges = async (organization: Organization, person: Person) =>
  ((await rightsIn(organization, person))?.authorizationDetails as { privileges: string[] }[] | undefined)
    ?.flatMap((one) => one.privileges)
    .sort();

describe('effective rights', () => {
  it('come directly, by a group above the own one, and by a role, and explain themselves', async () => {
    const organization = await anOrganization();
    const person = await aUser(organization, [], [gift(organization, 'a')]);
    const inner = await aGroup(organization, [person.id]);
    const outer = await aGroup(organization, [inner]);
    const role = await createRole(organization.operator, { name: 'Clerk' });
    await addToRole(organization.operator, { roleId: role.id, entitlements: [gift(organization, 'c')] });
    await assign(organization.operator, {
      subject: { kind: 'group', id: outer },
      gifts: [gift(organization, 'b'), { roleId: role.id }],
    });
    expect(await rightsIn(organization, person)).toMatchObject({
      roles: ['Clerk'],
      holdsAny: true,
      notAfter: null,
      authorizationDetails: [
        {
          type: `${ISSUER}/rar/entitlement/v1`,
          identifier: organization.number,
          privileges: ['a', 'b', 'c'],
          contracts: ['1'],
        },
      ],
    });
    const question = {
      application: 'plain',
      customerAccount: organization.accountId,
      combination: { rights: 'c', contracts: '1' },
    };
    const answer = await explainAccess(organization.operator, { userId: person.id, ...question });
    expect(answer).toMatchObject({
      allowed: true,
      causes: [
        {
          role: { name: 'Clerk' },
          groupPath: [{ id: inner }, { id: outer }],
          givenBy: { kind: 'operator', label: 'Operator' },
        },
      ],
    });
  });

  it('change with everything above them at once, and come back with it', async () => {
    const organization = await anOrganization();
    const person = await aUser(organization, [], [gift(organization, 'a'), gift(organization, 'b', '2')]);
    const whole = await rightsIn(organization, person);
    const close = { customerAccountId: organization.accountId, kind: 'contracts' as const, numbers: ['1'] };
    expect(await closeResources(organization.operator, close)).toBe(1);
    expect(await privileges(organization, person)).toEqual(['b']);
    await putResources(organization.operator, {
      customerAccountId: organization.accountId,
      resources: [{ kind: 'contracts', number: '1', label: 'One' }],
    });
    expect(await rightsIn(organization, person)).toEqual(whole);

    const [subscription] = (await listSubscriptions(organization.operator)).filter(
      ({ application }) => application === 'plain',
    );
    await endSubscription(organization.operator, subscription?.id ?? '');
    expect(await rightsIn(organization, person)).toMatchObject({ holdsAny: false, authorizationDetails: [] });
    await setSubscription(organization.operator, {
      customerAccountId: organization.accountId,
      application: 'plain',
      values: { rights: '*', contracts: '*' },
    });
    expect(await rightsIn(organization, person)).toEqual(whole);

    await suspendOrganization(organization.operator, organization.id);
    expect(await rightsIn(organization, person)).toBeUndefined();
    await resumeOrganization(organization.operator, organization.id);
    expect(await rightsIn(organization, person)).toEqual(whole);
  });

  it('end with their date, although nothing was written since they were last asked', async () => {
    const organization = await anOrganization();
    const end = new Date(Date.now() + 60_000);
    const person = await aUser(organization, [], [{ ...gift(organization, 'a'), validUntil: end }]);
    const before = await rightsIn(organization, person);
    expect(before).toMatchObject({ holdsAny: true });
    expect(before?.notAfter).toBe(Math.floor(end.getTime() / 1000) * 1000);
    expect(await rightsIn(organization, person, new Date(end.getTime() - 1))).toEqual(before);
    expect(await rightsIn(organization, person, end)).toMatchObject({ holdsAny: false });
  });

  it('begin with their date, although the facts are the same text as before', async () => {
    const organization = await anOrganization();
    const start = new Date(Date.now() + 60_000);
    const person = await aUser(organization, [], [{ ...gift(organization, 'a'), validFrom: start }]);
    expect(await rightsIn(organization, person)).toMatchObject({ holdsAny: false });
    expect(await rightsIn(organization, person, start)).toMatchObject({ holdsAny: true });
  });

  it('do not exist for unknown and deactivated users', async () => {
    const organization = await anOrganization();
    const person = await aUser(organization, [], [gift(organization, 'a')]);
    await query('update users set active = false where id = $1', [person.id]);
    expect(await rightsIn(organization, person)).toBeUndefined();
    expect(
      await tokenRights({ organizationId: organization.id, userId: uuidv7(), application: 'plain', now: new Date() }),
    ).toBeUndefined();
    expect(
      await tokenRights({ organizationId: uuidv7(), userId: person.id, application: 'plain', now: new Date() }),
    ).toBeUndefined();
  });
});

/** Writes a snapshot into the database under new ids; answers the user, and what our ids were. */
async function store(
  world: RightsSnapshot,
): Promise<{ userId: string; organizationId: string; names: Map<string, string> }> {
  const ids = new Map<string, string>();
  const idOf = (name: string): string => ids.get(name) ?? ids.set(name, uuidv7()).get(name) ?? '';
  const at = (time: number | null) => (time === null ? null : new Date(time));
  const us = idOf(world.user.organization.id);
  const by = JSON.stringify({ kind: 'user', id: 'giver', label: 'Giver' });
  for (const name of [world.user.organization.id, 'them', 'mid']) {
    await query('insert into organizations (id, name) values ($1, $2) on conflict do nothing', [idOf(name), name]);
  }
  const userId = idOf(`user ${world.user.id}`);
  await query(
    `insert into users (organization_id, id, user_name, user_name_key, document, folded, created_by) values ($1, $2, $3, $3, '{}', '{}', '{}')`,
    [us, userId, userId],
  );
  for (const account of world.accounts.values()) {
    const [owner, id] = [idOf(account.owner.id), idOf(account.id)];
    await query('insert into customer_accounts (organization_id, id, number, name) values ($1, $2, $3, $3)', [
      owner,
      id,
      id,
    ]);
    await query(
      'insert into customer_account_numbers (number, organization_id, customer_account_id) values ($1, $2, $3)',
      [id, owner, id],
    );
    for (const { kind, number, state, master, services } of account.resources) {
      await query(
        'insert into resources (organization_id, customer_account_id, kind, number, label, state, master, services) values ($1, $2, $3, $4, $4, $5, $6, $7)',
        [owner, id, kind, number, state, master, JSON.stringify(services ?? [])],
      );
    }
    for (const box of account.subscription) {
      await query(
        'insert into subscriptions (organization_id, id, customer_account_id, application, "values", valid_from, valid_until) values ($1, $2, $3, $4, $5, $6, $7)',
        [
          owner,
          uuidv7(),
          id,
          box.application,
          JSON.stringify(box.values),
          at(box.validity.from),
          at(box.validity.until),
        ],
      );
    }
    const links = new Map(
      account.chains.flatMap((chain) => chain.map((link, i) => [link.id, { link, parent: chain[i - 1] }] as const)),
    );
    for (const { link, parent } of links.values()) {
      await query(
        `insert into mandates (organization_id, id, customer_account_id, giver_organization_id, receiver_organization_id, parent_id, boxes, onward, valid_from, valid_until, given_by, given_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now())`,
        [
          owner,
          idOf(link.id),
          id,
          idOf(link.fromOrganization),
          idOf(link.toOrganization),
          parent ? idOf(parent.id) : null,
          JSON.stringify(link.boxes.map(({ application, values }) => ({ application, values }))),
          link.onward,
          at(link.validity.from),
          at(link.validity.until),
          by,
        ],
      );
    }
  }
  for (const role of world.roles.values()) {
    await query(`insert into roles (organization_id, id, name, name_key, created_by) values ($1, $2, $3, $3, '{}')`, [
      us,
      idOf(role.id),
      role.name,
    ]);
    for (const one of role.entitlements) {
      await query(
        'insert into role_entitlements (organization_id, id, role_id, application, customer_account_id, profile, "values", valid_from, valid_until, given_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
        [
          us,
          uuidv7(),
          idOf(role.id),
          one.application,
          idOf(one.customerAccount),
          one.profile ?? null,
          JSON.stringify(one.values),
          at(one.validity.from),
          at(one.validity.until),
          by,
        ],
      );
    }
  }
  for (const { id, name } of world.assignments.flatMap(({ groupPath }) => groupPath)) {
    await query(
      `insert into groups (organization_id, id, display_name, display_name_key, document, folded, created_by) values ($1, $2, $3, $3, '{}', '{}', '{}') on conflict do nothing`,
      [us, idOf(id), name],
    );
    await query(
      'insert into group_users (organization_id, group_id, user_id) values ($1, $2, $3) on conflict do nothing',
      [us, idOf(id), userId],
    );
  }
  for (const { id, gives, validity, groupPath } of world.assignments) {
    const subject = groupPath[0];
    const one = gives.kind === 'entitlements' ? gives.entitlements[0] : undefined;
    await query(
      `insert into assignments (organization_id, id, subject_kind, subject_id, role_id, application, customer_account_id, profile, "values", valid_from, valid_until, given_by, given_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now())`,
      [
        us,
        idOf(id),
        subject ? 'group' : 'user',
        subject ? idOf(subject.id) : userId,
        gives.kind === 'role' ? idOf(gives.roleId) : null,
        one?.application ?? null,
        one ? idOf(one.customerAccount) : null,
        one?.profile ?? null,
        one ? JSON.stringify(one.values) : null,
        at(validity.from),
        at(validity.until),
        by,
      ],
    );
  }
  return { userId, organizationId: us, names: new Map([...ids].map(([name, id]) => [id, name])) };
}

/** Entitlements with our names, cut at the instant asked, in one order. */
function comparable({ effective }: Effective, names: ReadonlyMap<string, string> = new Map()): string[] {
  const name = (id: string) => names.get(id) ?? id;
  return effective
    .map(({ entitlement: { application, customerAccount, profile, values, validity }, forOrganization, causes }) =>
      JSON.stringify([
        application,
        name(customerAccount),
        profile,
        values,
        validity,
        forOrganization?.via.map(name),
        [...new Set(causes.map((cause) => name(cause.assignmentId)))].sort(),
      ]),
    )
    .sort();
}

/** An entitlement's own span is stored with its assignment, so both are put there. */
const withOwnSpans = (world: RightsSnapshot): RightsSnapshot => ({
  ...world,
  assignments: world.assignments.map((one) =>
    one.gives.kind === 'role'
      ? one
      : {
          ...one,
          gives: {
            kind: 'entitlements',
            entitlements: one.gives.entitlements.map((given) => ({ ...given, validity: { from: null, until: null } })),
          },
        },
  ),
  accounts: new Map(
    [...world.accounts].map(([id, account]) => [
      id,
      {
        ...account,
        chains: account.chains.map((chain) =>
          chain.map((link) => ({
            ...link,
            boxes: link.boxes.map((box) => ({ ...box, validity: { from: null, until: null } })),
          })),
        ),
      },
    ]),
  ),
});

describe('the loaded snapshot', () => {
  it('gives the same rights and ceilings as the world it was stored from', async () => {
    const property = fc.asyncProperty(anySnapshot.map(withOwnSpans), async (world) => {
      const { userId, organizationId, names } = await store(world);
      const read = await loadSnapshot({ organizationId, userId, now: new Date(world.at), ceiling: true });
      if (!read) throw new Error('nothing was loaded');
      const loaded = { ...read.snapshot, catalogue: world.catalogue };
      expect(comparable(effectiveEntitlements(loaded), names)).toEqual(comparable(effectiveEntitlements(world)));
      for (const chief of [true, false]) {
        const boxes = (snapshot: RightsSnapshot, known: ReadonlyMap<string, string> = new Map()) =>
          ceilingOf(snapshot, { chief })
            .map(({ customerAccount, ...box }) =>
              JSON.stringify([
                known.get(customerAccount) ?? customerAccount,
                box.application,
                box.values,
                box.validity,
              ]),
            )
            .sort();
        expect(boxes(loaded, names)).toEqual(boxes(world));
      }
    });
    await fc.assert(property, { numRuns: 25 });
  });
});
