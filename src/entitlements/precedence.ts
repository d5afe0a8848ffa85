// Two profiles of one application on one contract of one user: the one that stands first in the catalogue's
// precedence counts for that contract. Refused at save; settled here where groups, roles or mandates bring them together.
import {
  RESOURCE_DIMENSIONS,
  type Application,
  type Dimension,
  type ResourceDimension,
} from '../applications/application.ts';
import type { Entitlement, Values } from './box.ts';
import { intersectValues, valuesMeet } from './intersect.ts';
import { sortedUnique } from './normalize.ts';
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
function profileRank(application: Application, profile: string | undefined): number {
  const listed = application.profilePrecedence.indexOf(profile ?? '');
  if (listed >= 0) return listed;
  return application.profilePrecedence.length + application.profiles.findIndex(({ key }) => key === profile);
}

export type Outranked = {
  /** What the entitlement keeps. */
  readonly kept: readonly Entitlement[];
  /** What stronger profiles withhold, as boxes. */
  readonly withheld: readonly Entitlement[];
};

/**
 * For each entitlement, in order, what is left of it without the contracts on which a stronger profile stands. All given
 * must be of one application and customer account and hold at one instant. Against a stronger list, `"*"` becomes the active resources known
 * now without that list: it cannot be written otherwise, and later ones come in when the rights are next computed.
 */
export function outrank(
  application: Application,
  entitlements: readonly Entitlement[],
  resources: readonly Resource[],
): Outranked[] {
  const scopes = scopeOf(application);
  const ranks = entitlements.map(({ profile }) => profileRank(application, profile));
  const strongerThan = new Map(
    [...new Set(ranks)].map((rank) => [
      rank,
      places(
        entitlements.filter((_, i) => (ranks[i] as number) < rank),
        scopes,
      ),
    ]),
  );
  return entitlements.map((entitlement, i) => {
    const stronger = (strongerThan.get(ranks[i] as number) ?? []).filter((other) =>
      overlaps(entitlement, other, scopes),
    );
    let kept: Entitlement[] = [entitlement];
    for (const other of stronger) kept = kept.flatMap((piece) => subtract(piece, other, scopes, resources));
    return {
      kept,
      withheld: stronger.map((other) => ({ ...entitlement, values: common(entitlement, other, scopes) })),
    };
  });
}

/** Where these stand. With one list to stand in, all of them are one place: many long lists are then compared once. */
function places(entitlements: readonly Entitlement[], scopes: readonly ResourceDimension[]): Entitlement[] {
  const [first] = entitlements;
  const [scope] = scopes;
  if (first === undefined || scopes.length > 1) return [...entitlements];
  if (scope === undefined) return [first];
  const lists = entitlements.map(({ values }) => values[scope] ?? []);
  const joined = lists.includes('*') ? '*' : sortedUnique(lists.flatMap((list) => [...list]));
  return [{ ...first, values: { ...first.values, [scope]: joined } }];
}

/** The lists that a contract can stand in; without any, the customer account as a whole is the one place. */
const scopeOf = (application: Application): ResourceDimension[] =>
  RESOURCE_DIMENSIONS.filter((dimension) => application.dimensions.includes(dimension));

function meetsIn(application: Application, a: Entitlement, b: Entitlement): boolean {
  return a.profile !== b.profile && a.customerAccount === b.customerAccount && overlaps(a, b, scopeOf(application));
}

const overlaps = (a: Entitlement, b: Entitlement, scopes: readonly ResourceDimension[]): boolean =>
  scopes.every((dimension) => valuesMeet(a.values[dimension] ?? [], b.values[dimension] ?? []));

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
  if (!overlaps(piece, other, scopes)) return [piece];
  const overlap = common(piece, other, scopes);
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
  const known =
    values === '*'
      ? resources
          .flatMap(({ kind, number, state }) => (kind === dimension && state === 'active' ? [number] : []))
          .sort()
      : values;
  const gone = new Set(intersectValues(known, taken));
  return known.filter((value) => !gone.has(value));
}
