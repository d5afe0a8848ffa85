// A refusal of the domain as a page says it: its code's sentence in the reader's language, with the status of the code.
// What is not there, or is a failure of the hub, stays for the error page. And the fields of a posted form.
import { HubError, type ErrorCode } from '../errors.ts';
import { STATUS_OF } from './problem.ts';

/** A line of partials/error-summary. */
export type Fault = {
  readonly key: string;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly field?: string;
};

export type Refusal = { readonly status: number; readonly code: ErrorCode; readonly faults: readonly Fault[] };

const FOR_ERROR_PAGE: readonly ErrorCode[] = ['not_found', 'unavailable'];

/** Throws the error again where it is no refusal. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof HubError) || FOR_ERROR_PAGE.includes(error.code)) throw error;
  const { code, details } = error;
  return {
    status: STATUS_OF[code] === 400 ? 422 : STATUS_OF[code],
    code,
    faults: [{ key: `reasons:${code}`, values: details }, ...togetherFaults(details)],
  };
}

/** Names the two that one person must not hold together. */
export const togetherFaults = ({ between }: Readonly<Record<string, unknown>>): Fault[] =>
  between === undefined ? [] : [{ key: 'rights:fault.together', values: { between } }];

/** The text fields of a posted form; what is no text is absent. */
export function formFields(body: unknown): Record<string, string> {
  const pairs = Object.entries((body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}

/** The values of a field that may come several times. */
export function formValues(body: unknown, name: string): string[] {
  const value = ((body ?? {}) as Record<string, unknown>)[name];
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one): one is string => typeof one === 'string');
}
