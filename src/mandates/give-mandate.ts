// Gives a mandate to another organization, on an own customer account or by passing on one that was received. It
// raises what the receiver's own administrators may give there, and gives nobody a right.
import { v7 as uuidv7 } from 'uuid';
import { auditSelect, auditValues } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { loadActing } from '../entitlements/acting.ts';
import { customerAccountNotFound } from '../organizations/find-customer-account.ts';
import { organizationNotFound } from '../organizations/find-organization.ts';
import { isId } from '../users/is-id.ts';
import { acceptedTerms, checkMandator, checkPath, checkWithinLimits, type MandateTerms } from './check-mandate.ts';
import { announce } from './announce-mandate.ts';
import { findReceivedMandate, linksTo, mandateNotFound, type Mandate } from './find-mandate.ts';
import { recordReceived } from './record-received.ts';

export type NewMandate = MandateTerms & {
  readonly customerAccountId: string;
  readonly receiverOrganizationId: string;
  /** The received mandate that this one passes on; absent on an own customer account. */
  readonly parentId?: string;
};

/**
 * Throws HubError `not_found` (account, receiver, parent), `not_permitted`, `invalid_input`, `unknown_application`, `unknown_value`,
 * `too_many`, `grantor_lacks_right`, `outlasts_ceiling`, `mandate_cycle`, `mandate_not_onward`.
 */
export function giveMandate(ctx: OrganizationCtx, input: NewMandate): Promise<Mandate> {
  return transaction(async () => {
    const acting = await loadActing(ctx);
    const { boxes, limits } = acceptedTerms(acting, input.customerAccountId, input);
    const account = acting.snapshot.accounts.get(input.customerAccountId.toLowerCase());
    if (!account) throw customerAccountNotFound(input.customerAccountId);
    const parent = input.parentId === undefined ? undefined : await findReceivedMandate(ctx, input.parentId);
    if (parent && parent.customerAccountId !== account.id) throw mandateNotFound(parent.id);
    // On somebody else's account there is nothing to give but what was received.
    if (!parent && account.owner.id !== ctx.organizationId) throw customerAccountNotFound(input.customerAccountId);
    await checkReceiver(input.receiverOrganizationId);
    const receiver = input.receiverOrganizationId.toLowerCase();
    checkMandator(
      acting,
      account.id,
      boxes.map(({ application }) => application),
    );
    const onward = input.onward ?? 0;
    checkPath(parent ? await linksTo(parent) : [], {
      fromOrganization: ctx.organizationId,
      toOrganization: receiver,
      onward,
    });
    checkWithinLimits(acting, limits, parent?.id ?? null, receiver);
    const mandate: Mandate = {
      id: uuidv7(),
      ownerOrganizationId: account.owner.id,
      customerAccountId: account.id,
      giverOrganizationId: ctx.organizationId,
      receiverOrganizationId: receiver,
      parentId: parent?.id ?? null,
      boxes,
      onward,
      validFrom: input.validFrom ?? null,
      validUntil: input.validUntil ?? null,
      givenAt: ctx.now,
      version: 1,
    };
    await insert(ctx, mandate);
    await recordReceived(ctx, 'received', [mandate]);
    await announce(ctx, mandate, 'received');
    return mandate;
  });
}

async function checkReceiver(id: string): Promise<void> {
  const found = isId(id)
    ? await queryOne("select 1 from organizations where id = $1 and kind = 'customer' and state <> 'closed'", [id])
    : undefined;
  if (!found) throw organizationNotFound(id);
}

const insert = (ctx: OrganizationCtx, mandate: Mandate) =>
  query(
    `with given as (
      insert into mandates (organization_id, id, customer_account_id, giver_organization_id, receiver_organization_id, parent_id, boxes,
        onward, valid_from, valid_until, given_by, given_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id
    ), audited as (${auditSelect(13, 'from given')})
    select id from given`,
    [
      mandate.ownerOrganizationId,
      mandate.id,
      mandate.customerAccountId,
      mandate.giverOrganizationId,
      mandate.receiverOrganizationId,
      mandate.parentId,
      JSON.stringify(mandate.boxes),
      mandate.onward,
      mandate.validFrom,
      mandate.validUntil,
      JSON.stringify(ctx.actor),
      ctx.now,
      ...auditValues(ctx, { action: 'mandate.given', targetKind: 'mandate', targetId: mandate.id, after: mandate }),
    ],
  );
