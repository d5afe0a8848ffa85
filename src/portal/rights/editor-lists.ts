// The editor's lists: each value free, mandatory, refused with its reason, or locked because it may not be taken away.
// A view of choices.ts, the function that a save refuses by; nothing is decided here.
import type { Application, ConflictSide, Dimension, Profile } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import { mayBeSeen } from '../../entitlements/acting-accounts.ts';
import { effectivePart, type Acting } from '../../entitlements/acting.ts';
import type { Entitlement } from '../../entitlements/box.ts';
import { choices, type Choice } from '../../entitlements/choices.ts';
import type { Apart, ApartValues } from '../../entitlements/separation-ahead.ts';
import { customerAccountNotFound } from '../../organizations/find-customer-account.ts';
import type { ErrorCode } from '../../errors.ts';
import { listChange } from './changes.ts';
import type { EditorState } from './editor-state.ts';
import type { Words } from './words.ts';

export type Item = {
  readonly id: string;
  readonly value: string;
  readonly label: string;
  /** What it means, or where it is. */
  readonly note?: string;
  readonly ticked: boolean;
  /** Cannot be ticked or unticked here. */
  readonly locked: boolean;
  /** Form field that carries the tick of a locked one. */
  readonly sent?: { readonly name: string; readonly value: string };
  readonly reason?: string;
  readonly code?: ErrorCode;
  /** With what it must not stand together, where that hangs on the dates or on what else is ticked. */
  readonly apart?: string;
  /** In the entitlement as it stands. */
  readonly held: boolean;
  readonly change?: 'added' | 'removed';
};

export type List = {
  readonly id: string;
  readonly dimension: Dimension;
  readonly label: string;
  readonly hint?: string;
  /** "All, also future ones"; absent where it is not his to give. */
  readonly all?: Item;
  readonly items: readonly Item[];
  readonly ticked: number;
};

type ProfileChoice = {
  readonly key: string;
  readonly label: string;
  readonly chosen: boolean;
  readonly held: boolean;
  readonly reason?: string;
  readonly code?: ErrorCode;
};

export type Editing = {
  readonly acting: Acting;
  readonly application: Application;
  readonly state: EditorState;
  readonly stored?: Entitlement;
  /** Nothing can be changed: the entitlement is only shown. */
  readonly readOnly: boolean;
  /** Nobody gives to himself: what he does not have yet is refused with this reason. */
  readonly self: boolean;
  /** What has effect may not be taken away. */
  readonly deactivateOnly: boolean;
  /** What cannot be held beside what is held already; absent where the receiver is not known. */
  readonly apart?: ApartValues;
  /** The receiver, in words. */
  readonly receiver?: { readonly kind: 'user' | 'group' | 'role'; readonly name: string };
  readonly words: Words;
};

/** Refusals that another profile would lift. */
const BY_PROFILE: readonly ErrorCode[] = ['not_applicable', 'profile_excludes'];

function choicesUnder(editing: Editing, profile: Profile | undefined): Choice[] {
  const { acting, application, state, self } = editing;
  const account = acting.snapshot.accounts.get(state.accountId);
  if (!account) throw customerAccountNotFound(state.accountId);
  const { attributes } = acting.snapshot.user.organization;
  const found = choices(
    { application, attributes, resources: account.resources, ...(profile ? { profile } : {}) },
    { customerAccount: account.id, ceiling: self ? [] : acting.ceiling },
  );
  return found.map((one): Choice => {
    if (self && one.code === 'grantor_lacks_right') return { ...one, code: 'self_assignment' };
    const stands = heldIn(editing.stored, one.dimension).includes(one.value);
    return one.state !== 'refused' && !stands && editing.apart?.get(`${one.dimension}:${one.value}`)?.when === 'always'
      ? { ...one, state: 'refused', code: 'separation_of_duties' }
      : one;
  });
}

/** `list:value` of what stands and has effect, where that may not be taken away. */
function bound({ acting, stored, deactivateOnly }: Editing): Set<string> {
  if (!deactivateOnly || !stored) return new Set();
  return new Set(
    effectivePart(acting, [stored]).flatMap(({ values }) =>
      Object.entries(values).flatMap(([dimension, list]) =>
        (list === '*' ? ['*'] : list).map((value) => `${dimension}:${value}`),
      ),
    ),
  );
}

const heldIn = (stored: Entitlement | undefined, dimension: Dimension): readonly string[] => {
  const values = stored?.values[dimension];
  return values === '*' ? ['*'] : (values ?? []);
};

export function profileChoices(editing: Editing): ProfileChoice[] {
  const { application, state, stored, readOnly, words } = editing;
  const held = bound(editing);
  return application.profiles.map((profile) => {
    const found = choicesUnder(editing, profile);
    const demanded = (one: Choice) =>
      one.dimension !== 'contracts' &&
      one.dimension !== 'billing_addresses' &&
      profile.cells[one.dimension]?.[one.value] === 'X';
    const own = profile.key === stored?.profile;
    const lacking = own ? undefined : found.find((one) => one.state === 'refused' && demanded(one))?.code;
    const loses = found.some(
      ({ dimension, value, code }) =>
        code !== undefined && BY_PROFILE.includes(code) && held.has(`${dimension}:${value}`),
    );
    const code = lacking ?? (loses ? 'revocation_off' : undefined);
    const shown = readOnly ? undefined : code;
    return {
      key: profile.key,
      label: label(profile.label, words.language),
      chosen: state.profile === profile.key && shown === undefined,
      held: own,
      ...(shown === undefined ? {} : { code: shown, reason: words.t(`reasons:${shown}`) }),
    };
  });
}

/** The lists in the application's order, and the ticks that the chosen profile puts aside. */
export function editorLists(editing: Editing): { lists: List[]; kept: string[] } {
  const { acting, application, state, stored, words } = editing;
  const profile = application.profiles.find(({ key }) => key === state.profile);
  const isSeen = mayBeSeen(acting, state.accountId, application.key);
  const found = Map.groupBy(
    choicesUnder(editing, profile).filter(
      ({ dimension, value }) => value === '*' || isSeen(dimension, value) || heldIn(stored, dimension).includes(value),
    ),
    ({ dimension }) => dimension,
  );
  const held = bound(editing);
  const kept: string[] = [];
  const lists = application.dimensions.map((dimension): List => {
    const shown = (found.get(dimension) ?? []).map((choice, index) => {
      const key = `${dimension}:${choice.value}`;
      const chosen = (state.ticks[dimension] ?? []).includes(choice.value) || state.kept.includes(key);
      if (chosen && choice.code !== undefined && BY_PROFILE.includes(choice.code)) kept.push(key);
      return itemOf(editing, choice, index, chosen, held.has(key));
    });
    const ticks = shown.filter(({ ticked }) => ticked).map(({ value }) => value);
    const after = ticks.includes('*') ? '*' : ticks;
    const before = heldIn(stored, dimension);
    const change = listChange(dimension, before.includes('*') ? '*' : before, after);
    const items = shown.map((item): Item => {
      if (change.added.includes(item.value)) return { ...item, change: 'added' };
      return change.removed.includes(item.value) ? { ...item, change: 'removed' } : item;
    });
    const all = items.find((item) => item.value === '*' && (!item.locked || item.held));
    const hint = application.hints?.[dimension];
    return {
      id: `list-${dimension}`,
      dimension,
      label: words.t(`rights:list.${dimension}`),
      items: items.filter(({ value }) => value !== '*'),
      ticked: items.filter((item) => item.ticked && item.value !== '*').length,
      ...(all === undefined ? {} : { all }),
      ...(hint === undefined ? {} : { hint: label(hint, words.language) }),
    };
  });
  return { lists, kept };
}

function itemOf(editing: Editing, choice: Choice, index: number, chosen: boolean, bound: boolean): Item {
  const { application, state, stored, readOnly, words } = editing;
  const { dimension, value, code } = choice;
  const held = heldIn(stored, dimension).includes(value);
  const note = noteOf(editing, dimension, value);
  const apart = code === 'separation_of_duties' ? undefined : apartOf(editing, dimension, value);
  const item = {
    id: `${dimension}-${index}`,
    value,
    label: words.valueOf(application, state.accountId, dimension, value),
    held,
    ...(note === undefined ? {} : { note }),
    ...(apart === undefined || readOnly ? {} : { apart }),
  };
  const because = (reason: ErrorCode) => ({ code: reason, reason: reasonOf(editing, choice, reason) });
  if (readOnly) {
    const lacks = code !== undefined && code !== 'profile_mandatory';
    return { ...item, ticked: held, locked: true, ...(lacks ? because(code) : {}) };
  }
  const own = { name: dimension, value };
  if (choice.state === 'mandatory') {
    const sent = chosen ? own : { name: 'fixed', value: `${dimension}:${value}` };
    return { ...item, ticked: true, locked: true, sent, ...because('profile_mandatory') };
  }
  if (choice.state === 'refused' && code !== undefined) {
    // What he has and could not be given today stays until somebody unticks it; no save can keep it.
    const removable = held && chosen && !BY_PROFILE.includes(code);
    return { ...item, ticked: removable, locked: !removable, ...because(code) };
  }
  if (held && bound) return { ...item, ticked: true, locked: true, sent: own, ...because('revocation_off') };
  return { ...item, ticked: chosen, locked: false };
}

function noteOf({ application, state, words }: Editing, dimension: Dimension, value: string): string | undefined {
  if (value === '*') return words.t('rights:all.note');
  if (dimension === 'contracts' || dimension === 'billing_addresses')
    return words.resourceOf(state.accountId, dimension, value)?.address || undefined;
  const means = application[dimension].find(({ key }) => key === value)?.means;
  return means && label(means, words.language);
}

/** With what a value must not stand: in the same form, or beside what is held already for some time. */
function apartOf({ application, apart, receiver, words }: Editing, dimension: Dimension, value: string) {
  const held = apart?.get(`${dimension}:${value}`);
  if (held && receiver) {
    const sentence = held.when === 'both' ? 'both' : 'dated';
    return words.t(`rights:apart.${sentence}_${receiver.kind}`, apartNames(held, receiver, words));
  }
  const is = (side: ConflictSide) =>
    side.application === application.key && side.dimension === dimension && side.value === value;
  const others = (application.conflicts ?? []).flatMap(({ a, b, mode }) => {
    const other = is(a) ? b : is(b) ? a : undefined;
    return mode === 'refuse' && other?.application === application.key ? [other] : [];
  });
  if (others.length === 0) return undefined;
  const named = others.map((other) => words.valueOf(application, '', other.dimension, other.value));
  return words.t('rights:apart.here', { others: named.join(', ') });
}

const apartNames = ({ between }: Apart, { name }: NonNullable<Editing['receiver']>, { language }: Words) => ({
  name,
  between: label(between, language),
});

/** A closed billing address has no contract to speak of. */
function reasonOf(editing: Editing, { dimension, value }: Choice, code: ErrorCode): string {
  const { acting, state, apart, receiver, words } = editing;
  const held = code === 'separation_of_duties' ? apart?.get(`${dimension}:${value}`) : undefined;
  if (held && receiver) return words.t(`rights:apart.held_${receiver.kind}`, apartNames(held, receiver, words));
  const isClosed = acting.snapshot.accounts
    .get(state.accountId)
    ?.resources.some((one) => one.kind === dimension && one.number === value && one.state === 'closed');
  return code === 'no_active_contract' && isClosed ? words.t(`rights:closed.${dimension}`) : words.t(`reasons:${code}`);
}
