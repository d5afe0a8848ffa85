// Lenient readers of a parsed application file: they take what has the right shape and pass over the rest, which
// application-shape.ts reports. So the rules across parts can run on a file with faults, and all are told at once.
import type { PlacedFault } from './application-shape.ts';

export type RawMap = Readonly<Record<string, unknown>>;

/** One entry of a list of keyed things. `given` is false for values that nobody can be given. */
export type RawValue = {
  readonly key: string;
  readonly retired: boolean;
  readonly placeholder: boolean;
  readonly given: boolean;
};

export function isMap(raw: unknown): raw is RawMap {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

export function list(raw: unknown): readonly unknown[] {
  return Array.isArray(raw) ? raw : [];
}

/** The texts of a list, in order; a thing that is no text becomes '' so that the others keep their index. */
export function texts(raw: unknown): readonly string[] {
  return list(raw).map((item) => (typeof item === 'string' ? item : ''));
}

/** The entries of a list of `{key, ...}`, in order; an entry without a key has the key ''. */
export function keyed(raw: unknown): readonly RawValue[] {
  return list(raw).map((item) => {
    const entry = isMap(item) ? item : {};
    const retired = entry['retired'] === true;
    const placeholder = entry['placeholder'] === true;
    const key = typeof entry['key'] === 'string' ? entry['key'] : '';
    return { key, retired, placeholder, given: !retired && !placeholder };
  });
}

/** `raw[name]` where it is a number, else 0. */
export function numberAt(raw: unknown, name: string): number {
  const found = isMap(raw) && Object.hasOwn(raw, name) ? raw[name] : 0;
  return typeof found === 'number' ? found : 0;
}

/** One fault for each name that stands a second time in a list. */
export function duplicates(names: readonly string[], place: string, path: readonly string[]): PlacedFault[] {
  return names.flatMap((name, index) =>
    name !== '' && names.indexOf(name) < index
      ? [{ path: [...path, index], rule: 'duplicate', message: `${place} has "${name}" twice` }]
      : [],
  );
}
