// The operator's word on a registration. Approving makes, in one transaction, all that a company needs: the organization,
// its customer account, a subscription on the whole of each application and a chief administrator with an invitation.
import { recordAudit } from '../audit/record.ts';
import { findApplication } from '../applications/catalogue.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { checkText } from '../organizations/check-settings.ts';
import { createChief } from '../organizations/create-chief.ts';
import { createCustomerAccount } from '../organizations/create-customer-account.ts';
import { createOrganization } from '../organizations/create-organization.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { setSubscription } from '../organizations/set-subscription.ts';
import { findRegistration } from './list-registrations.ts';
import type { Registration } from './registration.ts';

type Admission = {
  /** As the operator's own records have them; absent: as the asker wrote them. */
  readonly company?: string;
  readonly customerNumber?: string;
  readonly applications?: readonly string[];
  /** What was checked, and how. */
  readonly note: string;
};
type Admitted = { readonly organizationId: string; readonly customerAccountId: string; readonly userId: string };

async function pending(ctx: Ctx, id: string): Promise<Registration> {
  const found = await findRegistration(ctx, id, true);
  if (found.state !== 'pending') throw new HubError('conflict', 'This registration has been decided already.');
  return found;
}

async function decided(
  ctx: Ctx,
  { id, company }: Registration,
  state: 'approved' | 'denied',
  note: string,
  admittedId?: string,
) {
  await query(
    `update registrations set state = $3, decided_at = $4, decided_by = $5, note = $6, admitted_id = $7
     where organization_id = $1 and id = $2`,
    [OPERATOR_ORGANIZATION_ID, id, state, ctx.now, JSON.stringify(ctx.actor), note, admittedId ?? null],
  );
  await recordAudit(ctx, {
    action: `registration.${state}`,
    targetKind: 'registration',
    targetId: id,
    organizationId: OPERATOR_ORGANIZATION_ID,
    after: { name: company, note, ...(admittedId === undefined ? {} : { organization: admittedId }) },
  });
}

/**
 * Throws HubError `not_permitted` (operator only), `not_found`, `conflict` where it was decided already, `invalid_input`,
 * `uniqueness` where the customer number has an owner, `unknown_application`.
 */
export function approveRegistration(ctx: Ctx, id: string, admission: Admission): Promise<Admitted> {
  return transaction(async () => {
    const asked = await pending(ctx, id);
    checkText('note', admission.note, 1000);
    const company = admission.company ?? asked.company;
    const { id: organizationId } = await createOrganization(ctx, { name: company });
    const inside = { ...ctx, organizationId };
    const account = await createCustomerAccount(inside, {
      number: admission.customerNumber ?? asked.customerNumber,
      name: company,
    });
    for (const key of new Set(admission.applications ?? asked.applications)) {
      const { dimensions } = findApplication(catalogue(), key);
      const values = Object.fromEntries(dimensions.map((dimension) => [dimension, '*' as const]));
      await setSubscription(inside, { customerAccountId: account.id, application: key, values });
    }
    const { givenName, familyName, email, language } = asked;
    const person = { userName: email, salutation: '', givenName, familyName, email, language };
    const userId = await createChief(inside, person);
    await decided(ctx, asked, 'approved', admission.note.trim(), organizationId);
    return { organizationId, customerAccountId: account.id, userId };
  });
}

/** The reason goes to the asker by mail. Throws HubError `not_permitted`, `not_found`, `conflict`, `invalid_input`. */
export function denyRegistration(ctx: Ctx, id: string, reason: string): Promise<void> {
  return transaction(async () => {
    const asked = await pending(ctx, id);
    checkText('reason', reason, 1000);
    await decided(ctx, asked, 'denied', reason.trim());
    await queueMail(ctx, {
      kind: 'registration_denied',
      to: asked.email,
      language: asked.language,
      organizationId: OPERATOR_ORGANIZATION_ID,
      values: { name: `${asked.givenName} ${asked.familyName}`, company: asked.company, reason: reason.trim() },
    });
  });
}
