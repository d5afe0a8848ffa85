// One dimension of a union of boxes, its values grouped into classes: two values are in one class when
// the same boxes hold them, so that a computation meets each kind of value once. Sets of boxes are
// bitsets. Class 0 stands for every value that no box names, the ones still to come included: only "*" holds it.
import type { Dimension } from '../applications/application.ts';
import type { Box } from './box.ts';

export type Axis = {
  readonly dimension: Dimension;
  /** A value that is absent here is in class 0. */
  readonly classOf: ReadonlyMap<string, number>;
  /** class -> the boxes that hold its values. */
  readonly holders: readonly Uint32Array[];
};

export const wordsFor = (bits: number): number => (bits + 31) >>> 5;

export function setBit(set: Uint32Array, bit: number): void {
  set[bit >>> 5] = (set[bit >>> 5] as number) | (1 << (bit & 31));
}

export function hasBit(set: Uint32Array, bit: number): boolean {
  return (((set[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
}

export function and(a: Uint32Array, b: Uint32Array): Uint32Array {
  const out = new Uint32Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = (a[i] as number) & (b[i] as number);
  return out;
}

export function andInto(target: Uint32Array, other: Uint32Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) & (other[i] as number);
}

export function meets(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) if (((a[i] as number) & (b[i] as number)) !== 0) return true;
  return false;
}

/** The lowest bit of a AND b, or -1. */
export function firstCommon(a: Uint32Array, b: Uint32Array): number {
  for (let i = 0; i < a.length; i++) {
    const word = (a[i] as number) & (b[i] as number);
    if (word !== 0) return (i << 5) + 31 - Math.clz32(word & -word);
  }
  return -1;
}

/** A map key that is equal exactly when the sets are. */
export function keyOf(set: Uint32Array): string {
  let key = '';
  for (const word of set) key += String.fromCharCode(word & 0xffff, word >>> 16);
  return key;
}

/** Every box must have the dimension. Time is linear in the number of values written in the boxes. */
export function buildAxis(boxes: readonly Box[], dimension: Dimension): Axis {
  const words = wordsFor(boxes.length);
  const indexOf = new Map<string, number>();
  const classAt: number[] = [];
  const lastBox: number[] = [];
  const everywhere = new Uint32Array(words);
  boxes.forEach((box, i) => {
    if (box.values[dimension] === '*') setBit(everywhere, i);
  });
  const holders = [everywhere];
  const size = [Infinity];
  // Per class, while one box is read: how many of its values the box holds, and the class they move to. Arrays, since
  // this is the one loop over all values of all boxes.
  const met: number[] = [0];
  const movesTo: number[] = [0];
  boxes.forEach((box, i) => {
    const values = box.values[dimension];
    if (values === '*' || values === undefined) return;
    const touched: number[] = [];
    const classes: number[] = [];
    for (const value of values) {
      let index = indexOf.get(value);
      if (index === undefined) {
        index = classAt.length;
        indexOf.set(value, index);
        classAt.push(0);
        lastBox.push(-1);
      }
      if (lastBox[index] === i) continue;
      lastBox[index] = i;
      touched.push(index);
      const old = classAt[index] as number;
      if (met[old] === 0) classes.push(old);
      met[old] = (met[old] as number) + 1;
    }
    // Refine: a class that lies wholly in this box only learns of it, any other is split in two.
    for (const old of classes) {
      const moved = met[old] as number;
      const before = holders[old] as Uint32Array;
      met[old] = 0;
      movesTo[old] = old;
      if (moved === size[old]) {
        setBit(before, i);
        continue;
      }
      const held = before.slice();
      setBit(held, i);
      movesTo[old] = holders.length;
      holders.push(held);
      size[old] = (size[old] as number) - moved;
      size.push(moved);
      met.push(0);
      movesTo.push(0);
    }
    for (const index of touched) classAt[index] = movesTo[classAt[index] as number] as number;
  });
  const classOf = new Map<string, number>();
  for (const [value, index] of indexOf) classOf.set(value, classAt[index] as number);
  return { dimension, classOf, holders };
}

/** box -> the classes of its values: `holders` turned round. */
export function classesByBox(axis: Axis, boxes: number): Uint32Array[] {
  const words = wordsFor(axis.holders.length);
  const out = Array.from({ length: boxes }, () => new Uint32Array(words));
  axis.holders.forEach((holders, value) => forEachBit(holders, (box) => setBit(out[box] as Uint32Array, value)));
  return out;
}

export function forEachBit(set: Uint32Array, visit: (bit: number) => void): void {
  for (let i = 0; i < set.length; i++) {
    for (let word = set[i] as number; word !== 0; word &= word - 1) visit((i << 5) + 31 - Math.clz32(word & -word));
  }
}

export function orInto(target: Uint32Array, other: Uint32Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) | (other[i] as number);
}

export function isSubset(inner: Uint32Array, outer: Uint32Array): boolean {
  for (let i = 0; i < inner.length; i++) if (((inner[i] as number) & ~(outer[i] as number)) !== 0) return false;
  return true;
}
