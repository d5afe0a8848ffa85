import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ALWAYS, type Box, type Values } from '../../src/entitlements/box.ts';
import { covers, coverage, equalUnions, missing } from '../../src/entitlements/covers.ts';
import { intersect, intersectUnion, withoutContained } from '../../src/entitlements/intersect.ts';
import { box, common, minus, points, samePoints, union } from './small-boxes.ts';

const make = (rights: Values, contracts: Values, more: Partial<Box> = {}): Box => ({
  application: 'app',
  customerAccount: 'acc',
  values: { rights, contracts },
  validity: ALWAYS,
  ...more,
});

describe('covers', () => {
  it('finds a box in the union of boxes that cut it across', () => {
    const halves = [make(['a'], ['1', '2']), make(['b'], ['1']), make(['b'], ['2'])];
    expect(covers(halves, make(['a', 'b'], ['1', '2']))).toBe(true);
    expect(covers(halves.slice(0, 2), make(['a', 'b'], ['1', '2']))).toBe(false);
  });

  it('does not take all known contracts for "*"', () => {
    const twelve = Array.from({ length: 12 }, (_, i) => `c${i + 10}`);
    expect(covers([make(['a'], twelve)], make(['a'], '*'))).toBe(false);
    expect(covers([make('*', '*')], make(['a'], twelve))).toBe(true);
  });

  it('joins "*" boxes that split another dimension', () => {
    expect(covers([make(['a'], '*'), make(['b'], '*')], make(['a', 'b'], '*'))).toBe(true);
  });

  it('is not helped by another application, customer account or list of dimensions', () => {
    const asked = make(['a'], ['1']);
    expect(covers([{ ...asked, application: 'other' }], asked)).toBe(false);
    expect(covers([{ ...asked, customerAccount: 'other' }], asked)).toBe(false);
    expect(covers([{ ...asked, values: { rights: '*' } }], asked)).toBe(false);
    expect(covers([{ ...asked, values: { rights: '*', contracts: '*', products: '*' } }], asked)).toBe(false);
  });

  it('treats a box without dimensions as one combination', () => {
    const bare: Box = { application: 'app', customerAccount: 'acc', values: {}, validity: ALWAYS };
    expect(covers([], bare)).toBe(false);
    expect(covers([bare], bare)).toBe(true);
    expect(missing([], bare)).toEqual([bare]);
  });

  it('joins spans of time that touch and leaves a gap uncovered', () => {
    const early = make(['a'], ['1'], { validity: { from: null, until: 5 } });
    const late = make(['a'], ['1'], { validity: { from: 5, until: null } });
    expect(covers([early, late], make(['a'], ['1']))).toBe(true);
    const later = { ...late, validity: { from: 6, until: null } };
    expect(missing([early, later], make(['a'], ['1']))).toEqual([
      make(['a'], ['1'], { validity: { from: 5, until: 6 } }),
    ]);
  });

  it('names what is missing in few boxes', () => {
    const held = [make(['a', 'b', 'c'], ['1', '2']), make(['a'], ['3', '4'])];
    expect(missing(held, make(['a', 'b', 'c'], ['1', '2', '3', '4']))).toEqual([make(['b', 'c'], ['3', '4'])]);
    expect(missing([make(['a'], ['1', '2'])], make(['a'], '*'))).toEqual([make(['a'], '*')]);
  });

  it('agrees with enumeration', () => {
    fc.assert(
      fc.property(union, box, (boxes, asked) => {
        const held = points(boxes);
        expect(covers(boxes, asked)).toBe([...points([asked])].every((point) => held.has(point)));
      }),
      { numRuns: 1500 },
    );
  });

  it('reports as missing exactly the uncovered points, disjoint, where no "*" is asked', () => {
    const listed = box.filter((b) => Object.values(b.values).every((v) => v !== '*'));
    fc.assert(
      fc.property(union, listed, (boxes, asked) => {
        const lack = missing(boxes, asked);
        const sizes = lack.reduce((sum, part) => sum + points([part]).size, 0);
        const expected = minus(points([asked]), points(boxes));
        expect(points(lack)).toEqual(expected);
        expect(sizes).toBe(expected.size);
      }),
      { numRuns: 700 },
    );
  });

  it('reports as missing a part that any limit covers exactly when it covers the true difference', () => {
    fc.assert(
      fc.property(union, box, union, (boxes, asked, limit) => {
        const lack = missing(boxes, asked);
        const truth = minus(points([asked]), points(boxes));
        const held = points(limit);
        expect(lack.length === 0).toBe(truth.size === 0);
        expect(minus(points(lack), points([asked])).size).toBe(0);
        expect(minus(truth, points(lack)).size).toBe(0);
        expect(lack.every((part) => covers(limit, part))).toBe(minus(truth, held).size === 0);
      }),
      { numRuns: 700 },
    );
  });

  it('answers many questions from one preparation as it answers each alone', () => {
    fc.assert(
      fc.property(union, fc.array(box, { maxLength: 8 }), (boxes, asked) => {
        const prepared = coverage(boxes);
        expect(asked.map((b) => prepared.covers(b))).toEqual(asked.map((b) => covers(boxes, b)));
      }),
      { numRuns: 300 },
    );
  });

  it('calls unions equal when they allow the same, however cut', () => {
    fc.assert(
      fc.property(union, union, (a, b) => {
        const same = samePoints(a, b);
        expect(equalUnions(a, b)).toBe(same);
        expect(equalUnions(a, [...a, ...a.slice(0, 1)].reverse())).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('intersect', () => {
  it('keeps exactly the common points', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        const both = intersect(a, b);
        expect(points(both === null ? [] : [both])).toEqual(common(points([a]), points([b])));
      }),
      { numRuns: 700 },
    );
  });

  it('cuts an entitlement by a union, keeps its profile and leaves no piece inside another', () => {
    fc.assert(
      fc.property(box, union, (a, limit) => {
        const pieces = intersectUnion({ ...a, profile: 'p' }, limit);
        expect(points(pieces)).toEqual(common(points([a]), points(limit)));
        expect(pieces.every((piece) => piece.profile === 'p')).toBe(true);
        expect(withoutContained(pieces)).toEqual(pieces);
      }),
      { numRuns: 500 },
    );
  });
});
