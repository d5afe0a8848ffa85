// Closes an organization for good, by two people of the operator's staff: nobody of it has access from then on, its mandates,
// directories and clients end, its customer numbers are free, and the personal data of its users goes to the erasure that
// deleted users get, after the organization's own number of days. Its history stays. Export it before.
import { recordAudit } from '../audit/record.ts';
import { askApproval, takeApproval } from '../approvals/ask-approval.ts';
import type { Ctx } from '../context.ts';
import { endOrganizationAccess } from '../credentials/end-access.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { recordReceived, recordReceiverGone } from '../mandates/record-received.ts';
import { checkOperator } from './check-operator.ts';
import { findOrganization } from './find-organization.ts';
import { OPERATOR_ORGANIZATION_ID } from './operator-organization.ts';
import type { OrganizationRecord } from './organization-record.ts';

async function closable(ctx: Ctx, id: string): Promise<OrganizationRecord> {
  checkOperator(ctx);
  const organization = await findOrganization(ctx, id);
  if (organization.id === OPERATOR_ORGANIZATION_ID)
    throw new HubError('not_permitted', "The operator's own organization cannot be closed.");
  if (organization.state === 'closed') throw new HubError('conflict', 'This organization is closed.');
  return organization;
}

/** The first of two. Throws HubError `not_permitted` (operator only), `not_found`, `conflict`, `invalid_input` without a reason. */
export async function askClosing(ctx: Ctx, id: string, reason: string): Promise<void> {
  const { id: targetId, name } = await closable(ctx, id);
  await askApproval(ctx, { kind: 'close_organization', targetId, targetName: name, facts: {}, reason });
}

/** Each with $1 the organization, $2 the instant, $3 the actor. */
const ENDS = [
  `update provisioning_tokens set revoked_at = $2 where organization_id = $1 and revoked_at is null and $3::jsonb is not null`,
  `update provisioning_connections set ended_at = $2 where organization_id = $1 and ended_at is null and $3::jsonb is not null`,
  `update clients set ended_at = $2 where organization_id = $1 and ended_at is null and $3::jsonb is not null`,
  `update subscriptions set ended_at = $2 where organization_id = $1 and ended_at is null and $3::jsonb is not null`,
  `update customer_accounts set moved_at = $2 where organization_id = $1 and moved_at is null and $3::jsonb is not null`,
  `delete from customer_account_numbers where organization_id = $1 and $2::timestamptz is not null and $3::jsonb is not null`,
  `delete from sign_in_names where organization_id = $1 and $2::timestamptz is not null and $3::jsonb is not null`,
  `update users set active = false, deleted_at = $2, deactivated_at = coalesce(deactivated_at, $2), tokens_valid_from = $2
     where organization_id = $1 and deleted_at is null and $3::jsonb is not null`,
] as const;

/** Both sides read it in their history. */
async function endMandates(ctx: Ctx, organizationId: string): Promise<void> {
  const ended = await query<{ id: string; ownerOrganizationId: string; given: boolean }>(
    `update mandates set ended_at = $2, ended_by = $3 where (giver_organization_id = $1 or receiver_organization_id = $1) and ended_at is null
     returning id, organization_id as "ownerOrganizationId", giver_organization_id = $1 as given`,
    [organizationId, ctx.now, JSON.stringify(ctx.actor)],
  );
  await recordReceived(
    ctx,
    'received_ended',
    ended.filter(({ given }) => given),
  );
  await recordReceiverGone(
    ctx,
    ended.filter(({ given }) => !given),
  );
}

/**
 * The second of two. Throws HubError `not_permitted` (operator only), `not_found` where nobody asked, `four_eyes`, `conflict`.
 */
export function confirmClosing(ctx: Ctx, id: string): Promise<void> {
  return transaction(async () => {
    const organization = await closable(ctx, id);
    const approval = await takeApproval(ctx, 'close_organization', organization.id);
    await query("set local statement_timeout = '5min'");
    const closed = await queryOne(
      "update organizations set state = 'closed', closed_at = $2, updated_at = $2 where id = $1 and state <> 'closed' returning 1",
      [organization.id, ctx.now],
    );
    if (!closed) throw new HubError('conflict', 'This organization is closed.');
    await endMandates(ctx, organization.id);
    for (const statement of ENDS) await query(statement, [organization.id, ctx.now, JSON.stringify(ctx.actor)]);
    await endOrganizationAccess(ctx, organization.id);
    await recordAudit(ctx, {
      action: 'organization.closed',
      targetKind: 'organization',
      targetId: organization.id,
      organizationId: organization.id,
      before: { state: organization.state },
      after: { state: 'closed', reason: approval.reason, askedBy: approval.askedBy.label },
    });
  });
}
