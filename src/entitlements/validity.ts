// Half-open spans of time [from, until) in epoch milliseconds; null is unbounded on that side.
import type { Validity } from './box.ts';

export const startOf = (validity: Validity): number => validity.from ?? -Infinity;
export const endOf = (validity: Validity): number => validity.until ?? Infinity;

/** The bounds back in the stored form. */
export function span(start: number, end: number): Validity {
  return { from: start === -Infinity ? null : start, until: end === Infinity ? null : end };
}

export function isValidAt(validity: Validity, at: number): boolean {
  return startOf(validity) <= at && at < endOf(validity);
}

/** The common part, or null where there is none. */
export function intersectValidity(a: Validity, b: Validity): Validity | null {
  const start = Math.max(startOf(a), startOf(b));
  const end = Math.min(endOf(a), endOf(b));
  return start < end ? span(start, end) : null;
}
