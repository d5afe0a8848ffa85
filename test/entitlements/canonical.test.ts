import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Box } from '../../src/entitlements/box.ts';
import { canonicalDigest } from '../../src/entitlements/canonical.ts';
import { missing } from '../../src/entitlements/covers.ts';
import { mergeBoxes } from '../../src/entitlements/merge.ts';
import { box, CONTRACTS, points, RIGHTS, samePoints } from './small-boxes.ts';

/** Valid now (instant 2) with various ends, as effective entitlements are. */
const held = fc
  .tuple(box, fc.constantFrom(3, 4, null))
  .map(([one, until]): Box => ({ ...one, validity: { from: null, until } }));
const union = fc.array(held, { minLength: 1, maxLength: 6 });

/** The same union in other boxes: each split into its single values, where it has a list. */
const shattered = (boxes: readonly Box[]): Box[] =>
  boxes.flatMap((one) => {
    const singles = (values: Box['values']['rights']) =>
      values === '*' || values === undefined ? [values] : values.map((v) => [v]);
    return singles(one.values.rights).flatMap((rights) =>
      singles(one.values.contracts).map((contracts) => ({
        ...one,
        values: {
          ...one.values,
          ...(rights === undefined ? {} : { rights }),
          ...(contracts === undefined ? {} : { contracts }),
        },
      })),
    );
  });

describe('the canonical digest', () => {
  it('is equal exactly when the unions allow the same until the same ends', () => {
    fc.assert(
      fc.property(union, union, (a, b) => {
        expect(canonicalDigest(a) === canonicalDigest(b)).toBe(samePoints(a, b));
      }),
      { numRuns: 1000 },
    );
  });

  it('does not tell how, or in which order, the boxes are cut', () => {
    fc.assert(
      fc.property(union, held, (a, extra) => {
        const digest = canonicalDigest(a);
        expect(canonicalDigest(shattered(a).reverse())).toBe(digest);
        expect(canonicalDigest([...a, ...a])).toBe(digest);
        expect(canonicalDigest(mergeBoxes(a))).toBe(digest);
        expect(canonicalDigest([...a, extra]) === digest).toBe(missing(a, extra).length === 0);
      }),
      { numRuns: 500 },
    );
  });

  it('ignores a value that only a redundant box names', () => {
    const all: Box = {
      application: 'app',
      customerAccount: 'acc',
      values: { rights: ['a'], contracts: '*' },
      validity: { from: null, until: null },
    };
    const one = { ...all, values: { rights: ['a'], contracts: ['1'] } };
    expect(canonicalDigest([all, one])).toBe(canonicalDigest([all]));
    expect(canonicalDigest([one])).not.toBe(canonicalDigest([all]));
  });

  it('sees all known values and "*" as different', () => {
    const listed: Box = {
      application: 'app',
      customerAccount: 'acc',
      values: { rights: RIGHTS, contracts: CONTRACTS },
      validity: { from: null, until: null },
    };
    expect(canonicalDigest([listed])).not.toBe(
      canonicalDigest([{ ...listed, values: { rights: RIGHTS, contracts: '*' } }]),
    );
  });
});

describe('merging', () => {
  it('allows exactly what the boxes allowed, in no more boxes, whatever their order', () => {
    fc.assert(
      fc.property(union, (boxes) => {
        const merged = mergeBoxes(boxes);
        expect(samePoints(merged, boxes)).toBe(true);
        expect(merged.length).toBeLessThanOrEqual(boxes.length);
        expect(mergeBoxes([...boxes].reverse())).toEqual(merged);
        expect(mergeBoxes(merged)).toEqual(merged);
      }),
      { numRuns: 500 },
    );
  });

  it('puts single values back together', () => {
    const whole: Box = {
      application: 'app',
      customerAccount: 'acc',
      values: { rights: RIGHTS, products: ['p', 'q'], contracts: CONTRACTS },
      validity: { from: null, until: 9 },
    };
    expect(mergeBoxes(shattered([whole]))).toEqual([whole]);
    expect(points([whole]).size).toBe(108);
  });
});
