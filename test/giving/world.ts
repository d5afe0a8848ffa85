// Organizations with accounts, limits and people, made by the domain's own functions, for tests on a real database.
import { afterAll, beforeAll } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { Actor, OrganizationCtx } from '../../src/context.ts';
import type { Catalogue, ConflictingPair } from '../../src/applications/application.ts';
import { setCatalogue } from '../../src/applications/current-catalogue.ts';
import { query } from '../../src/database/query.ts';
import type { JobHandlers } from '../../src/database/jobs.ts';
import type { AdministrationRight } from '../../src/entitlements/administration-rights-of.ts';
import { SELF_GIVING_NOTICE } from '../../src/entitlements/check-giving.ts';
import type { EntitlementInput, Span } from '../../src/entitlements/entitlement-input.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { assign, type Gift } from '../../src/entitlements/give-rights.ts';
import { setTokenIssuer } from '../../src/entitlements/token-issuer.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { createCustomerAccount } from '../../src/organizations/create-customer-account.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { putResources } from '../../src/organizations/put-resources.ts';
import { setSubscription } from '../../src/organizations/set-subscription.ts';
import { createUser } from '../../src/users/create-user.ts';
import { plain, profiled } from '../entitlements/applications.ts';
import { closeTestDatabase, openTestDatabase, silent } from '../support/database.ts';

export const ISSUER = 'https://hub.example';

/** `conflicts`: pairs that the application without profiles keeps apart. */
export function useTestCatalogue(conflicts: readonly ConflictingPair[] = []): void {
  const apart = conflicts.length === 0 ? plain : { ...plain, conflicts };
  const catalogue: Catalogue = new Map([apart, profiled].map((application) => [application.key, application]));
  setCatalogue(catalogue);
  setTokenIssuer(ISSUER);
}

/** The queues that the domain sends to; nothing works on them. */
export const QUEUES: JobHandlers = Object.fromEntries(
  [SELF_GIVING_NOTICE, 'mandate-notice', 'access-request-notice', 'end-organization-access', 'backchannel-logout'].map(
    (name) => [name, { run: () => Promise.resolve() }],
  ),
);

/** For a whole file: the test catalogue and a database, from its first beforeAll on. */
export function useWorld(conflicts: readonly ConflictingPair[] = []): void {
  beforeAll(async () => {
    useTestCatalogue(conflicts);
    await openTestDatabase(QUEUES);
  });
  afterAll(() => closeTestDatabase());
}

export const ctxOf = (organizationId: string, actor: Actor, now = new Date()): OrganizationCtx => ({
  organizationId,
  actor,
  requestId: 'test',
  now,
  log: silent,
});
export const OPERATOR: Actor = { kind: 'operator', id: 'operator', label: 'Operator' };

export type Organization = {
  id: string;
  /** The operator at work in it. */
  operator: OrganizationCtx;
  accountId: string;
  number: string;
};

/** Contracts 1 to 3, number 3 closed, and a subscription on everything in both applications. */
export async function anOrganization(): Promise<Organization> {
  const { id } = await createOrganization(ctxOf('', OPERATOR), { name: 'Lindenhof' });
  const operator = ctxOf(id, OPERATOR);
  const account = await createCustomerAccount(operator, { number: uuidv7().slice(-12), name: 'Lindenhof Antwerp' });
  await putResources(operator, {
    customerAccountId: account.id,
    resources: ['1', '2', '3'].map((number) => ({
      kind: 'contracts' as const,
      number,
      label: `Contract ${number}`,
      state: number === '3' ? ('closed' as const) : ('active' as const),
    })),
  });
  for (const application of ['plain', 'profiled']) {
    await setSubscription(operator, {
      customerAccountId: account.id,
      application,
      values: { rights: '*', contracts: '*' },
    });
  }
  return { id, operator, accountId: account.id, number: account.number };
}

export type Person = { id: string; /** Himself at work. */ ctx: OrganizationCtx };

export async function aUser(
  { id: organizationId, operator }: Organization,
  rights: readonly AdministrationRight[] = [],
  gifts: readonly Gift[] = [],
): Promise<Person> {
  const name = uuidv7();
  const { id } = await createUser(operator, {
    document: { schemas: [], userName: name, displayName: `Name of ${name}` },
  });
  for (const right of rights) await giveAdministrationRight(operator, { subject: { kind: 'user', id }, name: right });
  if (gifts.length > 0) await assign(operator, { subject: { kind: 'user', id }, gifts });
  return { id, ctx: ctxOf(organizationId, { kind: 'user', id, organizationId, label: name }) };
}

export const aGroup = async ({ operator }: Organization, members: readonly string[] = []): Promise<string> =>
  (await createGroup(operator, { schemas: [], displayName: uuidv7() }, members)).id;

/** The right on these contracts, in the application without profiles. */
export const gift = ({ accountId }: Organization, right: string, ...contracts: string[]): EntitlementInput & Span => ({
  application: 'plain',
  customerAccountId: accountId,
  values: { rights: [right], contracts: contracts.length === 0 ? ['1'] : contracts },
});

/** Everything that says who may do what, to compare before and after. */
export async function rightsTables(organizationId: string): Promise<string> {
  const parts: string[] = [];
  for (const table of [
    'assignments',
    'role_entitlements',
    'administration_rights',
    'group_users',
    'group_groups',
    'connection_openings',
  ]) {
    const rows = await query<{ row: string }>(
      `select t::text as row from ${table} t where organization_id = $1 order by 1`,
      [organizationId],
    );
    parts.push(...rows.map(({ row }) => `${table} ${row}`));
  }
  const states = await query<{ row: string }>(
    'select id || active::text as row from users where organization_id = $1 order by 1',
    [organizationId],
  );
  return [...parts, ...states.map(({ row }) => row)].join('\n');
}

/** A right of the application "plain" as one side of a pair that is kept apart. */
export const side = (value: string) => ({ application: 'plain', dimension: 'rights' as const, value });

export const auditOf = async (organizationId: string, targetId: string): Promise<string[]> =>
  (
    await query<{ action: string }>(
      'select action from audit_events where organization_id = $1 and target_id = $2 order by id',
      [organizationId, targetId],
    )
  ).map(({ action }) => action);
