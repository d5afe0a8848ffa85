// Makes a chief administrator of an organization, by the operator: the first one, or one more where nobody is left.
import type { OrganizationCtx } from '../context.ts';
import { transaction } from '../database/transaction.ts';
import { changeAdministrationRights, type WantedRight } from '../entitlements/change-administration-rights.ts';
import { handBackRequests } from '../requests/hand-back.ts';
import { createPerson } from '../users/create-person.ts';
import { findUser } from '../users/find-user.ts';
import type { PersonDetails } from '../users/person-details.ts';
import { checkOperator } from './check-operator.ts';

const CHIEF = ['chief_administrator', 'manage_administrators', 'manage_users', 'recover_password'] as const;

const wanted = (): WantedRight[] => CHIEF.map((name) => ({ name, on: true }));

/** With an invitation. Answers his id. Throws HubError `not_permitted` (operator only) and what createPerson throws. */
export function createChief(ctx: OrganizationCtx, details: PersonDetails): Promise<string> {
  checkOperator(ctx);
  return transaction(async () => {
    const id = await createPerson(ctx, { details, rights: wanted(), invite: true });
    await handBackRequests(ctx);
    return id;
  });
}

/** Somebody whom the organization has already. Throws HubError `not_permitted` (operator only), `not_found`. */
export async function appointChief(ctx: OrganizationCtx, userId: string): Promise<void> {
  checkOperator(ctx);
  const { id } = await findUser(ctx, userId);
  await transaction(async () => {
    await changeAdministrationRights(ctx, id, wanted());
    await handBackRequests(ctx);
  });
}
