// A refusal of the domain as the lines of an error summary: each reason in words, with the value, list or field that it
// speaks of, and what the actor does not hold himself named.
import type { Application, Dimension } from '../../applications/application.ts';
import type { Reason } from '../../entitlements/accept.ts';
import type { Box } from '../../entitlements/box.ts';
import type { Gain } from '../../entitlements/giving.ts';
import { HubError, type ErrorCode } from '../../errors.ts';
import { togetherFaults } from '../../web/refusal.ts';
import type { Issue } from './editor-state.ts';
import type { Words } from './words.ts';

export type Fault = {
  readonly key: string;
  readonly values?: Readonly<Record<string, unknown>>;
  /** Id of what it speaks of. */
  readonly field?: string;
};

/** No page, or not the visitor's doing: these are answered by error pages. */
const NOT_OURS: readonly ErrorCode[] = ['not_found', 'unavailable', 'throttled', 'invalid_credentials'];
const MOST_NAMED = 5;

/** Throws what is no refusal. */
export function asRefusal(error: unknown): HubError {
  if (error instanceof HubError && !NOT_OURS.includes(error.code)) return error;
  throw error;
}

export const issueFaults = (issues: readonly Issue[]): Fault[] =>
  issues.map((field) => ({ key: 'rights:fault.no_day', field }));

/** `idOf`: where on the page a value stands; `own`: what the domain says of the boxes that are missing. */
export function faultsOf(
  refusal: HubError,
  words: Words,
  place?: {
    readonly application: Application;
    readonly accountId: string;
    readonly idOf: (dimension: Dimension, value: string) => string | undefined;
  },
): Fault[] {
  const { details } = refusal;
  const reasons = (details['reasons'] ?? []) as Reason[];
  if (place && reasons.length > 0) {
    // In the order in which the lists stand on the page.
    const order = ({ dimension }: Reason): number =>
      dimension === undefined ? -1 : place.application.dimensions.indexOf(dimension);
    return reasons.toSorted((a, b) => order(a) - order(b)).map((reason) => reasonFault(reason, words, place));
  }
  const missing = ((details['missing'] ?? []) as Gain[]).flatMap(({ boxes }) => boxes);
  return [summaryOf(refusal), ...togetherFaults(details), ...missingFaults(missing, words)];
}

function summaryOf({ code, details }: HubError): Fault {
  const [issue] = (details['issues'] ?? []) as { path?: string }[];
  if (issue?.path === 'validUntil') return { key: 'rights:fault.until', field: 'until' };
  if (code === 'outlasts_ceiling') return { key: 'reasons:outlasts_ceiling', field: 'until' };
  if (code === 'profile_conflict' || code === 'profile_required') return { key: `reasons:${code}`, field: 'profile' };
  if (code === 'group_not_opened') return { key: 'rights:fault.consent', field: 'consent' };
  return { key: `reasons:${code}` };
}

/** Box by box what is lacking; the combination is what counts, so it is named as one. */
export function missingFaults(missing: readonly Box[], words: Words): Fault[] {
  const named = missing.slice(0, MOST_NAMED).map((box): Fault => ({
    key: 'rights:fault.missing',
    values: { box: words.sentence(box), account: words.accountOf(box.customerAccount).title },
  }));
  const more = missing.length - named.length;
  return more > 0 ? [...named, { key: 'rights:fault.missing_more', values: { count: more } }] : named;
}

function reasonFault(
  { code, dimension, value }: Reason,
  words: Words,
  { application, accountId, idOf }: NonNullable<Parameters<typeof faultsOf>[2]>,
): Fault {
  if (dimension === undefined) return { key: `reasons:${code}`, field: 'profile' };
  const list = words.t(`rights:list.${dimension}`);
  if (code === 'minimum_missing') {
    const count = Math.max(1, application.minimum[dimension] ?? 1);
    return { key: 'rights:fault.minimum', values: { list, count }, field: `list-${dimension}` };
  }
  if (value === undefined) return { key: `reasons:${code}`, field: `list-${dimension}` };
  const shown = words.valueOf(application, accountId, dimension, value);
  return {
    key: 'rights:fault.value',
    values: { value: shown, reason: words.t(`reasons:${code}`) },
    field: idOf(dimension, value) ?? `list-${dimension}`,
  };
}
