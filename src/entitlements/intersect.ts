// What two boxes have in common, and a box cut by a limit. All lists are normal (see normalize.ts).
import { DIMENSIONS, type Dimension } from '../applications/application.ts';
import type { Box, Values } from './box.ts';
import { endOf, intersectValidity, startOf } from './validity.ts';

export function intersectValues(a: Values, b: Values): Values {
  if (a === '*' || a === b) return b;
  if (b === '*') return a;
  const common: string[] = [];
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (long.length > 16 * short.length) {
    for (const value of short) if (includesSorted(long, value)) common.push(value);
    return common.length === short.length ? short : common;
  }
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const left = a[i] as string;
    const right = b[j] as string;
    if (left === right) {
      common.push(left);
      i++;
      j++;
    } else if (left < right) i++;
    else j++;
  }
  // The same list back where nothing was lost: later steps compare lists by identity first.
  return common.length === a.length ? a : common.length === b.length ? b : common;
}

/** Like intersectValues without making the list. */
export function valuesMeet(a: Values, b: Values): boolean {
  if (a === '*') return b.length > 0;
  if (b === '*') return a.length > 0;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.some((value) => includesSorted(long, value));
}

function includesSorted(values: readonly string[], value: string): boolean {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] as string) < value) low = middle + 1;
    else high = middle;
  }
  return values[low] === value;
}

function valuesContain(outer: Values, inner: Values): boolean {
  if (outer === '*' || outer === inner) return true;
  if (inner === '*' || inner.length > outer.length) return false;
  let j = 0;
  for (const value of inner) {
    while (j < outer.length && (outer[j] as string) < value) j++;
    if (outer[j] !== value) return false;
    j++;
  }
  return true;
}

/** Both name the same application, customer account and dimensions: else neither says anything about the other. */
function comparable(a: Box, b: Box): boolean {
  return (
    a.application === b.application &&
    a.customerAccount === b.customerAccount &&
    DIMENSIONS.every((dimension) => (a.values[dimension] === undefined) === (b.values[dimension] === undefined))
  );
}

/** One box inside one other; for a union see covers.ts. */
function boxContains(outer: Box, inner: Box): boolean {
  if (startOf(outer.validity) > startOf(inner.validity) || endOf(outer.validity) < endOf(inner.validity)) return false;
  // Lengths first: most pairs differ there, and lists can be long.
  for (const dimension of DIMENSIONS) {
    const values = outer.values[dimension];
    const asked = inner.values[dimension];
    if (values === '*' || values === undefined || asked === undefined) continue;
    if (asked === '*' || asked.length > values.length) return false;
  }
  if (!comparable(outer, inner)) return false;
  for (const dimension of DIMENSIONS) {
    const asked = inner.values[dimension];
    if (asked !== undefined && !valuesContain(outer.values[dimension] as Values, asked)) return false;
  }
  return true;
}

/** The combinations and instants in both, or null where there are none. What else `a` carries (its profile) is kept. */
export function intersect<T extends Box>(a: T, b: Box): T | null {
  if (!comparable(a, b)) return null;
  const validity = intersectValidity(a.validity, b.validity);
  if (validity === null) return null;
  const values: Partial<Record<Dimension, Values>> = {};
  for (const dimension of DIMENSIONS) {
    const mine = a.values[dimension];
    if (mine === undefined) continue;
    const common = intersectValues(mine, b.values[dimension] as Values);
    if (common.length === 0) return null;
    values[dimension] = common;
  }
  return { ...a, values, validity };
}

/** The pieces that a limit leaves of a box: their union is exactly the intersection; no piece lies inside another. */
export function intersectUnion<T extends Box>(box: T, limit: readonly Box[]): T[] {
  if (limit.some((other) => boxContains(other, box))) return [box];
  return withoutContained(limit.flatMap((other) => intersect(box, other) ?? []));
}

/** The same union without boxes that lie inside one other box. Of equal boxes the first stays. */
export function withoutContained<T extends Box>(boxes: readonly T[]): T[] {
  if (boxes.length < 2) return [...boxes];
  return boxes.filter(
    (box, i) => !boxes.some((other, j) => i !== j && boxContains(other, box) && (j < i || !boxContains(box, other))),
  );
}
