// The lists of a mandate's editor. A mandate is a limit: in every list "all, also future ones" may stand, profiles and
// minimums do not apply. What the giver does not hold himself is greyed with that reason, and what stands beyond it stays.
import type { Application, Dimension } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import { mayBeSeen } from '../../entitlements/acting-accounts.ts';
import type { Acting } from '../../entitlements/acting.ts';
import type { Box } from '../../entitlements/box.ts';
import { isFixed } from '../../entitlements/value-rule.ts';
import type { MandateBox } from '../../mandates/find-mandate.ts';
import { listChange } from '../rights/changes.ts';
import type { Item, List } from '../rights/editor-lists.ts';
import type { Words } from '../rights/words.ts';
import type { MandateState } from './mandate-state.ts';

export type MandateEditing = {
  readonly acting: Acting;
  readonly application: Application;
  readonly state: MandateState;
  readonly accountId: string;
  /** The part as it stands. */
  readonly stored: MandateBox | undefined;
  /** Each must hold a value for it to be given (see mandateCeiling). */
  readonly ceilings: readonly (readonly Box[])[];
  readonly words: Words;
};

const heldIn = (stored: MandateBox | undefined, dimension: Dimension): readonly string[] => {
  const values = stored?.values[dimension];
  return values === '*' ? ['*'] : (values ?? []);
};

function valuesOf({ acting, application, accountId, stored }: MandateEditing, dimension: Dimension): string[] {
  const held = heldIn(stored, dimension);
  if (isFixed(dimension)) {
    return application[dimension]
      .filter(({ key, retired, placeholder }) => held.includes(key) || (!retired && !placeholder))
      .map(({ key }) => key);
  }
  const isSeen = mayBeSeen(acting, accountId, application.key);
  const resources = acting.snapshot.accounts.get(accountId)?.resources ?? [];
  return resources
    .filter(({ kind, number, state }) => kind === dimension && (held.includes(number) || state === 'active'))
    .filter(({ number }) => held.includes(number) || isSeen(dimension, number))
    .map(({ number }) => number);
}

/** Whether the whole box is covered is for the save to say: here each value is looked at alone. */
function givable({ ceilings }: MandateEditing, dimension: Dimension): (value: string) => boolean {
  const each = ceilings.map((boxes) => {
    const lists = boxes.map(({ values }) => values[dimension]);
    const named = new Set(lists.flatMap((list) => (list === '*' ? [] : (list ?? []))));
    return { all: lists.includes('*'), named };
  });
  return (value) => each.every(({ all, named }) => all || (value !== '*' && named.has(value)));
}

export function mandateLists(editing: MandateEditing): List[] {
  const { application, accountId, state, stored, words } = editing;
  return application.dimensions.map((dimension): List => {
    const may = givable(editing, dimension);
    const held = heldIn(stored, dimension);
    const chosen = state.ticks[dimension] ?? [];
    const before = held.includes('*') ? '*' : held;
    const change = listChange(dimension, before, chosen.includes('*') ? '*' : chosen);
    const itemOf = (value: string, index: number): Item => {
      const locked = !may(value);
      const ticked = locked ? held.includes(value) : chosen.includes(value);
      const note = noteOf(editing, dimension, value);
      const changed = change.added.includes(value) ? 'added' : change.removed.includes(value) ? 'removed' : undefined;
      return {
        id: `${dimension}-${index}`,
        value,
        label: words.valueOf(application, accountId, dimension, value),
        ...(note === undefined ? {} : { note }),
        held: held.includes(value),
        ticked,
        locked,
        ...(locked ? { code: 'grantor_lacks_right', reason: words.t('reasons:grantor_lacks_right') } : {}),
        ...(locked && ticked ? { sent: { name: dimension, value } } : {}),
        ...(changed === undefined || locked ? {} : { change: changed }),
      };
    };
    const all = itemOf('*', 0);
    const items = valuesOf(editing, dimension).map((value, index) => itemOf(value, index + 1));
    return {
      id: `list-${dimension}`,
      dimension,
      label: words.t(`rights:list.${dimension}`),
      items,
      ticked: items.filter(({ ticked }) => ticked).length,
      ...(all.locked && !all.held ? {} : { all }),
    };
  });
}

function noteOf({ application, accountId, words }: MandateEditing, dimension: Dimension, value: string) {
  if (value === '*') return words.t('rights:all.note');
  if (!isFixed(dimension)) return words.resourceOf(accountId, dimension, value)?.address || undefined;
  const means = application[dimension].find(({ key }) => key === value)?.means;
  return means && label(means, words.language);
}
