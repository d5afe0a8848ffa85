// What one person should not hold together, compared with going through every combination.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConflictingPair, ConflictSide } from '../../src/applications/application.ts';
import type { Box } from '../../src/entitlements/box.ts';
import { pairName, pairsIn, together } from '../../src/entitlements/separation.ts';
import { application, plain, value } from './applications.ts';

const side = (application: string, value: string): ConflictSide => ({ application, dimension: 'rights', value });
const RUNS = { numRuns: 300 };
const LAST = 6;

const sides = fc.record({
  application: fc.constantFrom('x', 'y'),
  dimension: fc.constant('rights' as const),
  value: fc.constantFrom('a', 'b', 'c'),
});
const pair: fc.Arbitrary<ConflictingPair> = fc.record({ a: sides, b: sides, mode: fc.constant('refuse' as const) });
const instant = fc.option(fc.integer({ min: 0, max: LAST }), { nil: null });
const box: fc.Arbitrary<Box> = fc.record({
  application: fc.constantFrom('x', 'y'),
  customerAccount: fc.constantFrom('1', '2'),
  values: fc.record({ rights: fc.oneof(fc.constant('*' as const), fc.subarray(['a', 'b', 'c'])) }),
  validity: fc.record({ from: instant, until: instant }),
});

/** Whether this box allows the side on the account at the instant. */
const allows = (
  { application: key, customerAccount, values, validity }: Box,
  asked: ConflictSide,
  on: string,
  at: number,
) =>
  key === asked.application &&
  customerAccount === on &&
  (values.rights === '*' || values.rights?.includes(asked.value) === true) &&
  (validity.from === null || validity.from <= at) &&
  (validity.until === null || at < validity.until);

describe('what is held together', () => {
  it('is what some instant from now on shows on one customer account, one side in each of the two lists', () => {
    fc.assert(
      fc.property(
        fc.array(pair, { maxLength: 3 }),
        fc.array(box, { maxLength: 4 }),
        fc.array(box, { maxLength: 4 }),
        fc.integer({ min: 0, max: LAST }),
        (pairs, some, others, at) => {
          const all = [...some, ...others];
          const found = together(pairs, { some, all, at }).map((one) => [pairs.indexOf(one.pair), one.customerAccount]);
          const expected = pairs.flatMap(({ a, b }, i) =>
            ['1', '2'].flatMap((on) => {
              const instants = Array.from({ length: LAST + 2 - at }, (_, step) => at + step);
              const meets = (one: ConflictSide, other: ConflictSide) =>
                instants.some(
                  (when) => some.some((x) => allows(x, one, on, when)) && all.some((x) => allows(x, other, on, when)),
                );
              return meets(a, b) || meets(b, a) ? [[i, on]] : [];
            }),
          );
          expect(new Set(found.map(String))).toEqual(new Set(expected.map(String)));
          expect(found).toHaveLength(expected.length);
        },
      ),
      RUNS,
    );
  });
});

describe('the pairs of a catalogue', () => {
  const refused = { a: side('plain', 'a'), b: side('plain', 'b'), mode: 'refuse' as const };
  const names = { nl: 'Vier ogen', fr: 'Double contrôle', de: 'Vier Augen', en: 'Four eyes' };
  const reported = { a: side('plain', 'a'), b: side('other', 'z'), mode: 'report' as const, labels: names };
  const other = application('other', { dimensions: ['rights'], rights: [value('z')], conflicts: [reported] });
  const catalogue = new Map([
    ['plain', { ...plain, conflicts: [refused] }],
    ['other', other],
  ]);

  it('are found over all applications, or by what becomes of them', () => {
    expect(pairsIn(catalogue)).toEqual([refused, reported]);
    expect(pairsIn(catalogue, 'refuse')).toEqual([refused]);
  });

  it('are called by their two values, and by their own name where they have one', () => {
    expect(pairName(catalogue, refused)).toMatchObject({ nl: 'a + b', en: 'a + b' });
    expect(pairName(catalogue, reported)).toMatchObject({ fr: 'Double contrôle (a + z)' });
  });
});
