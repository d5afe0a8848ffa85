// The limit of one actor at this moment: what he may give, and what he must hold to take away or to control
// another's credentials. Limits have no profile, so entitlements lose theirs here.
import type { Box } from './box.ts';
import { effectiveEntitlements, type EffectiveEntitlement } from './effective.ts';
import { clip, limitsAbove } from './limits-above.ts';
import type { AccountSnapshot, RightsSnapshot } from './snapshot.ts';

/**
 * An administrator's ceiling: his own effective entitlements, and for an application whose catalogue names a right that gives mandates,
 * the mandates received wherever he holds that right. A chief's: all limits of the organization, those of
 * mandates received included. Validity is kept: what a box does not cover in time may not be given in time.
 * The snapshot must hold all own customer accounts and all that a mandate to the organization names.
 */
export function ceilingOf(snapshot: RightsSnapshot, { chief }: { readonly chief: boolean }): Box[] {
  const { user } = snapshot;
  if (!user.active || user.organization.state !== 'active') return [];
  const accounts = [...snapshot.accounts.values()];
  if (chief) return accounts.flatMap((account) => limitsAbove(account, snapshot).flatMap(({ boxes }) => [...boxes]));
  const { effective } = effectiveEntitlements(snapshot);
  return [...effective.map(asBox), ...accounts.flatMap((account) => receivedFor(account, effective, snapshot))];
}

/** The entitlement as a limit: without profile. */
export function asBox({ entitlement }: Pick<EffectiveEntitlement, 'entitlement'>): Box {
  const { application, customerAccount, values, validity } = entitlement;
  return { application, customerAccount, values, validity };
}

/**
 * Holding the right on an own account is being an administrator of the application there, and opens every mandate received in it;
 * holding it on a customer's account opens that customer's only. No longer than the right itself is held.
 */
function receivedFor(
  account: AccountSnapshot,
  effective: readonly EffectiveEntitlement[],
  snapshot: RightsSnapshot,
): Box[] {
  if (account.owner.id === snapshot.user.organization.id) return [];
  const limits = limitsAbove(account, snapshot).flatMap(({ boxes }) => boxes);
  return [...new Set(limits.map((box) => box.application))].flatMap((key) => {
    const right = snapshot.catalogue.get(key)?.givesMandates;
    if (right === undefined) return [];
    const spans = effective.flatMap(({ entitlement, forOrganization }) =>
      entitlement.application === key &&
      (forOrganization === undefined || entitlement.customerAccount === account.id) &&
      entitlement.values.rights?.includes(right) === true
        ? [entitlement.validity]
        : [],
    );
    const received = limits.filter((box) => box.application === key);
    return spans.flatMap((validity) => clip(received, validity));
  });
}

/** What a user holds now, or would hold if he were reactivated: the measure for touching his credentials. */
export function heldOrHeldAgain(snapshot: RightsSnapshot): Box[] {
  return effectiveEntitlements({ ...snapshot, user: { ...snapshot.user, active: true } }).effective.map(asBox);
}
