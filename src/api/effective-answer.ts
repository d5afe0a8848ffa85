// What a user holds at this moment with its causes, and what he was given that has no effect, as the API answers it.
import { findApplication } from '../applications/catalogue.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import type { Cause } from '../entitlements/effective.ts';
import { rightsOf } from '../entitlements/explain-access.ts';
import type { Entitlement } from '../entitlements/box.ts';
import { boxAnswer, isoSpan } from './entitlement-answer.ts';

const shownCause = ({ assignmentId, givenBy, givenAt, validity, groupPath, role, mandates }: Cause) => ({
  assignmentId,
  givenBy,
  givenAt: new Date(givenAt),
  ...isoSpan(validity),
  groupPath,
  role: role ?? null,
  mandates,
});

/** Throws HubError `not_found`, `unknown_application`. */
export async function effectiveOfUser(ctx: OrganizationCtx, userId: string, application: string | undefined) {
  if (application !== undefined) findApplication(catalogue(), application);
  const { effective, withheld, numbers } = await rightsOf(ctx, {
    userId,
    ...(application === undefined ? {} : { application }),
  });
  const held = (entitlement: Entitlement, causes: readonly Cause[]) => ({
    ...boxAnswer(entitlement),
    customerAccountNumber: numbers.get(entitlement.customerAccount) ?? null,
    ...isoSpan(entitlement.validity),
    causes: causes.map(shownCause),
  });
  return {
    at: ctx.now,
    effective: effective.map(({ entitlement, causes, forOrganization }) => ({
      ...held(entitlement, causes),
      for: forOrganization ? { organizationId: forOrganization.id, via: forOrganization.via } : null,
    })),
    withheld: withheld.map(({ entitlement, causes, code, dimension }) => ({
      ...held(entitlement, causes),
      code,
      dimension: dimension ?? null,
    })),
  };
}
