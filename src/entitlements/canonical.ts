// A digest of a union of boxes that is equal exactly when the unions allow the same combinations until the
// same ends, however they are cut into boxes. It is the digest of the reduced decision diagram in a fixed order of
// dimensions: per node what holds for every other value, and the values for which something else holds.
import { createHash } from 'node:crypto';
import { DIMENSIONS } from '../applications/application.ts';
import { and, buildAxis, firstCommon, hasBit, keyOf, setBit, wordsFor, type Axis } from './axis.ts';
import type { Box } from './box.ts';
import { endOf } from './validity.ts';

/** Either an end (what is allowed here ends then; -Infinity: nothing is allowed) or a choice of a value. */
type Reduced = { readonly end: number } | { readonly level: number; readonly rest: number; readonly cases: Case[] };
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
    return intern(`end ${end}`, () => ({ end }));
  };
  const all = new Uint32Array(wordsFor(boxes.length)).fill(0xffffffff);
  const visit = (level: number, alive: Uint32Array): number => {
    const axis = axes[level];
    if (axis === undefined) return endNode(firstCommon(alive, all));
    const place = String.fromCharCode(level) + keyOf(alive);
    const before = visited.get(place);
    if (before !== undefined) return before;
    const isLast = level === axes.length - 1;
    const below = axis.holders.map((holders) =>
      isLast ? endNode(firstCommon(alive, holders)) : visit(level + 1, and(alive, holders)),
    );
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
      if (!('level' in node) || node.level !== level) continue;
      for (const { classes } of node.cases) classes.forEach((word, i) => (telling[i] = (telling[i] as number) | word));
    }
    return [...axis.classOf].filter(([, value]) => hasBit(telling, value)).sort(([a], [b]) => (a < b ? -1 : 1));
  });
  const digests: string[] = [];
  for (const node of nodes) {
    const hash = createHash('sha256');
    if ('end' in node) hash.update(`end ${node.end}`);
    else {
      const values = named[node.level] as [string, number][];
      const cases = node.cases.map(({ below, classes }) => {
        const chosen = new Uint8Array((values.length + 7) >>> 3);
        values.forEach(([, value], i) => {
          if (hasBit(classes, value)) chosen[i >>> 3] = (chosen[i >>> 3] as number) | (1 << (i & 7));
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
