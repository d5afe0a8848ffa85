import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Application } from '../../src/applications/application.ts';
import type { Entitlement } from '../../src/entitlements/box.ts';
import { normalizeBox } from '../../src/entitlements/normalize.ts';
import { isSame, rebased } from '../../src/portal/rights/changes.ts';
import { plain } from '../entitlements/applications.ts';

describe('changes laid on top of another version', () => {
  const application: Application = plain;
  const entitlement = fc
    .record({
      rights: fc.subarray(['a', 'b', 'c']),
      contracts: fc.oneof(fc.subarray(['1', '2', '3']), fc.constant('*' as const)),
      until: fc.constantFrom(null, 1, 2),
    })
    .map(({ until, ...values }): Entitlement =>
      normalizeBox({ application: 'plain', customerAccount: 'x', values, validity: { from: null, until } }),
    );

  it('are exactly mine where nobody else changed anything, and exactly theirs where I did not', () => {
    fc.assert(
      fc.property(entitlement, entitlement, (base, other) => {
        expect(isSame(application, rebased(application, base, other, base), other)).toBe(true);
        expect(isSame(application, rebased(application, base, base, other), other)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('keep what each of us added and drop what either of us removed', () => {
    const lists = fc.record({ rights: fc.subarray(['a', 'b', 'c', 'd']), contracts: fc.constant(['1']) });
    const of = (values: Entitlement['values']): Entitlement =>
      normalizeBox({ application: 'plain', customerAccount: 'x', values, validity: { from: null, until: null } });
    fc.assert(
      fc.property(lists, lists, lists, (base, mine, theirs) => {
        const found = rebased(application, of(base), of(mine), of(theirs)).values.rights ?? [];
        for (const value of ['a', 'b', 'c', 'd']) {
          const [was, own, now] = [base, mine, theirs].map(({ rights }) => rights.includes(value));
          expect(found.includes(value)).toBe(was ? own === true && now === true : own === true || now === true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
