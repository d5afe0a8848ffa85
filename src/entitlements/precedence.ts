// Two profiles of one application on one contract of one user: the one that stands first in the catalogue's
// precedence counts for that contract. Refused at save; settled here where groups, roles or mandates bring them together.
import {
  RESOURCE_DIMENSIONS,
  type Application,
  type Dimension,
  type ResourceDimension,
} from '../applications/application.ts';
import type { Entitlement, Values } from './box.ts';
import { intersectValues } from './intersect.ts';
import type { Resource } from './resource.ts';
import { intersectValidity } from './validity.ts';

/** The first two of these entitlements that put different profiles on one contract at one time, or null. */
export function profileConflict(
  application: Application,
  entitlements: readonly Entitlement[],
): readonly [Entitlement, Entitlement] | null {
  const own = entitlements.filter((one) => one.application === application.key && one.profile !== undefined);
  for (const [i, a] of own.entries()) {
    const b = own
      .slice(i + 1)
      .find((other) => meetsIn(application, a, other) && intersectValidity(a.validity, other.validity) !== null);
    if (b !== undefined) return [a, b];
  }
  return null;
}

/** Lower counts first; profiles that the precedence leaves out come last, in the catalogue's order. */
export function profileRank(application: Application, profile: string | undefined): number {
  const listed = application.profilePrecedence.indexOf(profile ?? '');
  if (listed >= 0) return listed;
  return application.profilePrecedence.length + application.profiles.findIndex(({ key }) => key === profile);
}

export type Outranked = {
  /** What the entitlement keeps. */
  readonly kept: readonly Entitlement[];
  /** What a stronger profile withholds, as boxes. */
  readonly withheld: readonly Entitlement[];
};

/**
 * Takes from one entitlement the contracts on which a stronger profile stands. All given must hold at one instant. Against a stronger
 * list, `"*"` becomes the active resources known now without that list: it cannot be written otherwise, and later
 * ones come in when the rights are next computed.
 */
export function outrank(
  application: Application,
  entitlement: Entitlement,
  others: readonly Entitlement[],
  resources: readonly Resource[],
): Outranked {
  const rank = profileRank(application, entitlement.profile);
  const stronger = others.filter(
    (other) =>
      other.profile !== entitlement.profile &&
      profileRank(application, other.profile) < rank &&
      meetsIn(application, other, entitlement),
  );
  if (stronger.length === 0) return { kept: [entitlement], withheld: [] };
  const scopes = scopeOf(application);
  let kept: Entitlement[] = [entitlement];
  for (const other of stronger) kept = kept.flatMap((piece) => subtract(piece, other, scopes, resources));
  const withheld = stronger.map((other) => ({ ...entitlement, values: common(entitlement, other, scopes) }));
  return { kept, withheld };
}

/** The lists that a contract can stand in; without any, the customer account as a whole is the one place. */
const scopeOf = (application: Application): ResourceDimension[] =>
  RESOURCE_DIMENSIONS.filter((dimension) => application.dimensions.includes(dimension));

function meetsIn(application: Application, a: Entitlement, b: Entitlement): boolean {
  return (
    a.profile !== b.profile &&
    a.customerAccount === b.customerAccount &&
    scopeOf(application).every(
      (dimension) => intersectValues(a.values[dimension] ?? [], b.values[dimension] ?? []).length > 0,
    )
  );
}

function common(a: Entitlement, b: Entitlement, scopes: readonly ResourceDimension[]): Entitlement['values'] {
  const values: Partial<Record<Dimension, Values>> = { ...a.values };
  for (const dimension of scopes)
    values[dimension] = intersectValues(a.values[dimension] ?? [], b.values[dimension] ?? []);
  return values;
}

function subtract(
  piece: Entitlement,
  other: Entitlement,
  scopes: readonly ResourceDimension[],
  resources: readonly Resource[],
): Entitlement[] {
  const overlap = common(piece, other, scopes);
  if (scopes.some((dimension) => overlap[dimension]?.length === 0)) return [piece];
  return scopes.flatMap((dimension, i): Entitlement[] => {
    const left = without(piece.values[dimension] ?? [], other.values[dimension] ?? [], dimension, resources);
    if (left.length === 0) return [];
    const values = { ...piece.values, [dimension]: left };
    for (const settled of scopes.slice(0, i)) values[settled] = overlap[settled] ?? [];
    return [{ ...piece, values }];
  });
}

function without(
  values: Values,
  taken: Values,
  dimension: ResourceDimension,
  resources: readonly Resource[],
): readonly string[] {
  if (taken === '*') return [];
  const gone = new Set(taken);
  const known =
    values === '*'
      ? resources
          .flatMap(({ kind, number, state }) => (kind === dimension && state === 'active' ? [number] : []))
          .sort()
      : values;
  return known.filter((value) => !gone.has(value));
}
