// What remains of an entitlement with a profile after limits have cut it. A combination stays only where all that
// the profile demands stays with it: for each value of it, the mandatory values in its place must be left too. The
// answer depends on what the limits allow, never on how they are cut into boxes.
import type { Application, Dimension, FixedDimension, Profile } from '../applications/application.ts';
import { buildAxis, hasBit } from './axis.ts';
import type { Entitlement, Validity } from './box.ts';
import { coverage } from './covers.ts';
import { intersectUnion, withoutContained } from './intersect.ts';
import { intersectValidity } from './validity.ts';
import { mandatoryValues } from './value-rule.ts';

type Demand = ReadonlyMap<FixedDimension, string>;

/**
 * `whole` is the entitlement before the cut, `pieces` what the limits left of it at one instant. Answers the same list where
 * nothing is lost. The validity of a piece ends when something that it depends on ends.
 */
export function keepProfile(
  profile: Profile | undefined,
  whole: Entitlement,
  pieces: readonly Entitlement[],
): readonly Entitlement[] {
  const mandatory = mandatoryValues(profile);
  const isComplete = (piece: Entitlement): boolean =>
    [...mandatory].every(([dimension, values]) => values.every((value) => holds(piece, dimension, value)));
  if (pieces.every(isComplete)) return pieces;
  let kept = pieces;
  for (const demand of demands(mandatory)) {
    const supported = pieces.flatMap((piece) =>
      [...demand].every(([dimension, value]) => holds(piece, dimension, value)) ? [widen(piece, whole, demand)] : [],
    );
    kept = withoutContained(kept.flatMap((piece) => intersectUnion(piece, supported)));
  }
  return kept;
}

/**
 * What remains where a list must keep at least so many values: combinations that have, along that list, too few beside
 * them are dropped. Answers the same list where nothing is lost.
 */
export function keepMinimum(application: Application, pieces: readonly Entitlement[]): readonly Entitlement[] {
  let kept = pieces;
  for (let before: readonly Entitlement[] | null = null; before !== kept;) {
    before = kept;
    for (const dimension of application.dimensions) {
      const least = application.minimum[dimension] ?? 1;
      const isShort = (piece: Entitlement): boolean => (piece.values[dimension]?.length ?? 0) < least;
      const isLong = (piece: Entitlement): boolean => piece.values[dimension] === '*' || !isShort(piece);
      if (kept.every(isLong)) continue;
      // Several short pieces may lie on one line, so lines are put together before they are counted.
      const long = lines(kept, application.dimensions, dimension).filter(isLong);
      // Compared as sets: cutting along one list after the other can go on for ever without dropping anything.
      const stillHeld = coverage(long);
      if (!kept.every((piece) => stillHeld.covers(piece))) kept = long;
    }
  }
  return kept;
}

const holds = (piece: Entitlement, dimension: Dimension, value: string): boolean => {
  const values = piece.values[dimension];
  return values === '*' || (values ?? []).includes(value);
};

/** Each way to put mandatory values in the place of some dimensions' values; the empty way is left out. */
function demands(mandatory: ReadonlyMap<FixedDimension, readonly string[]>): Demand[] {
  let all: Demand[] = [new Map()];
  for (const [dimension, values] of mandatory) {
    all = all.flatMap((demand) => [demand, ...values.map((value) => new Map([...demand, [dimension, value]]))]);
  }
  return all.filter((demand) => demand.size > 0);
}

function widen(piece: Entitlement, whole: Entitlement, demand: Demand): Entitlement {
  const values = { ...piece.values };
  for (const dimension of demand.keys()) values[dimension] = whole.values[dimension] ?? [];
  return { ...piece, values };
}

/** The union cut so that each box holds whole lines along `last`; a line ends when the first of its boxes ends. */
function lines(pieces: readonly Entitlement[], dimensions: readonly Dimension[], last: Dimension): Entitlement[] {
  const [dimension, ...rest] = dimensions.filter((one) => one !== last);
  const first = pieces[0];
  if (first === undefined) return [];
  if (dimension === undefined) {
    const lists = pieces.map((piece) => piece.values[last] ?? []);
    const joined = lists.includes('*') ? '*' : [...new Set(lists.flatMap((list) => [...list]))].sort();
    return [{ ...first, values: { ...first.values, [last]: joined }, validity: shared(pieces) }];
  }
  const axis = buildAxis(pieces, dimension);
  const members = Map.groupBy(axis.classOf.keys(), (value) => axis.classOf.get(value) as number);
  return axis.holders.flatMap((holders, value) => {
    const inClass = value === 0 ? '*' : (members.get(value) ?? []).sort();
    const living = pieces.filter((_, i) => hasBit(holders, i));
    return lines(living, [...rest, last], last).map((line) => ({
      ...line,
      values: { ...line.values, [dimension]: inClass },
    }));
  });
}

const shared = (pieces: readonly Entitlement[]): Validity =>
  // Never disjoint: all pieces hold at one instant.
  pieces.map((piece) => piece.validity).reduce((a, b) => intersectValidity(a, b) ?? a);
