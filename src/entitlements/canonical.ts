// A digest of a union of boxes that is equal exactly when the unions allow the same combinations until the
// same ends, however they are cut into boxes. It is the digest of the reduced decision diagram in a fixed order of
// dimensions: per node what holds for every other value, and the values for which something else holds.
import { createHash, type Hash } from 'node:crypto';
import { DIMENSIONS, type Dimension } from '../applications/application.ts';
import { and, buildAxis, firstCommon, forEachBit, hasBit, keyOf, orInto, setBit, wordsFor, type Axis } from './axis.ts';
import type { Box } from './box.ts';
import { endOf } from './validity.ts';

/** A choice of a value; or the last list, where each value has its end. */
type Reduced =
  | { readonly level: number; readonly rest: number; readonly cases: readonly Case[] }
  | { readonly rest: number; readonly ends: readonly Case[] };
/** `below`: number of a node, or an end. `chosen`: classes of the level's axis, or places in the last list. */
type Case = { readonly below: number; readonly chosen: Uint32Array };

/** What is allowed until then; -Infinity: nothing is. */
const NOTHING = -Infinity;

/** Unlike a difference also right for two infinities. */
const compareNumbers = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);
const bytesOf = (set: Uint32Array): Uint8Array => new Uint8Array(set.buffer, set.byteOffset, set.byteLength);

/**
 * base64url SHA-256. All boxes must have one application, customer account and list of dimensions and be valid at
 * the moment asked: the future of a combination is then its latest end, and starts do not count.
 */
export function canonicalDigest(boxes: readonly Box[]): string {
  // Latest end first: of the boxes that hold a combination the lowest index tells its end.
  const sorted = [...boxes].sort((a, b) => compareNumbers(endOf(b.validity), endOf(a.validity)));
  const dimensions = DIMENSIONS.filter((dimension) => sorted[0]?.values[dimension] !== undefined);
  const last = dimensions.pop();
  const end = sorted[0] === undefined ? NOTHING : endOf(sorted[0].validity);
  if (last === undefined) return createHash('sha256').update(`end ${end}`).digest('base64url');
  return new Diagram(sorted, dimensions, last).digest();
}

class Diagram {
  readonly #boxes: readonly Box[];
  readonly #axes: readonly Axis[];
  readonly #dimensions: readonly Dimension[];
  /** All values that the last list names, sorted; and which of them each box holds (null: "*"). */
  readonly #lastValues: readonly string[];
  readonly #lastByBox: readonly (Uint32Array | null)[];
  readonly #nodes: Reduced[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #visited = new Map<string, number>();

  constructor(boxes: readonly Box[], dimensions: readonly Dimension[], last: Dimension) {
    this.#boxes = boxes;
    this.#dimensions = [...dimensions, last];
    this.#axes = dimensions.map((dimension) => buildAxis(boxes, dimension));
    const named = new Set<string>();
    for (const box of boxes) {
      const values = box.values[last];
      if (values !== '*') values?.forEach((value) => named.add(value));
    }
    this.#lastValues = [...named].sort();
    const places = new Map(this.#lastValues.map((value, i) => [value, i]));
    this.#lastByBox = boxes.map((box) => {
      const values = box.values[last] ?? [];
      if (values === '*') return null;
      const held = new Uint32Array(wordsFor(places.size));
      for (const value of values) setBit(held, places.get(value) as number);
      return held;
    });
  }

  digest(): string {
    const all = new Uint32Array(wordsFor(this.#boxes.length));
    this.#boxes.forEach((_, i) => setBit(all, i));
    const root = this.#visit(0, all);
    const named = this.#axes.map((axis, level) => this.#tellingValues(axis, level));
    const places = this.#tellingPlaces();
    const digests: string[] = [];
    for (const node of this.#nodes) {
      const hash = createHash('sha256');
      if ('ends' in node) this.#hashEnds(hash, node, places);
      else this.#hashChoice(hash, node, named[node.level] as [string, number][], digests);
      digests.push(hash.digest('base64url'));
    }
    const lists = [
      ...named.map((values) => values.map(([value]) => value)),
      places === null ? this.#lastValues : places.map((place) => this.#lastValues[place]),
    ];
    return createHash('sha256')
      .update(JSON.stringify([digests[root], this.#dimensions, lists]))
      .digest('base64url');
  }

  #visit(level: number, alive: Uint32Array): number {
    const place = String.fromCharCode(level) + keyOf(alive);
    const before = this.#visited.get(place);
    if (before !== undefined) return before;
    const axis = this.#axes[level];
    const number = axis === undefined ? this.#ends(alive) : this.#choice(level, axis, alive);
    this.#visited.set(place, number);
    return number;
  }

  #choice(level: number, axis: Axis, alive: Uint32Array): number {
    const below = axis.holders.map((holders) => this.#visit(level + 1, and(alive, holders)));
    const rest = below[0] as number;
    const cases = new Map<number, Uint32Array>();
    below.forEach((child, value) => {
      if (child === rest) return;
      let chosen = cases.get(child);
      if (chosen === undefined) cases.set(child, (chosen = new Uint32Array(wordsFor(below.length))));
      setBit(chosen, value);
    });
    const ordered = [...cases].map(([child, chosen]) => ({ below: child, chosen })).sort((a, b) => a.below - b.below);
    const key = `${level} ${rest} ${ordered.map((one) => `${one.below} ${keyOf(one.chosen)}`).join(' ')}`;
    return this.#intern(key, () => ({ level, rest, cases: ordered }));
  }

  #ends(alive: Uint32Array): number {
    const words = wordsFor(this.#lastValues.length);
    const open = new Uint32Array(words);
    this.#lastValues.forEach((_, i) => setBit(open, i));
    const ends: Case[] = [];
    let rest = NOTHING;
    const left = alive.slice();
    for (let box = firstCommon(left, alive); box >= 0; box = firstCommon(left, alive)) {
      left[box >>> 5] = (left[box >>> 5] as number) & ~(1 << (box & 31));
      const list = this.#lastByBox[box] as Uint32Array | null;
      const end = endOf((this.#boxes[box] as Box).validity);
      // From here on every value that is still open, named or not, has this end.
      if (list === null) {
        rest = end;
        break;
      }
      let found = ends.at(-1);
      let any = 0;
      for (let i = 0; i < words; i++) any |= (list[i] as number) & (open[i] as number);
      if (any === 0) continue;
      if (found?.below !== end) ends.push((found = { below: end, chosen: new Uint32Array(words) }));
      for (let i = 0; i < words; i++) {
        found.chosen[i] = (found.chosen[i] as number) | ((list[i] as number) & (open[i] as number));
        open[i] = (open[i] as number) & ~(list[i] as number);
      }
    }
    // The same end as all others have is no case of its own.
    if (ends.at(-1)?.below === rest) ends.pop();
    const key = ends.map(({ below, chosen }) => `${below} ${Buffer.from(chosen.buffer).toString('latin1')}`).join();
    return this.#intern(`ends ${rest} ${key}`, () => ({ rest, ends }));
  }

  #intern(key: string, make: () => Reduced): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#nodes.push(make()) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  /** Only values that make a difference somewhere are named: one that a redundant box mentions must leave no trace. */
  #tellingValues(axis: Axis, level: number): [string, number][] {
    const telling = new Uint32Array(wordsFor(axis.holders.length));
    for (const node of this.#nodes) {
      if ('level' in node && node.level === level) for (const { chosen } of node.cases) orInto(telling, chosen);
    }
    return [...axis.classOf].filter(([, value]) => hasBit(telling, value)).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The same for the last list; null where all are telling. */
  #tellingPlaces(): number[] | null {
    const telling = new Uint32Array(wordsFor(this.#lastValues.length));
    for (const node of this.#nodes) if ('ends' in node) for (const { chosen } of node.ends) orInto(telling, chosen);
    const places: number[] = [];
    forEachBit(telling, (place) => places.push(place));
    return places.length === this.#lastValues.length ? null : places;
  }

  #hashEnds(hash: Hash, node: { rest: number; ends: readonly Case[] }, places: readonly number[] | null): void {
    hash.update(`ends ${node.rest}`);
    for (const { below, chosen } of node.ends) {
      hash.update(` ${below} `);
      hash.update(bytesOf(places === null ? chosen : pick(chosen, places)));
    }
  }

  #hashChoice(
    hash: Hash,
    node: { rest: number; level: number; cases: readonly Case[] },
    values: readonly [string, number][],
    digests: readonly string[],
  ): void {
    const classes = values.map(([, value]) => value);
    const cases = node.cases.map(({ below, chosen }) => {
      const picked = Buffer.from(bytesOf(pick(chosen, classes))).toString('base64url');
      return `${digests[below]} ${picked}`;
    });
    hash.update(JSON.stringify([node.level, digests[node.rest], cases.sort()]));
  }
}

/** The bits at these places, side by side. */
function pick(set: Uint32Array, places: readonly number[]): Uint32Array {
  const out = new Uint32Array(wordsFor(places.length));
  places.forEach((place, i) => {
    if (hasBit(set, place)) setBit(out, i);
  });
  return out;
}
