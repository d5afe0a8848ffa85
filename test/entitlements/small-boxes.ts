// Random boxes over a space small enough to enumerate, and the enumeration itself: the measure for covers, missing,
// intersect and the canonical form. `z` is a value no list ever names, so it stands for all values to come.
import fc from 'fast-check';
import type { Box, Validity, Values } from '../../src/entitlements/box.ts';

export const RIGHTS = ['a', 'b', 'c'];
export const CONTRACTS = ['1', '2', '3'];
export const INSTANTS = [-1, 0, 1, 2, 3, 4];

const values = (known: readonly string[]): fc.Arbitrary<Values> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.subarray([...known], { minLength: 1 }) },
    { weight: 1, arbitrary: fc.constant('*' as const) },
  );

export const validity: fc.Arbitrary<Validity> = fc.oneof(
  fc.constant({ from: null, until: null }),
  fc.record({
    from: fc.constantFrom(null, 0, 1, 2),
    until: fc.constantFrom(null, 3, 4),
  }),
  fc.constantFrom({ from: 0, until: 1 }, { from: 1, until: 2 }, { from: null, until: 1 }),
);

export const box: fc.Arbitrary<Box> = fc.record({
  application: fc.constant('app'),
  customerAccount: fc.constant('acc'),
  values: fc.record({ rights: values(RIGHTS), products: values(['p', 'q']), contracts: values(CONTRACTS) }),
  validity,
});

export const union = fc.array(box, { maxLength: 6 });

const holds = (held: Values | undefined, value: string): boolean =>
  held === '*' || (held !== undefined && held.includes(value));

/** All points of the space that some box allows, `z` included. */
export function points(boxes: readonly Box[]): Set<string> {
  const out = new Set<string>();
  for (const right of [...RIGHTS, 'z'])
    for (const product of ['p', 'q', 'z'])
      for (const contract of [...CONTRACTS, 'z'])
        for (const at of INSTANTS)
          if (
            boxes.some(
              (b) =>
                holds(b.values.rights, right) &&
                holds(b.values.products, product) &&
                holds(b.values.contracts, contract) &&
                (b.validity.from ?? -Infinity) <= at &&
                at < (b.validity.until ?? Infinity),
            )
          )
            out.add(`${right} ${product} ${contract} ${at}`);
  return out;
}

export const minus = (a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> =>
  new Set([...a].filter((point) => !b.has(point)));
export const common = (a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> =>
  new Set([...a].filter((point) => b.has(point)));
export function samePoints(a: readonly Box[], b: readonly Box[]): boolean {
  const [left, right] = [points(a), points(b)];
  return minus(left, right).size === 0 && minus(right, left).size === 0;
}
