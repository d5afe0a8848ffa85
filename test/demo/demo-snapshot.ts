// The demonstration's data as the rights model sees it: what one user holds, computed by the hub's own functions, no database.
import type { Catalogue, OrganizationAttribute } from '../../src/applications/application.ts';
import type { Box, Entitlement, Validity } from '../../src/entitlements/box.ts';
import { normalizeBox } from '../../src/entitlements/normalize.ts';
import type { Resource } from '../../src/entitlements/resource.ts';
import type {
  AccountSnapshot,
  AssignmentSnapshot,
  GroupStep,
  RightsSnapshot,
} from '../../src/entitlements/snapshot.ts';
import type { Demo, DemoOrganization } from './demo-file.ts';

export const START = Date.UTC(2030, 0, 1);
type Account = DemoOrganization['customer_accounts'][number];
type Assignment = DemoOrganization['assignments'][number];
type Given = DemoOrganization['roles'][number]['entitlements'][number];

export const until = (day: number | undefined): Validity => ({
  from: null,
  until: day === undefined ? null : START + day * 86_400_000,
});
const box = (application: string, customerAccount: string, values: Box['values'], validity: Validity): Box =>
  normalizeBox({ application, customerAccount, values, validity });

export function resourcesOf(account: Account): Resource[] {
  return [
    ...account.billing_addresses.map(({ number, state }): Resource => ({
      kind: 'billing_addresses',
      number,
      state,
      master: false,
    })),
    ...account.contracts.map(({ number, state, master, services }): Resource => ({
      kind: 'contracts',
      number,
      state,
      master,
      ...(services && { services }),
    })),
  ];
}

export function attributesOf(organization: DemoOrganization): OrganizationAttribute[] {
  return (['conventional_router', 'etoe_partner'] as const).filter((name) => organization.attributes[name] === true);
}

function asEntitlement(given: Given, validity: Validity): Entitlement {
  const { application, customer_account, values, profile } = given;
  return { ...box(application, customer_account, values, validity), ...(profile === undefined ? {} : { profile }) };
}

/** One entitlement, or those of a role. */
export function entitlementsOf(organization: DemoOrganization, assignment: Assignment): Entitlement[] {
  const validity = until(assignment.until_day);
  if (assignment.role !== undefined) {
    const role = organization.roles.find(({ name }) => name === assignment.role);
    return (role?.entitlements ?? []).map((given) => asEntitlement(given, validity));
  }
  const { application = '', customer_account = '', values = {}, profile } = assignment;
  return [asEntitlement({ application, customer_account, values, profile }, validity)];
}

/** Paths of group names from the user's own group upwards. */
export function groupPaths(organization: DemoOrganization, userName: string): string[][] {
  const above = (path: string[]): string[][] => [
    path,
    ...organization.groups
      .filter(({ groups }) => groups.includes(path.at(-1) ?? ''))
      .flatMap(({ name }) => above([...path, name])),
  ];
  return organization.groups.filter(({ users }) => users.includes(userName)).flatMap(({ name }) => above([name]));
}

export function snapshotOf(
  demo: Demo,
  catalogue: Catalogue,
  organization: DemoOrganization,
  userName: string,
): RightsSnapshot {
  const paths = groupPaths(organization, userName);
  const assignments = organization.assignments.flatMap((assignment, index): AssignmentSnapshot[] => {
    const reached: string[][] =
      assignment.to_user === undefined
        ? paths.filter((path) => path.at(-1) === assignment.to_group)
        : assignment.to_user === userName
          ? [[]]
          : [];
    return reached.map((path) => ({
      id: `${organization.key}-${index}`,
      gives: { kind: 'entitlements', entitlements: entitlementsOf(organization, assignment) },
      givenBy: { kind: 'user', id: assignment.by, label: assignment.by },
      givenAt: START,
      validity: until(assignment.until_day),
      groupPath: path.map((name): GroupStep => ({ id: name, name })),
    }));
  });
  const user = organization.users.find(({ user_name }) => user_name === userName);
  return {
    at: START,
    catalogue,
    user: {
      id: userName,
      active: user?.active === true,
      organization: { id: organization.key, state: 'active', attributes: attributesOf(organization) },
    },
    assignments,
    roles: new Map(),
    accounts: new Map(accountsOf(demo, organization).map((account) => [account.id, account])),
  };
}

/** The organization's own customer accounts and those that a mandate to it names. */
export function accountsOf(demo: Demo, organization: DemoOrganization): AccountSnapshot[] {
  return demo.organizations.flatMap((owner) =>
    owner.customer_accounts.flatMap((account): AccountSnapshot[] => {
      const mandates = demo.mandates.filter(
        (mandate) => mandate.customer_account === account.number && mandate.to === organization.key,
      );
      if (owner !== organization && mandates.length === 0) return [];
      return [
        {
          id: account.number,
          owner: { id: owner.key, state: 'active' },
          resources: resourcesOf(account),
          subscription: account.subscriptions.map(({ application, values }) =>
            box(application, account.number, values, until(undefined)),
          ),
          chains: mandates.map((mandate) => [
            {
              id: `${mandate.from}-${mandate.to}`,
              fromOrganization: mandate.from,
              fromState: 'active',
              toOrganization: mandate.to,
              boxes: mandate.boxes.map(({ application, values }) =>
                box(application, account.number, values, until(mandate.until_day)),
              ),
              validity: until(mandate.until_day),
              onward: mandate.onward,
            },
          ]),
        },
      ];
    }),
  );
}
