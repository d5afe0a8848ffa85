// Is a box inside a union of boxes, combination by combination and instant by instant? Exact: no sampling, no
// shortcut per dimension. The questions; union-diagram.ts answers them.
import { DIMENSIONS } from '../applications/application.ts';
import type { Box } from './box.ts';
import { UnionDiagram } from './union-diagram.ts';
import { endOf, startOf } from './validity.ts';

/** A union prepared for many questions. */
export type Coverage = {
  covers(box: Box): boolean;
  /** See `missing`. */
  missing(box: Box): Box[];
};

const shapeOf = (box: Box): string =>
  JSON.stringify([box.application, box.customerAccount, ...DIMENSIONS.filter((d) => box.values[d] !== undefined)]);

/** Prepares a union: ask it many times where there are many boxes to check. */
export function coverage(union: readonly Box[]): Coverage {
  const groups = Map.groupBy(union, shapeOf);
  const prepared = new Map<string, UnionDiagram>();
  const diagramFor = (box: Box): UnionDiagram => {
    const shape = shapeOf(box);
    let diagram = prepared.get(shape);
    if (diagram === undefined) {
      diagram = new UnionDiagram(groups.get(shape) ?? [], box);
      prepared.set(shape, diagram);
    }
    return diagram;
  };
  const isVoid = (box: Box): boolean =>
    startOf(box.validity) >= endOf(box.validity) || DIMENSIONS.some((d) => box.values[d]?.length === 0);
  return {
    covers: (box) => isVoid(box) || diagramFor(box).covers(box),
    missing: (box) => (isVoid(box) ? [] : diagramFor(box).missing(box)),
  };
}

/**
 * True when every combination of the box is in the union at every instant of its validity. Boxes of another
 * application, customer account or list of dimensions never help. A box that allows nothing is covered.
 */
export function covers(union: readonly Box[], box: Box): boolean {
  return coverage(union).covers(box);
}

/**
 * The part of the box outside the union, as disjoint boxes; empty exactly when `covers` says true. A `"*"` of the box stays
 * `"*"` where values to come are not covered, even if the union holds some values by name: what is lacking there is the
 * "all, now and later" itself, and a union covers this answer exactly when it covers the true difference.
 */
export function missing(union: readonly Box[], box: Box): Box[] {
  return coverage(union).missing(box);
}

/** True when both allow the same, however they are cut into boxes. */
export function equalUnions(a: readonly Box[], b: readonly Box[]): boolean {
  const [inA, inB] = [coverage(a), coverage(b)];
  return a.every((box) => inB.covers(box)) && b.every((box) => inA.covers(box));
}
