// Makes a member of the operator's staff with his roles and an invitation, in one transaction.
import type { Ctx } from '../context.ts';
import { transaction } from '../database/transaction.ts';
import { createPerson } from '../users/create-person.ts';
import type { PersonDetails } from '../users/person-details.ts';
import type { ApiRole } from './api-token.ts';
import { checkOperator } from './check-operator.ts';
import { invalid } from './check-settings.ts';
import { OPERATOR_ORGANIZATION_ID } from './operator-organization.ts';
import { setStaffRoles } from './staff-roles.ts';

/** Answers his id. Throws HubError `not_permitted` (operator only), `invalid_input`, `uniqueness`. */
export function createStaff(ctx: Ctx, details: PersonDetails, roles: readonly ApiRole[]): Promise<string> {
  checkOperator(ctx);
  if (roles.length === 0) throw invalid('roles', 'A member of staff has at least one role.');
  return transaction(async () => {
    const home = { ...ctx, organizationId: OPERATOR_ORGANIZATION_ID };
    const userId = await createPerson(home, { details, rights: [], invite: true });
    await setStaffRoles(ctx, userId, roles);
    return userId;
  });
}
