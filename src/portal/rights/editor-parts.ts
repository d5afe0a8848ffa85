// What the editor's page is made of, whoever the gift is for: one holder, or several people at once.
import type { Application, Dimension } from '../../applications/application.ts';
import type { Entitlement } from '../../entitlements/box.ts';
import type { GivenEntitlement } from '../../entitlements/holder.ts';
import type { ceilingEnd } from './ceiling-end.ts';
import { editorLists, profileChoices, type Editing, type Item } from './editor-lists.ts';
import { fieldsFor } from './editor-state.ts';
import type { Fault } from './refusal-words.ts';

/** These have fields of their own on the page. */
const ON_THE_PAGE = ['profile', 'from', 'until', 'consent'];

/** Made once it is known where each value stands on the page. */
export type PlacedFaults = (idOf: (dimension: Dimension, value: string) => string | undefined) => readonly Fault[];

/** Locals of portal/rights/edit. `carried`: what travels in hidden fields. */
export function editorParts(editing: Editing, end: ReturnType<typeof ceilingEnd>, faults?: PlacedFaults) {
  const { state } = editing;
  const profiles = profileChoices(editing);
  const chosen = profiles.length === 0 || profiles.some((one) => one.chosen);
  // Profile first: without one there is nothing to say about a value.
  const { lists, kept } = chosen ? editorLists(editing) : { lists: [], kept: [] };
  const items = lists.flatMap(({ dimension, items: own, all }) =>
    [...own, ...(all ? [all] : [])].map((item) => ({ dimension, item })),
  );
  const ids = new Map(items.map(({ dimension, item }) => [`${dimension} ${item.value}`, item.id]));
  const errors = faults?.((dimension, value) => ids.get(`${dimension} ${value}`));
  const changed = (change: 'added' | 'removed') => items.filter(({ item }) => item.change === change).length;
  return {
    ...(errors && errors.length > 0 ? { errors } : {}),
    // The ticks have fields of their own on the page.
    carried: fieldsFor({
      ...state,
      ticks: chosen ? {} : state.ticks,
      fixed: [],
      kept: chosen ? kept : state.kept,
    }).filter(([name]) => !ON_THE_PAGE.includes(name)),
    profiles,
    lists,
    chosen,
    dates: { from: state.from, until: state.until, ...(end ? { latest: end.day, latestDate: end.until } : {}) },
    changes: { added: changed('added'), removed: changed('removed') },
  };
}

type Ticks = Readonly<Partial<Record<Dimension, readonly string[]>>>;
type Tickable = {
  readonly dimension: Dimension;
  readonly items: readonly Pick<Item, 'value' | 'locked' | 'held'>[];
};

/** "Select all" without script: what is ticked, and everything in the list that may be. */
export function tickAll(ticks: Ticks, { dimension, items }: Tickable): string[] {
  const free = items.flatMap(({ value, locked, held }) => (!locked || held ? [value] : []));
  return [...new Set([...(ticks[dimension] ?? []), ...free])];
}

/** An entitlement as the acts take it. */
export function givenFrom(
  application: Application,
  { customerAccount, values, validity, profile }: Entitlement,
): GivenEntitlement {
  const { from, until } = validity;
  return {
    application: application.key,
    customerAccountId: customerAccount,
    values,
    validFrom: from === null ? null : new Date(from),
    validUntil: until === null ? null : new Date(until),
    ...(profile === undefined ? {} : { profile }),
  };
}
