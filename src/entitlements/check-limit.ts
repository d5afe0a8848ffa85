// Whether the values of a limit (a subscription's or a mandate's) name things that exist. In a limit "*" is all, now
// and later, in every list; profiles and minimums do not apply.
import { DIMENSIONS, type Application, type Dimension } from '../applications/application.ts';
import { findValue } from '../applications/catalogue.ts';
import { HubError } from '../errors.ts';
import type { Values } from './box.ts';
import { normalizeValues } from './normalize.ts';
import type { Resource } from './resource.ts';
import { isFixed } from './value-rule.ts';

export type LimitValues = Readonly<Partial<Record<Dimension, Values>>>;

/**
 * The values in normal form. Throws HubError `unknown_value`, or `invalid_input` where a list of the application is
 * missing or empty or a list stands there that it does not have.
 */
export function checkLimit(
  application: Application,
  values: LimitValues,
  resources: readonly Pick<Resource, 'kind' | 'number'>[],
): LimitValues {
  const known = new Set(resources.map(({ kind, number }) => `${kind} ${number}`));
  const out: Partial<Record<Dimension, Values>> = {};
  for (const dimension of DIMENSIONS) {
    const given = values[dimension];
    const expected = application.dimensions.includes(dimension);
    if ((given === undefined || given.length === 0) && !expected) continue;
    if (given === undefined || given.length === 0 || !expected) {
      const message = expected
        ? `The limit on ${application.key} needs at least one of the ${dimension}, or all of them.`
        : `The application ${application.key} has no list of ${dimension}.`;
      throw new HubError('invalid_input', message, { issues: [{ path: `values.${dimension}`, message }] });
    }
    const normal = normalizeValues(given);
    for (const value of normal === '*' ? [] : normal) {
      if (isFixed(dimension)) findValue(application, dimension, value);
      else if (!known.has(`${dimension} ${value}`)) {
        throw new HubError('unknown_value', `"${value}" is not one of the ${dimension} of this customer account.`, {
          application: application.key,
          dimension,
          value,
        });
      }
    }
    out[dimension] = normal;
  }
  return out;
}

/** Throws HubError `invalid_input` for a span that ends before it begins. */
export function checkSpan(validFrom: Date | null | undefined, validUntil: Date | null | undefined): void {
  if (!validFrom || !validUntil || validFrom < validUntil) return;
  const message = 'The end must come after the beginning.';
  throw new HubError('invalid_input', message, { issues: [{ path: 'validUntil', message }] });
}
