// What somebody would hold if he were active: what a deactivated person gets back when he is reactivated.
import type { OrganizationCtx } from '../context.ts';
import { userNotFound } from '../users/find-user.ts';
import { isId } from '../users/is-id.ts';
import { effectiveEntitlements } from './effective.ts';
import type { Held } from './held-by.ts';
import { loadSnapshot } from './load-snapshot.ts';

/** Throws HubError `not_found`. */
export async function rightsAgain(ctx: OrganizationCtx, userId: string): Promise<Held[]> {
  const read = isId(userId)
    ? await loadSnapshot({ organizationId: ctx.organizationId, userId, now: ctx.now })
    : undefined;
  if (!read) throw userNotFound(userId);
  const { snapshot, numbers } = read;
  return effectiveEntitlements({ ...snapshot, user: { ...snapshot.user, active: true } }).effective.map((one) => ({
    ...one,
    accountNumber: numbers.get(one.entitlement.customerAccount) ?? one.entitlement.customerAccount,
  }));
}
