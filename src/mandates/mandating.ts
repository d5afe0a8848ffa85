// For which applications and customer accounts somebody may give mandates, and how much: chief administrators wherever
// the organization has anything to pass on, others where they hold the right that the catalogue marks for it.
import type { Acting } from '../entitlements/acting.ts';
import { applicationsOf } from '../entitlements/acting-accounts.ts';
import { notPermitted } from '../entitlements/acting.ts';
import type { Box } from '../entitlements/box.ts';
import { effectiveEntitlements } from '../entitlements/effective.ts';
import { limitsAbove } from '../entitlements/limits-above.ts';

type MayMandate = (customerAccountId: string, application: string) => boolean;

/** On a customer's account the right may be held on an own account or on that one. */
export function mandating(acting: Acting): MayMandate {
  if (acting.unbounded) return () => true;
  const { snapshot } = acting;
  const { effective } = effectiveEntitlements(snapshot);
  return (customerAccountId, key) => {
    const right = snapshot.catalogue.get(key)?.givesMandates;
    if (right === undefined) return false;
    const isForeign = snapshot.accounts.get(customerAccountId)?.owner.id !== snapshot.user.organization.id;
    return effective.some(
      ({ entitlement, forOrganization }) =>
        entitlement.application === key &&
        (entitlement.customerAccount === customerAccountId || (isForeign && forOrganization === undefined)) &&
        entitlement.values.rights?.includes(right) === true,
    );
  };
}

/** Keys of applications by customer account, in the order of the catalogue; empty where somebody may give no mandate at all. */
export function mandatable(acting: Acting): Map<string, string[]> {
  const mayMandate = mandating(acting);
  const available = applicationsOf(acting);
  const found = new Map<string, string[]>();
  for (const key of acting.snapshot.catalogue.keys()) {
    for (const account of available.get(key) ?? []) {
      if (mayMandate(account, key)) found.set(account, [...(found.get(account) ?? []), key]);
    }
  }
  return found;
}

/** Throws HubError `not_permitted` for somebody who may give no mandate at all. */
export function checkMandates(acting: Acting): void {
  if (!acting.unbounded && mandatable(acting).size === 0)
    throw notPermitted('You do not have the right to give mandates.');
}

/** What reaches the organization through one received mandate, and may therefore be passed on by it. */
export const limitsThrough = ({ snapshot }: Acting, mandateId: string): Box[] =>
  [...snapshot.accounts.values()]
    .flatMap((account) => limitsAbove(account, snapshot))
    .filter(({ via }) => via.at(-1) === mandateId)
    .flatMap(({ boxes }) => [...boxes]);

/** What the actor may put into a mandate for this application and account: his ceiling, and of a passed on one only what came by it. */
export function mandateCeiling(
  acting: Acting,
  { application, customerAccountId, parentId }: MandatePlace,
): readonly Box[][] {
  const here = (boxes: readonly Box[]): Box[] =>
    boxes.filter((box) => box.application === application && box.customerAccount === customerAccountId);
  return [here(acting.ceiling), ...(parentId === null ? [] : [here(limitsThrough(acting, parentId))])];
}

type MandatePlace = {
  readonly application: string;
  readonly customerAccountId: string;
  readonly parentId: string | null;
};
