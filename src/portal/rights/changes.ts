// What differs between an entitlement as it stands and as a form has it: list by list, and as a whole. Also how one
// person's changes are laid on top of another's.
import type { Application, Dimension } from '../../applications/application.ts';
import type { Entitlement, Values } from '../../entitlements/box.ts';
import { normalizeValues } from '../../entitlements/normalize.ts';

type ListChange = {
  readonly dimension: Dimension;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
};

/** Where "all, also future ones" comes or goes, that is the one change: what is ticked by name beside it is not news. */
export function listChange(dimension: Dimension, before: Values, after: Values): ListChange {
  if (before === '*' || after === '*') {
    const named = before === '*' ? after : before;
    return {
      dimension,
      added: before === '*' ? [] : ['*'],
      removed: after === '*' ? [] : ['*'],
      unchanged: named === '*' ? ['*'] : named,
      ...(before === after ? { added: [], removed: [] } : {}),
    };
  }
  return {
    dimension,
    added: after.filter((value) => !before.includes(value)),
    removed: before.filter((value) => !after.includes(value)),
    unchanged: after.filter((value) => before.includes(value)),
  };
}

const valuesOf = (entitlement: Pick<Entitlement, 'values'> | undefined, dimension: Dimension): Values =>
  normalizeValues(entitlement?.values[dimension] ?? []);

export const listChanges = (
  application: Application,
  before: Entitlement | undefined,
  after: Pick<Entitlement, 'values'>,
): ListChange[] =>
  application.dimensions.map((dimension) =>
    listChange(dimension, valuesOf(before, dimension), valuesOf(after, dimension)),
  );

/** True when saving would change nothing at all. Both in normal form. */
export function isSame(application: Application, a: Entitlement, b: Entitlement): boolean {
  return (
    a.profile === b.profile &&
    a.customerAccount === b.customerAccount &&
    a.validity.from === b.validity.from &&
    a.validity.until === b.validity.until &&
    listChanges(application, a, b).every(({ added, removed }) => added.length + removed.length === 0)
  );
}

/** What I changed since `base`, laid on top of what stands now. */
export function rebased(
  application: Application,
  base: Entitlement,
  mine: Entitlement,
  theirs: Entitlement,
): Entitlement {
  const values = application.dimensions.flatMap((dimension) => {
    const [was, own, now] = [base, mine, theirs].map((one) => valuesOf(one, dimension)) as [Values, Values, Values];
    const change = listChange(dimension, was, own);
    if (change.added.length + change.removed.length === 0) return [[dimension, now] as const];
    if (own === '*' || was === '*') return [[dimension, own] as const];
    if (now === '*') return [[dimension, now] as const];
    const kept = now.filter((value) => !change.removed.includes(value));
    return [[dimension, normalizeValues([...kept, ...change.added])] as const];
  });
  return {
    ...theirs,
    values: Object.fromEntries(values),
    validity: {
      from: mine.validity.from === base.validity.from ? theirs.validity.from : mine.validity.from,
      until: mine.validity.until === base.validity.until ? theirs.validity.until : mine.validity.until,
    },
    ...(mine.profile === undefined || mine.profile === base.profile ? {} : { profile: mine.profile }),
  };
}
