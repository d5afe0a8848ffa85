// Brings values into the one form that every other file here relies on: sorted by code unit, no
// repeats, dimensions in the catalogue's order. Says nothing about whether a value exists.
import { DIMENSIONS, type Dimension } from '../applications/application.ts';
import type { Box, Values } from './box.ts';

/** Sorted by UTF-16 code unit (never by locale: two machines must agree), each value once. */
export function sortedUnique(values: Iterable<string>): string[] {
  return [...new Set(values)].sort();
}

/** `"*"` stays; a list that holds the string `"*"` is `"*"`. */
export function normalizeValues(values: Values): Values {
  if (values === '*' || values.includes('*')) return '*';
  return sortedUnique(values);
}

/** A box or entitlement with normal values; whatever else it carries is kept. */
export function normalizeBox<T extends Box>(box: T): T {
  const values: Partial<Record<Dimension, Values>> = {};
  for (const dimension of DIMENSIONS) {
    const given = box.values[dimension];
    if (given !== undefined) values[dimension] = normalizeValues(given);
  }
  return { ...box, values };
}
