// What the editor's form says: which entitlement is edited, profile, ticks, dates. Read from a query or a posted body,
// or from the entitlement as it stands; written back as form fields, so that a page without script loses nothing.
import type { Application, Dimension } from '../../applications/application.ts';
import type { Box, Entitlement, Values } from '../../entitlements/box.ts';
import { normalizeBox } from '../../entitlements/normalize.ts';
import { dayOf, endOfDay, lastDayOf, startOfDay } from '../../web/days.ts';
import { fieldOf, fieldsOf } from './desk.ts';

export type EditorState = {
  readonly accountId: string;
  /** The assignment that is edited: its id is its version, since assignments are only ever ended. Absent: a new one. */
  readonly assignmentId?: string;
  readonly profile?: string;
  /** As ticked; "*" among them is "all, also future ones". */
  readonly ticks: Readonly<Partial<Record<Dimension, readonly string[]>>>;
  /** `list:value`: ticked because the profile demands it, not by a person; forgotten when the profile changes. */
  readonly fixed: readonly string[];
  /** `list:value`: ticks that the chosen profile refuses, kept for when another is chosen. */
  readonly kept: readonly string[];
  /** Days; empty: from now, without end. */
  readonly from: string;
  readonly until: string;
  readonly consent: boolean;
  /** The request that a save answers. */
  readonly request?: { readonly id: string; readonly inPart: boolean; readonly answer: string };
};

const SENT = 'edited';

/** True when the source carries ticks, and is not just the address of an entitlement. */
export const carriesState = (source: unknown): boolean => fieldOf(source, SENT) !== '';

export function readState(source: unknown, application: Application): EditorState {
  const assignmentId = fieldOf(source, 'assignment');
  const profile = fieldOf(source, 'profile');
  const request = fieldOf(source, 'request').toLowerCase();
  return {
    accountId: fieldOf(source, 'account').toLowerCase(),
    ...(assignmentId === '' ? {} : { assignmentId: assignmentId.toLowerCase() }),
    ...(profile === '' ? {} : { profile }),
    ticks: Object.fromEntries(application.dimensions.map((dimension) => [dimension, fieldsOf(source, dimension)])),
    fixed: fieldsOf(source, 'fixed'),
    kept: fieldsOf(source, 'kept'),
    from: fieldOf(source, 'from'),
    until: fieldOf(source, 'until'),
    consent: fieldOf(source, 'consent') !== '',
    ...(request === ''
      ? {}
      : { request: { id: request, inPart: fieldOf(source, 'in_part') !== '', answer: fieldOf(source, 'answer') } }),
  };
}

const listed = (values: Values | undefined): readonly string[] => (values === '*' ? ['*'] : (values ?? []));

export function stateOf(entitlement: Entitlement, timeZone: string, assignment?: { readonly id: string }): EditorState {
  const { from, until } = entitlement.validity;
  return {
    accountId: entitlement.customerAccount,
    ...(assignment ? { assignmentId: assignment.id } : {}),
    ...(entitlement.profile === undefined ? {} : { profile: entitlement.profile }),
    ticks: Object.fromEntries(
      Object.entries(entitlement.values).map(([dimension, values]) => [dimension, listed(values)]),
    ),
    fixed: [],
    kept: [],
    from: from === null ? '' : dayOf(from, timeZone),
    until: until === null ? '' : lastDayOf(until, timeZone),
    consent: false,
  };
}

/** Name and value of each field that carries the state. */
export function fieldsFor(state: EditorState): (readonly [name: string, value: string])[] {
  return [
    [SENT, '1'],
    ['account', state.accountId],
    ...(state.assignmentId === undefined ? [] : [['assignment', state.assignmentId] as const]),
    ...(state.profile === undefined ? [] : [['profile', state.profile] as const]),
    ...Object.entries(state.ticks).flatMap(([dimension, values]) => values.map((value) => [dimension, value] as const)),
    ...state.fixed.map((one) => ['fixed', one] as const),
    ...state.kept.map((one) => ['kept', one] as const),
    ['from', state.from],
    ['until', state.until],
    ...(state.consent ? [['consent', '1'] as const] : []),
    ...(state.request
      ? [
          ['request', state.request.id] as const,
          ...(state.request.inPart ? [['in_part', '1'] as const] : []),
          ['answer', state.request.answer] as const,
        ]
      : []),
  ];
}

export const queryOf = (state: EditorState): string =>
  new URLSearchParams(fieldsFor(state).map(([name, value]) => [name, value])).toString();

/** All that is ticked, by hand or by the profile. */
export const ticked = (state: EditorState, dimension: Dimension): string[] => [
  ...new Set([
    ...(state.ticks[dimension] ?? []),
    ...state.fixed.flatMap((one) => (one.startsWith(`${dimension}:`) ? [one.slice(dimension.length + 1)] : [])),
  ]),
];

export type Issue = 'from' | 'until';

/**
 * The entitlement that the form means, in normal form, or which date is none. A day that was not touched keeps its exact
 * instant, and one on which the actor's own rights end means that end.
 */
export function entitlementOf(
  state: EditorState,
  application: Application,
  around: {
    readonly stored?: Entitlement;
    readonly ceiling: readonly Box[];
    readonly timeZone: string;
    readonly now: Date;
  },
): { entitlement: Entitlement; issues?: never } | { issues: Issue[]; entitlement?: never } {
  const { stored, timeZone, now } = around;
  const before = stored && stateOf(stored, timeZone);
  const issues: Issue[] = [];
  const instant = (field: Issue, read: () => Date | undefined): number | null => {
    const day = state[field];
    if (stored && before?.[field] === day) return stored.validity[field];
    if (day === '') return null;
    const found = read();
    if (!found) issues.push(field);
    return found?.getTime() ?? null;
  };
  const from = instant('from', () => startOfDay(state.from, timeZone));
  const until = instant('until', () => {
    const ends = around.ceiling.flatMap(({ validity }) =>
      validity.until !== null && lastDayOf(validity.until, timeZone) === state.until ? [validity.until] : [],
    );
    return ends.length > 0 ? new Date(Math.min(...ends)) : endOfDay(state.until, timeZone);
  });
  if (issues.length > 0) return { issues };
  // What begins today begins now.
  const begins = from !== null && from <= now.getTime() && from !== stored?.validity.from ? null : from;
  return {
    entitlement: normalizeBox({
      application: application.key,
      customerAccount: state.accountId,
      values: Object.fromEntries(
        application.dimensions.flatMap((dimension) => {
          const values = ticked(state, dimension);
          return values.length === 0 ? [] : [[dimension, values]];
        }),
      ),
      validity: { from: begins, until },
      ...(state.profile === undefined ? {} : { profile: state.profile }),
    }),
  };
}
