// The boxes of one union that have one application, customer account and list of dimensions, as a decision diagram that
// is built only where it is asked: a node is the set of boxes still alive after some dimensions are fixed.
//
// Why "*" needs no list of known values: whatever box holds "*" holds every value, so each value is held by at
// least the boxes that hold a value nobody has named yet. If that fresh value (class 0) is covered, all are.
import { DIMENSIONS, type Dimension } from '../applications/application.ts';
import {
  and,
  andInto,
  buildAxis,
  classesByBox,
  forEachBit,
  isSubset,
  keyOf,
  meets,
  orInto,
  setBit,
  wordsFor,
  type Axis,
} from './axis.ts';
import type { Box, Values } from './box.ts';
import { endOf, span, startOf } from './validity.ts';

type Node = {
  readonly alive: Uint32Array;
  readonly children: (Node | undefined)[];
  /** Last level only: the classes that some living box holds. */
  held?: Uint32Array;
  /** The question this node was last asked in, and its answer there. */
  asked: number;
  covered: boolean;
};

/** A question in the union's own terms: per level the classes that its values fall into. */
type Question = {
  readonly number: number;
  readonly classes: readonly (readonly number[])[];
  readonly last: Uint32Array;
  /** level -> boxes that hold all that is asked from this level on. */
  readonly wholeFrom: readonly Uint32Array[];
};

const isEmpty = (set: Uint32Array): boolean => set.every((word) => word === 0);

type Part = Readonly<Partial<Record<Dimension, Values>>>;
/** What is missing below a node; one object per distinct content, so that equal ones can be grouped. */
type Lack = { readonly parts: readonly Part[] };
const NO_LACK: Lack = { parts: [] };

/** Asked boxes must have the dimensions of `shape` and allow something. */
export class UnionDiagram {
  readonly #boxes: readonly Box[];
  readonly #axes: readonly Axis[];
  readonly #nodes = new Map<string, Node>();
  /** Instants at which the living boxes change, ascending; #aliveAt[i] holds in [#instants[i], #instants[i + 1]). */
  readonly #instants: readonly number[];
  readonly #aliveAt: readonly Uint32Array[];
  #lastByBox: readonly Uint32Array[] | undefined;
  #questions = 0;

  constructor(boxes: readonly Box[], shape: Box) {
    this.#boxes = boxes;
    // Few classes first: the diagram stays narrow, and the longest dimension is answered in bulk at the end.
    this.#axes = DIMENSIONS.filter((dimension) => shape.values[dimension] !== undefined)
      .map((dimension) => buildAxis(boxes, dimension))
      .sort((a, b) => a.holders.length - b.holders.length);
    const bounds = boxes.flatMap((box) => [startOf(box.validity), endOf(box.validity)]);
    this.#instants = [...new Set([-Infinity, ...bounds])].sort((a, b) => (a < b ? -1 : 1));
    const words = wordsFor(boxes.length);
    const position = new Map(this.#instants.map((instant, i) => [instant, i]));
    const aliveAt = this.#instants.map(() => new Uint32Array(words));
    boxes.forEach((box, i) => {
      const end = position.get(endOf(box.validity)) as number;
      for (let at = position.get(startOf(box.validity)) as number; at < end; at++)
        setBit(aliveAt[at] as Uint32Array, i);
    });
    this.#aliveAt = aliveAt;
  }

  covers(box: Box): boolean {
    const question = this.#ask(box);
    const [start, end] = [startOf(box.validity), endOf(box.validity)];
    // Boxes that last as long as the question are usually enough, and spare the cut at every end date.
    const lasting = new Uint32Array(wordsFor(this.#boxes.length));
    this.#boxes.forEach((held, i) => {
      if (startOf(held.validity) <= start && endOf(held.validity) >= end) setBit(lasting, i);
    });
    if (this.#coveredAt(this.#node(0, lasting), 0, question)) return true;
    return this.#hardest(this.#segments(start, end)).every((i) =>
      this.#coveredAt(this.#node(0, this.#aliveAt[i] as Uint32Array), 0, question),
    );
  }

  missing(box: Box): Box[] {
    const question = this.#ask(box);
    const known = new Map<Node, Lack>();
    const interned = new Map<string, Lack>();
    const numbers = new Map<Lack, number>();
    const members = this.#axes.map((axis) => groupByClass(axis, box.values[axis.dimension] as Values));

    const intern = (key: string, make: () => Part[]): Lack => {
      let lack = interned.get(key);
      if (lack === undefined) {
        lack = { parts: make() };
        numbers.set(lack, interned.size);
        interned.set(key, lack);
      }
      return lack;
    };
    const lackAt = (node: Node, level: number): Lack => {
      if (this.#coveredAt(node, level, question)) return NO_LACK;
      const before = known.get(node);
      if (before !== undefined) return before;
      const axis = this.#axes[level];
      if (axis === undefined) return intern('all', () => [{}]);
      // Classes below which the same is missing become one list of values.
      const groups = new Map<Lack, string[] | '*'>();
      for (const [value, values] of members[level] as Map<number, Values>) {
        const below = lackAt(this.#child(node, level, value), level + 1);
        if (below === NO_LACK) continue;
        const sofar = groups.get(below) ?? [];
        groups.set(below, values === '*' || sofar === '*' ? '*' : sofar.concat(values));
      }
      const parts = [...groups].map(
        ([below, values]) => [below, values === '*' ? values : [...values].sort()] as const,
      );
      const key = JSON.stringify([level, parts.map(([below, values]) => [numbers.get(below), values])]);
      const lack = intern(key, () =>
        parts.flatMap(([below, values]) => below.parts.map((part) => ({ [axis.dimension]: values, ...part }))),
      );
      known.set(node, lack);
      return lack;
    };

    const [start, end] = [startOf(box.validity), endOf(box.validity)];
    const runs: { lack: Lack; start: number; end: number }[] = [];
    for (const i of this.#segments(start, end)) {
      const lack = lackAt(this.#node(0, this.#aliveAt[i] as Uint32Array), 0);
      const from = Math.max(start, this.#instants[i] as number);
      const until = Math.min(end, this.#instants[i + 1] ?? Infinity);
      const last = runs.at(-1);
      if (last !== undefined && last.lack === lack) last.end = until;
      else runs.push({ lack, start: from, end: until });
    }
    return runs.flatMap((run) =>
      run.lack.parts.map((part) => ({
        application: box.application,
        customerAccount: box.customerAccount,
        values: part,
        validity: span(run.start, run.end),
      })),
    );
  }

  /** Indexes of the stretches of time that [start, end) meets. */
  #segments(start: number, end: number): number[] {
    const out: number[] = [];
    for (let i = 0; i < this.#instants.length; i++) {
      if ((this.#instants[i] as number) < end && start < (this.#instants[i + 1] ?? Infinity)) out.push(i);
    }
    return out;
  }

  /** Without those at whose edge boxes only end or only begin: what is covered with fewer boxes is covered with more. */
  #hardest(segments: readonly number[]): number[] {
    const alive = (i: number): Uint32Array => this.#aliveAt[i] as Uint32Array;
    return segments.filter((i, at) => {
      const next = segments[at + 1];
      const previous = segments[at - 1];
      if (next !== undefined && isSubset(alive(next), alive(i))) return false;
      return previous === undefined || !isSubset(alive(previous), alive(i));
    });
  }

  #ask(box: Box): Question {
    const classes = this.#axes.map((axis) => classesOf(axis, box.values[axis.dimension] as Values));
    const depth = this.#axes.length;
    const wholeFrom: Uint32Array[] = new Array<Uint32Array>(depth + 1);
    wholeFrom[depth] = new Uint32Array(wordsFor(this.#boxes.length)).fill(0xffffffff);
    for (let level = depth - 1; level >= 0; level--) {
      const whole = (wholeFrom[level + 1] as Uint32Array).slice();
      for (const value of classes[level] as number[]) andInto(whole, this.#holders(level, value));
      wholeFrom[level] = whole;
    }
    const last = new Uint32Array(wordsFor(this.#axes.at(-1)?.holders.length ?? 0));
    for (const value of classes.at(-1) ?? []) setBit(last, value);
    return { number: ++this.#questions, classes, last, wholeFrom };
  }

  #coveredAt(node: Node, level: number, question: Question): boolean {
    if (node.asked === question.number) return node.covered;
    node.asked = question.number;
    node.covered =
      meets(node.alive, question.wholeFrom[level] as Uint32Array) || this.#coveredByMany(node, level, question);
    return node.covered;
  }

  #coveredByMany(node: Node, level: number, question: Question): boolean {
    if (level >= this.#axes.length || isEmpty(node.alive)) return false;
    if (level === this.#axes.length - 1) {
      const held = (node.held ??= this.#heldBy(node));
      return isSubset(question.last, held);
    }
    return (question.classes[level] as readonly number[]).every((value) =>
      this.#coveredAt(this.#child(node, level, value), level + 1, question),
    );
  }

  #heldBy(node: Node): Uint32Array {
    this.#lastByBox ??= classesByBox(this.#axes.at(-1) as Axis, this.#boxes.length);
    const lists = this.#lastByBox;
    const held = new Uint32Array(wordsFor(this.#axes.at(-1)?.holders.length ?? 0));
    forEachBit(node.alive, (box) => orInto(held, lists[box] as Uint32Array));
    return held;
  }

  #child(node: Node, level: number, value: number): Node {
    return (node.children[value] ??= this.#node(level + 1, and(node.alive, this.#holders(level, value))));
  }

  #node(level: number, alive: Uint32Array): Node {
    const key = String.fromCharCode(level) + keyOf(alive);
    let node = this.#nodes.get(key);
    if (node === undefined) {
      node = { alive, children: [], asked: 0, covered: false };
      this.#nodes.set(key, node);
    }
    return node;
  }

  #holders(level: number, value: number): Uint32Array {
    return (this.#axes[level] as Axis).holders[value] as Uint32Array;
  }
}

function classesOf(axis: Axis, values: Values): number[] {
  if (values === '*') return [0];
  const seen = new Uint8Array(axis.holders.length);
  const classes: number[] = [];
  for (const value of values) {
    const found = axis.classOf.get(value) ?? 0;
    if (seen[found] === 1) continue;
    seen[found] = 1;
    classes.push(found);
  }
  return classes;
}

function groupByClass(axis: Axis, values: Values): Map<number, Values> {
  if (values === '*') return new Map([[0, '*']]);
  return Map.groupBy(values, (value) => axis.classOf.get(value) ?? 0);
}
