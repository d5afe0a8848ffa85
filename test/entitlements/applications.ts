// Applications and snapshots for the tests of the rights model, built in place.
import type { Application, CatalogueValue, MatrixCell, Profile } from '../../src/applications/application.ts';
import { ALWAYS, type Box, type Entitlement } from '../../src/entitlements/box.ts';
import type { Resource } from '../../src/entitlements/resource.ts';
import type {
  AccountSnapshot,
  AssignmentSnapshot,
  MandateLink,
  RightsSnapshot,
} from '../../src/entitlements/snapshot.ts';

const labels = (text: string) => ({ nl: text, fr: text, de: text, en: text });
export const value = (key: string, more: Partial<CatalogueValue> = {}): CatalogueValue => ({
  key,
  label: labels(key),
  ...more,
});

export function application(key: string, more: Partial<Application>): Application {
  return {
    key,
    codes: [],
    label: labels(key),
    dimensions: [],
    minimum: {},
    rights: [],
    products: [],
    borderels: [],
    onlyMasterContracts: false,
    profiles: [],
    profilePrecedence: [],
    flatRights: false,
    admit: 'holders',
    ...more,
  };
}

export const profile = (key: string, cells: Profile['cells']): Profile => ({ key, label: labels(key), cells });

/** `strong` demands a, `weak` demands b, both may add c; `free` demands nothing. */
export const profiled = application('profiled', {
  dimensions: ['rights', 'contracts'],
  minimum: { rights: 1, contracts: 1 },
  rights: ['a', 'b', 'c'].map((key) => value(key)),
  profiles: [
    profile('weak', { rights: { a: 'NA', b: 'X', c: 'O' } }),
    profile('strong', { rights: { a: 'X', b: 'ND', c: 'O' } }),
    profile('free', { rights: { a: 'O', b: 'O', c: 'O' } }),
  ],
  profilePrecedence: ['strong', 'weak'],
});

export const plain = application('plain', {
  dimensions: ['rights', 'contracts'],
  minimum: { rights: 1, contracts: 1 },
  rights: [value('a'), value('b'), value('c'), value('admin')],
  givesMandates: 'admin',
});

const COLUMNS = ['read_only', 'general_access', 'eshipper_pro_2', 'etoe'];
const RIGHT_ROWS: Record<string, MatrixCell[]> = {
  customs: ['NA', 'NA', 'NA', 'NA'],
  eshipper_light: ['X', 'NA', 'NA', 'NA'],
  eshipper_pro_2: ['NA', 'NA', 'X', 'O'],
  eshipper_pro: ['NA', 'NA', 'NA', 'NA'],
  etoe_handling: ['NA', 'NA', 'NA', 'X'],
  general_access: ['NA', 'X', 'X', 'X'],
  view_prices: ['O', 'O', 'O', 'O'],
};
const MAIL: MatrixCell[] = ['O', 'O', 'NA', 'O'];
const PARCEL: MatrixCell[] = ['O', 'O', 'O', 'O'];
const RETURN: MatrixCell[] = ['ND', 'O', 'O', 'O'];
const BORDEREL_ROWS: Record<string, MatrixCell[]> = {
  ...Object.fromEntries(['b10', 'b12', 'b13', 'b14', 'b16', 'b17', 'b20'].map((key) => [key, MAIL])),
  b21: RETURN,
  b23: ['ND', 'O', 'NA', 'O'],
  ...Object.fromEntries(['b31', 'b33', 'b35', 'b36', 'b37'].map((key) => [key, PARCEL])),
  b50: RETURN,
};
const column = (rows: Record<string, MatrixCell[]>, i: number): Record<string, MatrixCell> =>
  Object.fromEntries(Object.entries(rows).map(([key, cells]) => [key, cells[i] as MatrixCell]));

export const parcelsInternational = application('parcels_international', {
  dimensions: ['rights', 'contracts', 'borderels'],
  minimum: { rights: 1, contracts: 1, borderels: 1 },
  rights: Object.keys(RIGHT_ROWS).map((key) =>
    value(key, {
      ...(key === 'customs' || key === 'eshipper_pro' ? { retired: true } : {}),
      ...(key === 'etoe_handling' ? { requires: ['etoe_partner' as const] } : {}),
    }),
  ),
  borderels: Object.keys(BORDEREL_ROWS).map((key) => value(key)),
  profiles: COLUMNS.map((key, i) =>
    profile(key, { rights: column(RIGHT_ROWS, i), borderels: column(BORDEREL_ROWS, i) }),
  ),
  profilePrecedence: ['read_only', 'etoe', 'eshipper_pro_2', 'general_access'],
});

export const contract = (number: string, more: Partial<Resource> = {}): Resource => ({
  kind: 'contracts',
  number,
  state: 'active',
  master: false,
  ...more,
});

export const NOW = 1_000_000;

export function entitlement(
  app: string,
  customerAccount: string,
  values: Entitlement['values'],
  more: Partial<Entitlement> = {},
): Entitlement {
  return { application: app, customerAccount, values, validity: ALWAYS, ...more };
}

export function assign(id: string, given: Entitlement, more: Partial<AssignmentSnapshot> = {}): AssignmentSnapshot {
  return {
    id,
    gives: { kind: 'entitlements', entitlements: [given] },
    givenBy: { kind: 'user', id: `giver-of-${id}`, label: `Giver of ${id}` },
    givenAt: 1,
    validity: ALWAYS,
    groupPath: [],
    ...more,
  };
}

export const everything = (app: string, customerAccount: string): Box => ({
  application: app,
  customerAccount,
  values: { rights: '*', contracts: '*' },
  validity: ALWAYS,
});

export function account(id: string, owner: string, more: Partial<AccountSnapshot> = {}): AccountSnapshot {
  return {
    id,
    owner: { id: owner, state: 'active' },
    resources: ['1', '2', '3'].map((number) => contract(number)),
    subscription: [everything('plain', id), everything('profiled', id)],
    chains: [],
    ...more,
  };
}

export function link(
  id: string,
  from: string,
  to: string,
  boxes: readonly Box[],
  more: Partial<MandateLink> = {},
): MandateLink {
  return {
    id,
    fromOrganization: from,
    fromState: 'active',
    toOrganization: to,
    boxes,
    validity: ALWAYS,
    onward: 0,
    ...more,
  };
}

export function snapshot(
  assignments: readonly AssignmentSnapshot[],
  accounts: readonly AccountSnapshot[] = [account('own', 'us')],
  more: Partial<RightsSnapshot> = {},
): RightsSnapshot {
  return {
    at: NOW,
    catalogue: new Map([plain, profiled, parcelsInternational].map((app) => [app.key, app])),
    user: { id: 'u', active: true, organization: { id: 'us', state: 'active', attributes: [] } },
    assignments,
    roles: new Map(),
    accounts: new Map(accounts.map((one) => [one.id, one])),
    ...more,
  };
}
