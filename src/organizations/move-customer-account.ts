// A customer account goes to another organization, as after a take-over: its number, resources and subscriptions. What the
// former owner's people and mandates held on it ends; it cannot go along, since other people decide from then on. The
// account gets a new id there; the former one stays, without number, for the history. One transaction.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { recordReceived } from '../mandates/record-received.ts';
import { isId } from '../users/is-id.ts';
import { checkOperator } from './check-operator.ts';
import { findCustomerAccount, type CustomerAccount } from './find-customer-account.ts';
import { findOrganization } from './find-organization.ts';

type MoveEffect = {
  readonly assignments: number;
  readonly roleEntitlements: number;
  readonly administrationRights: number;
  readonly mandates: number;
  /** These go along. */
  readonly resources: number;
  readonly subscriptions: number;
};

const live = 'ended_at is null and (valid_until is null or valid_until > $2)';

/** Where rights on it can be held: at its owner and wherever a mandate on it leads. */
const HOLDERS = `organization_id in (select $3::uuid union select receiver_organization_id from mandates
  where organization_id = $3 and customer_account_id = $1)`;

async function count({ organizationId, now }: OrganizationCtx, customerAccountId: string): Promise<MoveEffect> {
  const row = await queryOne<MoveEffect>(
    `select (select count(*)::int from assignments where ${HOLDERS} and customer_account_id = $1 and ${live}) as assignments,
       (select count(*)::int from role_entitlements where ${HOLDERS} and customer_account_id = $1 and ${live}) as "roleEntitlements",
       (select count(*)::int from administration_rights where ${HOLDERS} and customer_account_id = $1 and ${live}) as "administrationRights",
       (select count(*)::int from mandates where organization_id = $3 and customer_account_id = $1 and ${live}) as mandates,
       (select count(*)::int from resources where organization_id = $3 and customer_account_id = $1) as resources,
       (select count(*)::int from subscriptions where organization_id = $3 and customer_account_id = $1 and ${live}) as subscriptions`,
    [customerAccountId, now, organizationId],
  );
  if (!row) throw new Error('The counts have no row');
  return row;
}

/** Of the account of the Ctx's organization. Throws HubError `not_permitted` (operator only), `not_found`. */
export async function moveEffect(ctx: OrganizationCtx, customerAccountId: string): Promise<MoveEffect> {
  checkOperator(ctx);
  const { id } = await findCustomerAccount(ctx, customerAccountId);
  return count(ctx, id);
}

/** Ended for everybody who holds something on it, sub-contractors' people too. */
async function endRights(ctx: OrganizationCtx, accountId: string): Promise<void> {
  const values = [accountId, ctx.now, ctx.organizationId, JSON.stringify(ctx.actor)];
  // The mandates last: they say where rights are held.
  for (const table of ['assignments', 'role_entitlements', 'administration_rights']) {
    await query(
      `update ${table} set ended_at = $2, ended_by = $4 where ${HOLDERS} and customer_account_id = $1 and ended_at is null`,
      values,
    );
  }
  const ended = await query<{ id: string; ownerOrganizationId: string }>(
    `update mandates set ended_at = $2, ended_by = $4 where organization_id = $3 and customer_account_id = $1 and ended_at is null
     returning id, organization_id as "ownerOrganizationId"`,
    values,
  );
  await recordReceived(ctx, 'received_ended', ended);
}

type Move = {
  readonly customerAccountId: string;
  readonly toOrganizationId: string;
  /** Rights and mandates on it end; without it an account on which somebody holds something stays where it is. */
  readonly endRights: boolean;
};

/**
 * Answers the account as its new organization has it. Throws HubError `not_permitted` (operator only), `not_found` (the account or
 * the other organization), `conflict` where that is closed, the operator's own or the same, `still_in_use` (details.counts).
 */
export function moveCustomerAccount(ctx: OrganizationCtx, move: Move): Promise<CustomerAccount> {
  checkOperator(ctx);
  return transaction(async () => {
    if (isId(move.customerAccountId)) {
      await query('select 1 from customer_accounts where organization_id = $1 and id = $2 for update', [
        ctx.organizationId,
        move.customerAccountId,
      ]);
    }
    const account = await findCustomerAccount(ctx, move.customerAccountId);
    const target = await findOrganization(ctx, move.toOrganizationId);
    if (target.id === ctx.organizationId || target.kind !== 'customer' || target.state === 'closed')
      throw new HubError('conflict', 'The customer account cannot be moved to this organization.');
    const counts = await count(ctx, account.id);
    const held = counts.assignments + counts.roleEntitlements + counts.administrationRights + counts.mandates;
    if (held > 0 && !move.endRights)
      throw new HubError('still_in_use', 'Rights are held on this customer account; they would end.', { counts });
    await endRights(ctx, account.id);
    const moved = { ...account, id: uuidv7() };
    await copy(ctx, account, moved, target.id);
    for (const [organizationId, action, other] of [
      [ctx.organizationId, 'customer_account.moved_away', target.id],
      [target.id, 'customer_account.moved_here', ctx.organizationId],
    ] as const) {
      await recordAudit(ctx, {
        action,
        targetKind: 'customer_account',
        targetId: organizationId === target.id ? moved.id : account.id,
        organizationId,
        after: { number: account.number, organization: other, ended: counts },
      });
    }
    return moved;
  });
}

async function copy(
  ctx: OrganizationCtx,
  from: CustomerAccount,
  to: CustomerAccount,
  toOrganizationId: string,
): Promise<void> {
  const keys = [ctx.organizationId, from.id, toOrganizationId, to.id];
  await query(
    `insert into customer_accounts (organization_id, id, number, name, address, created_at)
     select $3, $4, number, name, address, $5 from customer_accounts where organization_id = $1 and id = $2`,
    [...keys, ctx.now],
  );
  await query(
    `insert into resources (organization_id, customer_account_id, kind, number, label, address, state, master, services)
     select $3, $4, kind, number, label, address, state, master, services from resources
     where organization_id = $1 and customer_account_id = $2`,
    keys,
  );
  await query(
    `with gone as (
       update subscriptions set ended_at = $5 where organization_id = $1 and customer_account_id = $2 and ended_at is null returning *
     )
     insert into subscriptions (organization_id, id, customer_account_id, application, "values", valid_from, valid_until, created_at)
     select $3, gen_random_uuid(), $4, application, "values", valid_from, valid_until, $5 from gone`,
    [...keys, ctx.now],
  );
  await query(
    'update customer_account_numbers set organization_id = $3, customer_account_id = $4 where organization_id = $1 and customer_account_id = $2',
    keys,
  );
  await query('update customer_accounts set moved_at = $3, moved_to = $4 where organization_id = $1 and id = $2', [
    ctx.organizationId,
    from.id,
    ctx.now,
    JSON.stringify({ organization: toOrganizationId, id: to.id }),
  ]);
}
