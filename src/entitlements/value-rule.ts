// May this one value stand in an entitlement, and may it be left out? The single source of every reason that
// concerns one value: accept.ts refuses with it, choices.ts greys with it, effective.ts drops values by it.
// What concerns several values (minimum, profile named at all) is in accept.ts; who may give, in giving.ts.
import {
  FIXED_DIMENSIONS,
  RESOURCE_DIMENSIONS,
  type Application,
  type Dimension,
  type FixedDimension,
  type MatrixCell,
  type OrganizationAttribute,
  type Profile,
} from '../applications/application.ts';
import type { ErrorCode } from '../errors.ts';
import type { Resource } from './resource.ts';

/** What a value is judged against. */
export type ValueSetting = {
  readonly application: Application;
  /** Absent: the application has no profiles, or the entitlement names none that exists. */
  readonly profile?: Profile;
  /** Of the organization whose user or group receives. */
  readonly attributes: readonly OrganizationAttribute[];
  /** All resources of the customer account, closed ones included. */
  readonly resources: readonly Resource[];
};

export type ValueRule = {
  /** Why the value may not be chosen; null where it may. `"*"` can be asked too. */
  refusal(dimension: Dimension, value: string): ErrorCode | null;
  /** The profile cannot do without it. */
  isMandatory(dimension: Dimension, value: string): boolean;
};

const ATTRIBUTE_CODES: Readonly<Record<OrganizationAttribute, ErrorCode>> = {
  conventional_router: 'only_conventional_routers',
  etoe_partner: 'only_etoe_partners',
};

export const isFixed = (dimension: Dimension): dimension is FixedDimension =>
  (FIXED_DIMENSIONS as readonly string[]).includes(dimension);

/** Indexes the setting once; each answer is then a look-up. */
export function valueRule(setting: ValueSetting): ValueRule {
  const fixed = new Map<FixedDimension, Map<string, ErrorCode | null>>();
  for (const dimension of FIXED_DIMENSIONS) {
    const offered = offeredServices(setting, dimension);
    fixed.set(
      dimension,
      new Map(
        setting.application[dimension].map((value) => [
          value.key,
          fixedRefusal(setting, dimension, value.key, offered),
        ]),
      ),
    );
  }
  const resources = new Map(
    RESOURCE_DIMENSIONS.map((kind) => [
      kind,
      new Map(setting.resources.flatMap((one) => (one.kind === kind ? [[one.number, one]] : []))),
    ]),
  );
  return {
    refusal(dimension, value) {
      if (isFixed(dimension)) {
        const found = fixed.get(dimension)?.get(value);
        return found === undefined ? 'unknown_value' : found;
      }
      const onlyMaster = dimension === 'contracts' && setting.application.onlyMasterContracts;
      // "*" would hold the contracts that are not master, now and later.
      if (value === '*') return onlyMaster ? 'not_master_contract' : null;
      const resource = resources.get(dimension)?.get(value);
      if (resource?.state !== 'active') return 'no_active_contract';
      return onlyMaster && !resource.master ? 'not_master_contract' : null;
    },
    isMandatory: (dimension, value) => isFixed(dimension) && cellOf(setting.profile, dimension, value) === 'X',
  };
}

/** The values that a profile demands, per dimension; dimensions without any are absent. */
export function mandatoryValues(profile: Profile | undefined): Map<FixedDimension, string[]> {
  const out = new Map<FixedDimension, string[]>();
  for (const dimension of FIXED_DIMENSIONS) {
    const values = Object.entries(profile?.cells[dimension] ?? {}).flatMap(([value, cell]) =>
      cell === 'X' ? [value] : [],
    );
    if (values.length > 0) out.set(dimension, values.sort());
  }
  return out;
}

function cellOf(profile: Profile | undefined, dimension: FixedDimension, value: string): MatrixCell {
  const cells = profile?.cells[dimension];
  // A list that the profile does not name is free; a value that a named list leaves out is not for this profile.
  return cells === undefined ? 'O' : (cells[value] ?? 'NA');
}

function fixedRefusal(
  { application, profile, attributes }: ValueSetting,
  dimension: FixedDimension,
  key: string,
  offered: ReadonlySet<string> | null,
): ErrorCode | null {
  const value = application[dimension].find((one) => one.key === key);
  if (value === undefined) return 'unknown_value';
  if (value.retired === true) return 'retired';
  if (value.placeholder === true) return 'placeholder';
  const cell = cellOf(profile, dimension, key);
  if (cell === 'NA') return 'not_applicable';
  if (cell === 'ND') return 'profile_excludes';
  const lacking = value.requires?.find((attribute) => !attributes.includes(attribute));
  if (lacking !== undefined) return ATTRIBUTE_CODES[lacking];
  return offered === null || offered.has(key) ? null : 'no_active_contract';
}

/** The products or borderels that some active contract allows, or null where contracts do not narrow the list. */
function offeredServices({ application, resources }: ValueSetting, dimension: FixedDimension): Set<string> | null {
  if (dimension === 'rights' || !application.dimensions.includes('contracts')) return null;
  const known = new Set(application[dimension].map((value) => value.key));
  const active = resources.filter((resource) => resource.kind === 'contracts' && resource.state === 'active');
  const lists = active.map((resource) => (resource.services ?? []).filter((service) => known.has(service)));
  return lists.length === 0 || lists.some((services) => services.length === 0) ? null : new Set(lists.flat());
}
