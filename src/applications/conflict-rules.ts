// What pairs of rights that nobody should hold together must be: two different values that exist. Within one file here;
// a side in another application is looked for when all files are there.
import type { Application, ConflictSide } from './application.ts';
import type { PlacedFault } from './application-shape.ts';
import { isMap, keyed, list, texts } from './read-raw.ts';
import type { RawMap } from './read-raw.ts';

type RawSide = { readonly application: string; readonly dimension: string; readonly value: string };

const textAt = (raw: unknown, name: string): string => {
  const found = isMap(raw) ? raw[name] : undefined;
  return typeof found === 'string' ? found : '';
};

/** Undefined where the shape is not right, which is told elsewhere. */
function sideOf(raw: RawMap, pair: unknown, name: 'a' | 'b'): RawSide | undefined {
  const side = isMap(pair) ? pair[name] : undefined;
  const [dimension, value] = [textAt(side, 'dimension'), textAt(side, 'value')];
  if (dimension === '' || value === '') return undefined;
  return { application: textAt(side, 'application') || textAt(raw, 'key'), dimension, value };
}

const nameOf = ({ application, dimension, value }: RawSide): string => `${application} ${dimension} ${value}`;

/** Every fault in `conflicts` that the file itself shows. */
export function conflictFaults(raw: RawMap): PlacedFault[] {
  const faults: PlacedFault[] = [];
  const seen = new Set<string>();
  for (const [index, pair] of list(raw['conflicts']).entries()) {
    const path = ['conflicts', index];
    const [a, b] = [sideOf(raw, pair, 'a'), sideOf(raw, pair, 'b')];
    for (const [name, side] of [
      ['a', a],
      ['b', b],
    ] as const) {
      if (!side || side.application !== raw['key']) continue;
      const place = `conflicts[${index + 1}].${name}`;
      if (!texts(raw['dimensions']).includes(side.dimension)) {
        const message = `${place} names the dimension "${side.dimension}", which dimensions does not list`;
        faults.push({ path: [...path, name, 'dimension'], rule: 'dimension_not_listed', message });
      } else if (!keyed(raw[side.dimension]).some(({ key }) => key === side.value)) {
        const message = `${place} names "${side.value}", which is not one of ${side.dimension}`;
        faults.push({ path: [...path, name, 'value'], rule: 'unknown_value', message });
      }
    }
    if (!a || !b) continue;
    if (a.application !== raw['key'] && b.application !== raw['key']) {
      const message = `conflicts[${index + 1}] names other applications only; it belongs into one of their files`;
      faults.push({ path, rule: 'foreign_pair', message });
    }
    if (nameOf(a) === nameOf(b)) {
      faults.push({ path, rule: 'same_sides', message: `conflicts[${index + 1}] names the same value twice` });
    }
    const both = [nameOf(a), nameOf(b)].toSorted().join(' | ');
    if (seen.has(both)) faults.push({ path, rule: 'duplicate', message: `conflicts[${index + 1}] is there already` });
    seen.add(both);
  }
  return faults;
}

/** Sides in other applications that are not there, each with its place; `find` knows the other applications. */
export function foreignFaults(application: Application, find: (key: string) => Application | undefined): PlacedFault[] {
  return (application.conflicts ?? []).flatMap((pair, index) =>
    (['a', 'b'] as const).flatMap((name): PlacedFault[] => {
      const side = pair[name];
      if (side.application === application.key || isThere(find(side.application), side)) return [];
      const message = `conflicts[${index + 1}].${name} names "${side.value}" of ${side.dimension} in ${side.application}, which is not there`;
      return [{ path: ['conflicts', index, name], rule: 'unknown_value', message }];
    }),
  );
}

const isThere = (application: Application | undefined, { dimension, value }: ConflictSide): boolean =>
  application?.[dimension].some(({ key }) => key === value) === true;
