// The catalogue that this process works with: read once at start (catalogue.ts), reached from everywhere since.
import type { Catalogue } from './application.ts';

let current: Catalogue | undefined;

export function setCatalogue(loaded: Catalogue): void {
  current = loaded;
}

/** A programming error before setCatalogue. */
export function catalogue(): Catalogue {
  if (!current) throw new Error('The catalogue is not loaded');
  return current;
}
