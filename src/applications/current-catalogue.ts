// The catalogue that this process works with: read once at start (catalogue.ts), reached from everywhere since.
import type { Catalogue } from './application.ts';

let current: Catalogue | undefined;

export function setCatalogue(loaded: Catalogue): void {
  current = loaded;
}

/** The same as a Catalogue that one can keep: it answers from the one in use at that moment. */
export const liveCatalogue: Catalogue = {
  get size() {
    return catalogue().size;
  },
  get: (key) => catalogue().get(key),
  has: (key) => catalogue().has(key),
  forEach: (callback, thisArg) => catalogue().forEach(callback, thisArg),
  entries: () => catalogue().entries(),
  keys: () => catalogue().keys(),
  values: () => catalogue().values(),
  [Symbol.iterator]: () => catalogue()[Symbol.iterator](),
};

/** A programming error before setCatalogue. */
export function catalogue(): Catalogue {
  if (!current) throw new Error('The catalogue is not loaded');
  return current;
}
