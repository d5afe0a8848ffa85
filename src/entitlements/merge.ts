// Fewer boxes for the same rights: boxes that lie inside another go, and boxes that differ in one dimension become
// one. Exact at every step; the result depends on the boxes, not on their order.
import { DIMENSIONS, type Dimension } from '../applications/application.ts';
import type { Box, Values } from './box.ts';
import { withoutContained } from './intersect.ts';
import { sortedUnique } from './normalize.ts';
import { endOf } from './validity.ts';

/**
 * All boxes must be valid now: starts are dropped, and of two boxes one inside the other goes only if it ends no later.
 * Boxes are merged only where customer account, dimensions and end agree.
 */
export function mergeBoxes(boxes: readonly Box[]): Box[] {
  const order = new ContentOrder();
  const start = boxes.map((box) => ({ ...box, validity: { from: null, until: box.validity.until } }));
  let current = withoutContained(order.sort(start));
  for (let before = -1; before !== current.length;) {
    before = current.length;
    for (const dimension of DIMENSIONS) {
      const groups = Map.groupBy(current, (box) => order.key(box, dimension));
      if (groups.size < current.length) current = [...groups.values()].map((group) => join(group, dimension));
    }
    if (current.length < before) current = withoutContained(current);
  }
  return order.sort(current);
}

function join(group: readonly Box[], dimension: Dimension): Box {
  const first = group[0] as Box;
  if (group.length === 1 || first.values[dimension] === undefined) return first;
  const lists = group.map((box) => box.values[dimension] ?? []);
  const joined: Values = lists.includes('*') ? '*' : sortedUnique(lists.flatMap((list) => [...list]));
  return { ...first, values: { ...first.values, [dimension]: joined } };
}

/** Compares boxes by content, so that two processes emit the same bytes. Each list is written out once and has a number. */
class ContentOrder {
  readonly #numbers = new Map<string, number>();
  readonly #lists = new WeakMap<readonly string[], { number: number; text: string }>();

  sort(boxes: readonly Box[]): Box[] {
    return [...boxes].sort((a, b) => this.#compare(a, b));
  }

  /** Equal for boxes that are equal but for one dimension. */
  key(box: Box, except: Dimension): string {
    const lists = DIMENSIONS.map((one) => (one === except ? null : this.#written(box.values[one]).number));
    return JSON.stringify([box.application, box.customerAccount, box.validity.until, ...lists]);
  }

  #compare(a: Box, b: Box): number {
    const places: [string, string][] = [
      [a.application, b.application],
      [a.customerAccount, b.customerAccount],
    ];
    for (const [left, right] of places) if (left !== right) return left < right ? -1 : 1;
    for (const dimension of DIMENSIONS) {
      const left = this.#written(a.values[dimension]);
      const right = this.#written(b.values[dimension]);
      if (left.number !== right.number) return left.text < right.text ? -1 : 1;
    }
    const [left, right] = [endOf(a.validity), endOf(b.validity)];
    return left === right ? 0 : left < right ? -1 : 1;
  }

  #written(values: Values | undefined): { number: number; text: string } {
    if (values === undefined) return { number: -1, text: '' };
    if (values === '*') return { number: -2, text: '*' };
    let written = this.#lists.get(values);
    if (written === undefined) {
      const text = JSON.stringify(values);
      const number = this.#numbers.get(text) ?? this.#numbers.size;
      this.#numbers.set(text, number);
      written = { number, text };
      this.#lists.set(values, written);
    }
    return written;
  }
}
