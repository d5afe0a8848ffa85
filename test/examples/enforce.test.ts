// The rule of the example e-application: one element covers all of an act.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { coveringElement, explainRefusal, LISTS, type Act, type Element } from '../../examples/e-masspost/enforce.ts';

const NOW = 1_900_000_000_000;
const sales: Element = {
  identifier: '1',
  privileges: ['create_deposit'],
  products: ['letter'],
  billing_addresses: ['sales'],
};
const finance: Element = { ...sales, products: ['periodical'], billing_addresses: ['finance'] };
const everywhere: Element = { ...sales, products: ['prior'], billing_addresses: ['*'] };
const act = (products: string, billing_addresses: string, more: Partial<Act> = {}): Act => ({
  identifier: '1',
  privileges: 'create_deposit',
  products,
  billing_addresses,
  ...more,
});

describe('an act', () => {
  const cases: [string, boolean, Element[], Act][] = [
    ['whose values stand in one element is allowed', true, [sales, finance], act('periodical', 'finance')],
    ['whose values stand in two elements is refused', false, [sales, finance], act('letter', 'finance')],
    ['crossed the other way is refused too', false, [sales, finance], act('periodical', 'sales')],
    ['on any billing address is allowed by "*"', true, [everywhere], act('prior', 'wherever')],
    ['never borrows "*" from another element', false, [sales, everywhere], act('letter', 'wherever')],
    ['on an address that is itself "*" is refused', false, [everywhere], act('prior', '*')],
    ['takes "*" among products for no product', false, [{ ...sales, products: ['*'] }], act('letter', 'sales')],
    ['on another customer account is refused', false, [sales], act('letter', 'sales', { identifier: '2' })],
    ['by another right is refused', false, [sales], act('letter', 'sales', { privileges: 'view_prices' })],
    [
      'that leaves a list open is refused',
      false,
      [sales],
      { identifier: '1', privileges: 'create_deposit', products: 'letter' },
    ],
    ['that names a list the element lacks is refused', false, [sales], act('letter', 'sales', { contracts: 'c' })],
    ['by an element that has ended is refused', false, [{ ...sales, not_after: NOW / 1000 }], act('letter', 'sales')],
    ['a second before its end is allowed', true, [{ ...sales, not_after: NOW / 1000 + 1 }], act('letter', 'sales')],
    ['without any element is refused', false, [], act('letter', 'sales')],
  ];
  it.each(cases)('%s', (_, allowed, elements, asked) => {
    expect(coveringElement(elements, asked, NOW) !== undefined).toBe(allowed);
  });

  // The oracle writes every allowed combination out and looks the act up among them.
  const values = fc.subarray(['a', 'b', 'c'], { minLength: 0 });
  const anyElement: fc.Arbitrary<Element> = fc.record({
    identifier: fc.constantFrom('1', '2'),
    privileges: values,
    products: values,
    billing_addresses: fc.oneof(values, fc.constant(['*'])),
  });
  const oneOf = fc.constantFrom('a', 'b', 'c');
  const anyAct: fc.Arbitrary<Act> = fc.record({
    identifier: fc.constantFrom('1', '2'),
    privileges: oneOf,
    products: oneOf,
    billing_addresses: oneOf,
  });
  const combinations = ({ identifier, privileges, products, billing_addresses }: Element): string[] => {
    const addresses = billing_addresses?.includes('*') ? ['a', 'b', 'c'] : (billing_addresses ?? []);
    return (privileges ?? []).flatMap((right) =>
      (products ?? []).flatMap((product) => addresses.map((address) => [identifier, right, product, address].join())),
    );
  };

  it('is allowed exactly when it is one of the combinations that some element writes out', () => {
    fc.assert(
      fc.property(fc.array(anyElement, { maxLength: 5 }), anyAct, (elements, asked) => {
        const written = new Set(elements.flatMap(combinations));
        const wanted = [asked.identifier, asked.privileges, asked.products, asked.billing_addresses].join();
        expect(coveringElement(elements, asked, NOW) !== undefined).toBe(written.has(wanted));
      }),
      { numRuns: 500 },
    );
  });

  it('is never allowed by more elements together than by one of them alone', () => {
    fc.assert(
      fc.property(fc.array(anyElement, { maxLength: 5 }), anyAct, (elements, asked) => {
        const alone = elements.some((one) => coveringElement([one], asked, NOW) !== undefined);
        expect(coveringElement(elements, asked, NOW) !== undefined).toBe(alone);
      }),
      { numRuns: 300 },
    );
  });

  it('is refused with a reason for every element', () => {
    fc.assert(
      fc.property(fc.array(anyElement, { maxLength: 5 }), anyAct, (elements, asked) => {
        fc.pre(coveringElement(elements, asked, NOW) === undefined);
        const { elements: judged, heldNowhere } = explainRefusal(elements, asked, NOW);
        expect(judged).toHaveLength(elements.length);
        for (const { lacks } of judged) {
          expect(lacks.length).toBeGreaterThan(0);
          expect(lacks).toEqual(expect.arrayContaining([...heldNowhere]));
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a refusal', () => {
  it('tells values that are held nowhere from values that are never held together', () => {
    expect(explainRefusal([sales, finance], act('letter', 'finance'), NOW)).toMatchObject({
      heldNowhere: [],
      elements: [{ lacks: ['billing_addresses'] }, { lacks: ['products'] }],
    });
    expect(explainRefusal([sales, finance], act('kilopost', 'finance'), NOW).heldNowhere).toEqual(['products']);
  });

  it('leaves elements out that have ended', () => {
    expect(explainRefusal([{ ...sales, not_after: 1 }], act('letter', 'finance'), NOW).elements).toEqual([]);
  });

  it('knows every list that a token may carry', () => {
    expect(LISTS).toEqual(['privileges', 'products', 'borderels', 'contracts', 'billing_addresses']);
  });
});
