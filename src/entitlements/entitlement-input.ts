// Turns what a door was asked to give into an entitlement that the application accepts: known application, an account
// that the organization may act on, profile, minimum and value rules.
import { findApplication } from '../applications/catalogue.ts';
import type { Dimension } from '../applications/application.ts';
import { HubError, type ErrorCode } from '../errors.ts';
import { customerAccountNotFound } from '../organizations/find-customer-account.ts';
import { accept, type Reason } from './accept.ts';
import type { Acting } from './acting.ts';
import type { Entitlement, Values } from './box.ts';
import { checkSpan } from './check-limit.ts';
import { effectiveEntitlements, MAX_EFFECTIVE } from './effective.ts';
import { loadSnapshot, type SnapshotInput } from './load-snapshot.ts';
import { normalizeBox } from './normalize.ts';
import { profileConflict } from './precedence.ts';

export type EntitlementInput = {
  readonly application: string;
  readonly customerAccountId: string;
  readonly profile?: string;
  /** In the fixed lists written out; "*" only in lists of resources. */
  readonly values: Readonly<Partial<Record<Dimension, Values>>>;
};

export type Span = { readonly validFrom?: Date | null; readonly validUntil?: Date | null };

const SENTENCES: Partial<Record<ErrorCode, string>> = {
  profile_required: 'Choose a profile.',
  minimum_missing: 'Choose at least one value in each list.',
  unknown_value: 'A value is not known.',
};

/**
 * The entitlement in normal form. Throws HubError `unknown_application`, `not_found` (account), `invalid_input`, or
 * the first reason of acceptance with all of them in `details.reasons`.
 */
export function acceptedEntitlement(acting: Acting, input: EntitlementInput, span: Span): Entitlement {
  const { snapshot } = acting;
  const application = findApplication(snapshot.catalogue, input.application);
  const account = snapshot.accounts.get(input.customerAccountId.toLowerCase());
  if (!account) throw customerAccountNotFound(input.customerAccountId);
  checkSpan(span.validFrom, span.validUntil);
  if (span.validUntil && span.validUntil.getTime() <= snapshot.at) {
    const message = 'The end lies in the past.';
    throw new HubError('invalid_input', message, { issues: [{ path: 'validUntil', message }] });
  }
  const entitlement = normalizeBox({
    application: application.key,
    customerAccount: account.id,
    values: Object.fromEntries(Object.entries(input.values).filter(([, values]) => values.length > 0)),
    validity: { from: span.validFrom?.getTime() ?? null, until: span.validUntil?.getTime() ?? null },
    ...(input.profile === undefined ? {} : { profile: input.profile }),
  });
  const { attributes } = snapshot.user.organization;
  refuseFor(accept({ application, entitlement, attributes, resources: account.resources }));
  return entitlement;
}

function refuseFor(reasons: readonly Reason[]): void {
  const [first] = reasons;
  if (!first) return;
  const sentence =
    SENTENCES[first.code] ?? `"${first.value ?? first.dimension}" cannot be given like this (${first.code}).`;
  throw new HubError(first.code, sentence, { reasons });
}

/** Two profiles on one contract among what one subject is given directly. Throws HubError `profile_conflict`. */
export function checkProfiles(acting: Acting, entitlements: readonly Entitlement[]): void {
  for (const key of new Set(entitlements.map(({ application }) => application))) {
    const application = acting.snapshot.catalogue.get(key);
    const pair = application && profileConflict(application, entitlements);
    if (!pair) continue;
    throw new HubError('profile_conflict', `Two profiles of ${key} would stand on one contract of the same user.`, {
      entitlements: pair,
    });
  }
}

/** Counts as things stand now: call after the write, in its transaction. Throws HubError `too_many`. */
export async function checkNumber(
  input: Pick<SnapshotInput, 'organizationId' | 'userId' | 'groupIds' | 'now'>,
): Promise<void> {
  const read = await loadSnapshot(input);
  if (!read) return;
  const { snapshot } = read;
  const { effective } = effectiveEntitlements({ ...snapshot, user: { ...snapshot.user, active: true } });
  for (const [application, all] of Map.groupBy(effective, ({ entitlement }) => entitlement.application)) {
    if (all.length <= MAX_EFFECTIVE) continue;
    throw new HubError('too_many', `A user can hold at most ${MAX_EFFECTIVE} entitlements in ${application}.`, {
      application,
    });
  }
}
