// A digest of a union of boxes that is equal exactly when the unions allow the same combinations until the
// same ends, however they are cut into boxes. It is the digest of the reduced decision diagram in a fixed order of
// dimensions: per node what holds for every other value, and the values for which something else holds.
import { createHash } from 'node:crypto';
import { DIMENSIONS } from '../applications/application.ts';
import {
  and,
  buildAxis,
  classesByBox,
  firstCommon,
  forEachBit,
  hasBit,
  keyOf,
  orInto,
  setBit,
  wordsFor,
  type Axis,
} from './axis.ts';
import type { Box } from './box.ts';
import { endOf } from './validity.ts';

/** Either an end (what is allowed here ends then; -Infinity: nothing is allowed) or a choice of a value. */
type Reduced =
  | { readonly kind: 'end'; readonly end: number }
  | { readonly kind: 'choice'; readonly level: number; readonly rest: number; readonly cases: readonly Case[] }
  /** The last list: class -> number of the end node. */
  | { readonly kind: 'row'; readonly ends: Uint32Array };
type Case = { readonly below: number; readonly classes: Uint32Array };

/**
 * base64url SHA-256. All boxes must have one application, customer account and list of dimensions and be valid at
 * the moment asked: the future of a combination is then its latest end, and starts do not count.
 */
export function canonicalDigest(boxes: readonly Box[]): string {
  // Latest end first: of the boxes that hold a combination the lowest index tells its end.
  const sorted = [...boxes].sort((a, b) => compareNumbers(endOf(b.validity), endOf(a.validity)));
  const axes = DIMENSIONS.filter((dimension) => sorted[0]?.values[dimension] !== undefined).map((dimension) =>
    buildAxis(sorted, dimension),
  );
  return digestOf(reduce(sorted, axes), axes);
}

/** Unlike a difference also right for two infinities. */
const compareNumbers = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

function reduce(boxes: readonly Box[], axes: readonly Axis[]): { nodes: Reduced[]; root: number } {
  const nodes: Reduced[] = [];
  const numbers = new Map<string, number>();
  const visited = new Map<string, number>();
  const intern = (key: string, make: () => Reduced): number => {
    let number = numbers.get(key);
    if (number === undefined) {
      number = nodes.push(make()) - 1;
      numbers.set(key, number);
    }
    return number;
  };
  const endNode = (index: number): number => {
    const box = boxes[index];
    const end = box === undefined ? -Infinity : endOf(box.validity);
    return intern(`end ${end}`, () => ({ kind: 'end', end }));
  };
  const all = new Uint32Array(wordsFor(boxes.length)).fill(0xffffffff);
  const last = axes.at(-1);
  const lists = last === undefined ? [] : classesByBox(last, boxes.length);
  /** Boxes come latest end first, so a class belongs to the first box that holds it. */
  const rowOf = (alive: Uint32Array): number => {
    const open = new Uint32Array(wordsFor(last?.holders.length ?? 0)).fill(0xffffffff);
    const ends = new Uint32Array(last?.holders.length ?? 0).fill(endNode(-1));
    forEachBit(alive, (box) => {
      const end = endNode(box);
      const fresh = and(lists[box] as Uint32Array, open);
      forEachBit(fresh, (value) => (ends[value] = end));
      for (let i = 0; i < open.length; i++) open[i] = (open[i] as number) & ~(fresh[i] as number);
    });
    return intern(`row ${Buffer.from(ends.buffer).toString('latin1')}`, () => ({ kind: 'row', ends }));
  };
  const visit = (level: number, alive: Uint32Array): number => {
    const axis = axes[level];
    if (axis === undefined) return endNode(firstCommon(alive, all));
    const place = String.fromCharCode(level) + keyOf(alive);
    const before = visited.get(place);
    if (before !== undefined) return before;
    if (level === axes.length - 1) {
      const row = rowOf(alive);
      visited.set(place, row);
      return row;
    }
    const below = axis.holders.map((holders) => visit(level + 1, and(alive, holders)));
    const rest = below[0] as number;
    const cases = new Map<number, Uint32Array>();
    below.forEach((child, value) => {
      if (child === rest) return;
      let classes = cases.get(child);
      if (classes === undefined) cases.set(child, (classes = new Uint32Array(wordsFor(below.length))));
      setBit(classes, value);
    });
    const ordered = [...cases].sort(([a], [b]) => a - b);
    const key = `${level} ${rest} ${ordered.map(([child, classes]) => `${child} ${keyOf(classes)}`).join(' ')}`;
    const number = intern(key, () => ({
      kind: 'choice',
      level,
      rest,
      cases: ordered.map(([child, classes]) => ({ below: child, classes })),
    }));
    visited.set(place, number);
    return number;
  };
  const start = new Uint32Array(wordsFor(boxes.length));
  boxes.forEach((_, i) => setBit(start, i));
  return { nodes, root: visit(0, start) };
}

function digestOf({ nodes, root }: { nodes: readonly Reduced[]; root: number }, axes: readonly Axis[]): string {
  // Only values that make a difference somewhere are named: a value that a redundant box mentions must leave no trace.
  const named = axes.map((axis, level) => {
    const telling = new Uint32Array(wordsFor(axis.holders.length));
    for (const node of nodes) {
      if (node.kind === 'choice' && node.level === level) {
        for (const { classes } of node.cases) orInto(telling, classes);
      } else if (node.kind === 'row' && level === axes.length - 1) {
        for (let value = 1; value < node.ends.length; value++) {
          if (node.ends[value] !== node.ends[0]) setBit(telling, value);
        }
      }
    }
    return [...axis.classOf].filter(([, value]) => hasBit(telling, value)).sort(([a], [b]) => (a < b ? -1 : 1));
  });
  // level -> class -> places of its values in the named list.
  const places = named.map((values, level) => {
    const out = Array.from({ length: axes[level]?.holders.length ?? 0 }, (): number[] => []);
    values.forEach(([, value], i) => out[value]?.push(i));
    return out;
  });
  const lastNamed = (named.at(-1) ?? []).map(([, value]) => value);
  const digests: string[] = [];
  for (const node of nodes) {
    const hash = createHash('sha256');
    if (node.kind === 'end') hash.update(`end ${node.end}`);
    else if (node.kind === 'row') {
      const rest = node.ends[0] as number;
      // Ends are numbered by first appearance, which the sorted values decide.
      const order = new Map([[rest, 0]]);
      const row = new Uint32Array(lastNamed.length);
      let before = rest;
      let place = 0;
      for (let i = 0; i < row.length; i++) {
        const end = node.ends[lastNamed[i] as number] as number;
        if (end !== before) {
          before = end;
          place = order.get(end) ?? order.size;
          order.set(end, place);
        }
        row[i] = place;
      }
      hash.update(JSON.stringify([...order.keys()].map((end) => digests[end])));
      hash.update(new Uint8Array(row.buffer));
    } else {
      const placesOf = places[node.level] as number[][];
      const size = ((named[node.level] as unknown[]).length + 7) >>> 3;
      const cases = node.cases.map(({ below, classes }) => {
        const chosen = new Uint8Array(size);
        forEachBit(classes, (value) => {
          for (const i of placesOf[value] as number[]) chosen[i >>> 3] = (chosen[i >>> 3] as number) | (1 << (i & 7));
        });
        return `${digests[below]} ${Buffer.from(chosen).toString('base64url')}`;
      });
      hash.update(JSON.stringify([node.level, digests[node.rest], cases.sort()]));
    }
    digests.push(hash.digest('base64url'));
  }
  const lists = axes.map((axis, level) => [axis.dimension, ...(named[level] as [string, number][]).map(([v]) => v)]);
  return createHash('sha256')
    .update(JSON.stringify([digests[root] ?? null, lists]))
    .digest('base64url');
}
