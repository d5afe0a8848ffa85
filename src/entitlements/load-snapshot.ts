// Fills the rights model's snapshot for one user from the database, in one read. What follows from it is computed
// in effective.ts, ceiling.ts and explain.ts. This is the hottest read of the hub: each token asks it.
import { ORGANIZATION_ATTRIBUTES, type Catalogue } from '../applications/application.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import { queryOne } from '../database/query.ts';
import type { Box, Entitlement, Validity } from './box.ts';
import { groupPaths } from './group-paths.ts';
import type {
  AccountSnapshot,
  AssignmentSnapshot,
  Giver,
  MandateLink,
  OrganizationState,
  RightsSnapshot,
  RoleSnapshot,
} from './snapshot.ts';
import { CEILING_SNAPSHOT, SNAPSHOT, TOKEN_SNAPSHOT, type Facts } from './snapshot-statement.ts';

export type SnapshotInput = {
  readonly organizationId: string;
  /** Absent: the organization alone, for what its limits allow; nothing is assigned and the user counts as active. */
  readonly userId?: string;
  /** Groups that he is taken to be a member of, beside his own: what would joining them make of him? */
  readonly groupIds?: readonly string[];
  /** Absent: all. */
  readonly application?: string;
  readonly now: Date;
  /** Also all accounts that the organization may act on, for a ceiling. */
  readonly ceiling?: boolean;
  /** Who gave what by which groups is left out: a token does not say. */
  readonly forToken?: boolean;
  /** Also what has ended by its date, for an explanation. */
  readonly history?: boolean;
};

/** Facts as text, to compare by, and what they make. */
type LoadedSnapshot = { readonly text: string; readonly read: () => ReadSnapshot };
export type ReadSnapshot = {
  readonly snapshot: RightsSnapshot;
  /** The organization has such a user. */
  readonly found: boolean;
  /** Customer numbers by account id. */
  readonly numbers: ReadonlyMap<string, string>;
  /** Epoch milliseconds of the next date in it: until then the same facts mean the same. Null: for ever. */
  readonly changesAt: number | null;
};

/** Reads the facts, and leaves making the snapshot of them to whoever has not seen them before. Undefined: no such organization. */
export async function loadFacts(input: SnapshotInput): Promise<LoadedSnapshot | undefined> {
  const statement = input.forToken === true ? TOKEN_SNAPSHOT : input.ceiling === true ? CEILING_SNAPSHOT : SNAPSHOT;
  const row = await queryOne<{ facts: string }>(statement, [
    input.organizationId,
    input.userId ?? null,
    input.history === true ? '-infinity' : input.now,
    input.application ?? null,
    ...(input.forToken === true ? [] : [input.groupIds ?? []]),
  ]);
  if (!row) return undefined;
  return { text: row.facts, read: () => readFacts(JSON.parse(row.facts) as Facts, input, catalogue()) };
}

/** The snapshot; undefined for an organization or user that does not exist. Ids must be UUIDs. */
export async function loadSnapshot(input: SnapshotInput): Promise<ReadSnapshot | undefined> {
  const loaded = (await loadFacts(input))?.read();
  return loaded?.found === true ? loaded : undefined;
}

const validity = (from: number | null, until: number | null): Validity => ({ from, until });
/** A closed organization has no more rights than a suspended one. */
const stateOf = (state: string): OrganizationState => (state === 'active' ? 'active' : 'suspended');

function readFacts(facts: Facts, input: SnapshotInput, applications: Catalogue): ReadSnapshot {
  const [state, attributes] = facts.organization;
  const snapshot: RightsSnapshot = {
    at: input.now.getTime(),
    catalogue: applications,
    user: {
      id: input.userId ?? '',
      active: input.userId === undefined || facts.active === true,
      organization: {
        id: input.organizationId,
        state: stateOf(state),
        attributes: ORGANIZATION_ATTRIBUTES.filter((name) => attributes[name] === true),
      },
    },
    assignments: assignmentsOf(facts),
    roles: rolesOf(facts),
    accounts: accountsOf(facts, input.organizationId),
  };
  return {
    snapshot,
    found: input.userId === undefined || facts.active !== null,
    numbers: new Map(facts.accounts.map(([id, number]) => [id, number])),
    changesAt: nextChange(facts, snapshot.at),
  };
}

function entitlement(
  application: string,
  customerAccount: string,
  profile: string | null,
  values: Box['values'],
  valid: Validity,
): Entitlement {
  return { application, customerAccount, values, validity: valid, ...(profile === null ? {} : { profile }) };
}

/** Of what was kept of an actor, what explains a right. */
export const giverOf = ({ kind, id, label, actedBy }: Giver): Giver => ({
  kind,
  id,
  label,
  ...(actedBy && { actedBy }),
});

const NOT_READ: Giver = { kind: 'system', id: '', label: '' };

function assignmentsOf(facts: Facts): AssignmentSnapshot[] {
  const paths = facts.memberOf && groupPaths(facts.memberOf, facts.nesting ?? [], facts.groups ?? []);
  return facts.assignments.flatMap((row): AssignmentSnapshot[] => {
    const [id, groupId, roleId, application, account, profile, values, from, until, givenBy, givenAt] = row;
    const common = {
      id,
      gives:
        roleId === null
          ? {
              kind: 'entitlements' as const,
              entitlements: [entitlement(application, account, profile, values, validity(null, null))],
            }
          : { kind: 'role' as const, roleId },
      givenBy: givenBy ? giverOf(givenBy) : NOT_READ,
      givenAt: givenAt ?? 0,
      validity: validity(from, until),
    };
    const ways = groupId === null ? [[]] : paths ? (paths.get(groupId) ?? []) : [[{ id: groupId, name: '' }]];
    return ways.map((groupPath) => ({ ...common, groupPath }));
  });
}

function rolesOf(facts: Facts): Map<string, RoleSnapshot> {
  const gives = Map.groupBy(facts.roleEntitlements, ([roleId]) => roleId);
  return new Map(
    facts.roles.map(([id, name]) => [
      id,
      {
        id,
        name,
        entitlements: (gives.get(id) ?? []).map(([, application, account, profile, values, from, until]) =>
          entitlement(application, account, profile, values, validity(from, until)),
        ),
      },
    ]),
  );
}

function accountsOf(facts: Facts, organizationId: string): Map<string, AccountSnapshot> {
  const resources = Map.groupBy(facts.resources, ([account]) => account);
  const subscriptions = Map.groupBy(facts.subscriptions, ([account]) => account);
  const mandates = Map.groupBy(facts.mandates, ([, account]) => account);
  return new Map(
    facts.accounts.map(([id, , owner, state]): [string, AccountSnapshot] => [
      id,
      {
        id,
        owner: { id: owner, state: stateOf(state) },
        resources: (resources.get(id) ?? []).map(([, kind, number, resourceState, master, services]) => ({
          kind,
          number,
          state: resourceState,
          master,
          services,
        })),
        subscription: (subscriptions.get(id) ?? []).map(([, application, values, from, until]) => ({
          application,
          customerAccount: id,
          values,
          validity: validity(from, until),
        })),
        chains: chainsOf(mandates.get(id) ?? [], organizationId),
      },
    ]),
  );
}

/** Each chain that ends at the organization, the owner's link first. One whose beginning is gone stays short and leads nowhere. */
function chainsOf(rows: readonly Facts['mandates'][number][], organizationId: string): MandateLink[][] {
  const byId = new Map(rows.map((row) => [row[0], row]));
  return rows
    .filter(([, , , , receiver]) => receiver === organizationId)
    .map((last) => {
      const chain: MandateLink[] = [];
      for (let row: typeof last | undefined = last; row && chain.length < 5; row = byId.get(row[5] ?? ''))
        chain.unshift(linkOf(row));
      return chain;
    });
}

function linkOf([
  id,
  account,
  giver,
  giverState,
  receiver,
  ,
  onward,
  from,
  until,
  boxes,
]: Facts['mandates'][number]): MandateLink {
  return {
    id,
    fromOrganization: giver,
    fromState: stateOf(giverState),
    toOrganization: receiver,
    boxes: boxes.map(({ application, values }) => ({
      application,
      customerAccount: account,
      values,
      validity: validity(null, null),
    })),
    validity: validity(from, until),
    onward,
  };
}

function nextChange(facts: Facts, at: number): number | null {
  const times = [
    ...facts.assignments.flatMap((row) => [row[7], row[8]]),
    ...facts.roleEntitlements.flatMap((row) => [row[5], row[6]]),
    ...facts.subscriptions.flatMap((row) => [row[3], row[4]]),
    ...facts.mandates.flatMap((row) => [row[7], row[8]]),
  ].filter((time): time is number => time !== null && time > at);
  return times.length === 0 ? null : Math.min(...times);
}
