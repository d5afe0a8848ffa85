// Everything that one user holds now, over all applications, with the customer numbers it is for.
import { effectiveEntitlements, type EffectiveEntitlement } from './effective.ts';
import { loadSnapshot } from './load-snapshot.ts';

export type Held = EffectiveEntitlement & { readonly accountNumber: string };

export async function heldBy(input: { organizationId: string; userId: string; now: Date }): Promise<Held[]> {
  const read = await loadSnapshot(input);
  if (!read) return [];
  return effectiveEntitlements(read.snapshot).effective.map((one) => ({
    ...one,
    accountNumber: read.numbers.get(one.entitlement.customerAccount) ?? one.entitlement.customerAccount,
  }));
}
