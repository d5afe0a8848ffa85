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
  const lists = new Map<string, number>();
  const numberOf = (values: Values): number => {
    const key = values === '*' ? '*' : JSON.stringify(values);
    let number = lists.get(key);
    if (number === undefined) lists.set(key, (number = lists.size));
    return number;
  };
  // Lists are compared by number: one string per list, made once.
  const numbered = new WeakMap<readonly string[], number>();
  const listNumber = (values: Values | undefined): number => {
    if (values === undefined) return -1;
    if (values === '*') return numberOf(values);
    let number = numbered.get(values);
    if (number === undefined) numbered.set(values, (number = numberOf(values)));
    return number;
  };
  const key = (box: Box, except?: Dimension): string =>
    JSON.stringify([
      box.application,
      box.customerAccount,
      endOf(box.validity),
      ...DIMENSIONS.map((dimension) => (dimension === except ? null : listNumber(box.values[dimension]))),
    ]);

  let current = withoutContained(
    ordered(boxes.map((box) => ({ ...box, validity: { from: null, until: box.validity.until } }))),
  );
  for (let before = -1; before !== current.length;) {
    before = current.length;
    for (const dimension of DIMENSIONS) {
      const groups = Map.groupBy(current, (box) => key(box, dimension));
      if (groups.size === current.length) continue;
      current = [...groups.values()].map((group) => join(group, dimension));
    }
  }
  return ordered(withoutContained(current));
}

function join(group: readonly Box[], dimension: Dimension): Box {
  const first = group[0] as Box;
  if (group.length === 1 || first.values[dimension] === undefined) return first;
  const lists = group.map((box) => box.values[dimension] ?? []);
  const joined: Values = lists.includes('*') ? '*' : sortedUnique(lists.flatMap((list) => [...list]));
  return { ...first, values: { ...first.values, [dimension]: joined } };
}

/** By content, so that two processes emit the same bytes. */
function ordered(boxes: readonly Box[]): Box[] {
  return boxes
    .map((box) => {
      const lists = DIMENSIONS.map((dimension) => box.values[dimension] ?? null);
      return { box, text: JSON.stringify([box.application, box.customerAccount, lists, box.validity.until]) };
    })
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ box }) => box);
}
