// What the form of a mandate says: for whom and on which account, which part, ticks, dates and how far it may be passed on.
// Read from a query or a posted body, written back as fields, so that a page without script loses nothing.
import type { Application, Dimension } from '../../applications/application.ts';
import type { Values } from '../../entitlements/box.ts';
import { normalizeValues } from '../../entitlements/normalize.ts';
import type { Mandate, MandateBox } from '../../mandates/find-mandate.ts';
import { dayOf, endOfDay, lastDayOf, startOfDay } from '../../web/days.ts';
import { fieldOf, fieldsOf } from '../rights/desk.ts';

export type MandateState = {
  /** The mandate that is changed, and the version that was read; absent: a new one. */
  readonly mandate?: string;
  readonly version?: number;
  readonly receiver: string;
  readonly account: string;
  /** The received mandate that a new one passes on. */
  readonly parent?: string;
  readonly application: string;
  /** Which of the mandate's parts; absent: a further one. */
  readonly part?: number;
  readonly ticks: Readonly<Partial<Record<Dimension, readonly string[]>>>;
  /** Days; empty: from now, without end. */
  readonly from: string;
  readonly until: string;
  readonly onward: number;
  /** The part is taken out. */
  readonly remove: boolean;
};

const SENT = 'edited';
const WHOLE = /^\d{1,9}$/;

export const carriesTicks = (source: unknown): boolean => fieldOf(source, SENT) !== '';

const numberIn = (source: unknown, name: string): number | undefined => {
  const text = fieldOf(source, name);
  return WHOLE.test(text) ? Number(text) : undefined;
};

/** `application`: of the part, once it is known. */
export function readMandateState(source: unknown, application?: Application): MandateState {
  const [mandate, parent] = [fieldOf(source, 'mandate').toLowerCase(), fieldOf(source, 'parent').toLowerCase()];
  const [version, part] = [numberIn(source, 'version'), numberIn(source, 'part')];
  return {
    ...(mandate === '' ? {} : { mandate }),
    ...(version === undefined ? {} : { version }),
    receiver: fieldOf(source, 'receiver').toLowerCase(),
    account: fieldOf(source, 'account').toLowerCase(),
    ...(parent === '' ? {} : { parent }),
    application: fieldOf(source, 'application'),
    ...(part === undefined ? {} : { part }),
    ticks: Object.fromEntries(
      (application?.dimensions ?? []).map((dimension) => [dimension, fieldsOf(source, dimension)]),
    ),
    from: fieldOf(source, 'from'),
    until: fieldOf(source, 'until'),
    onward: numberIn(source, 'onward') ?? 0,
    remove: fieldOf(source, 'remove') !== '',
  };
}

const listed = (values: Values | undefined): readonly string[] => (values === '*' ? ['*'] : (values ?? []));

/** The terms and the part as they stand, in place of what a bare address leaves open. */
export function filledFrom(
  state: MandateState,
  mandate: Mandate,
  box: MandateBox | undefined,
  timeZone: string,
): MandateState {
  return {
    ...state,
    version: mandate.version,
    ticks: Object.fromEntries(Object.entries(box?.values ?? {}).map(([name, values]) => [name, listed(values)])),
    from: mandate.validFrom === null ? '' : dayOf(mandate.validFrom, timeZone),
    until: mandate.validUntil === null ? '' : lastDayOf(mandate.validUntil, timeZone),
    onward: mandate.onward,
  };
}

/** Name and value of each field that carries the state. */
export const mandateFields = (state: MandateState): (readonly [name: string, value: string])[] => [
  [SENT, '1'],
  ...(['mandate', 'version', 'receiver', 'account', 'parent', 'application', 'part'] as const).flatMap((name) => {
    const value = state[name];
    return value === undefined || value === '' ? [] : [[name, String(value)] as const];
  }),
  ...Object.entries(state.ticks).flatMap(([dimension, values]) => values.map((value) => [dimension, value] as const)),
  ['from', state.from],
  ['until', state.until],
  ['onward', String(state.onward)],
  ...(state.remove ? [['remove', '1'] as const] : []),
];

export const boxFrom = (state: MandateState, application: Application): MandateBox => ({
  application: application.key,
  values: Object.fromEntries(
    application.dimensions.flatMap((dimension) => {
      const values = state.ticks[dimension] ?? [];
      return values.length === 0 ? [] : [[dimension, normalizeValues([...values])]];
    }),
  ),
});

export type Span = { readonly validFrom: Date | null; readonly validUntil: Date | null };

/** A day that was not touched keeps its exact instant. The names of the fields that hold no day otherwise. */
export function spanFrom(
  state: MandateState,
  stored: Mandate | undefined,
  { timeZone, now }: { readonly timeZone: string; readonly now: Date },
): { readonly span: Span; readonly issues?: never } | { readonly issues: ('from' | 'until')[]; readonly span?: never } {
  const before = stored && filledFrom(state, stored, undefined, timeZone);
  const issues: ('from' | 'until')[] = [];
  const read = (field: 'from' | 'until', of: (day: string, zone: string) => Date | undefined): Date | null => {
    if (stored && before?.[field] === state[field]) return field === 'from' ? stored.validFrom : stored.validUntil;
    if (state[field] === '') return null;
    const found = of(state[field], timeZone);
    if (!found) issues.push(field);
    return found ?? null;
  };
  const validFrom = read('from', startOfDay);
  const validUntil = read('until', endOfDay);
  if (issues.length > 0) return { issues };
  // What begins today begins now.
  const isPast = validFrom !== null && validFrom <= now && validFrom.getTime() !== stored?.validFrom?.getTime();
  return { span: { validFrom: isPast ? null : validFrom, validUntil } };
}
