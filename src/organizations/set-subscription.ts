// The limit that the operator sets for an organization on its own customer account, application by application.
// Several on one account and application add up. Withdrawing one ends what it alone allowed, at once, everywhere below.
import { v7 as uuidv7 } from 'uuid';
import { auditSelect, auditValues } from '../audit/record.ts';
import { findApplication } from '../applications/catalogue.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkLimit, checkSpan, type LimitValues } from '../entitlements/check-limit.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import { checkOperator } from './check-operator.ts';
import { findCustomerAccount, listResources } from './find-customer-account.ts';

type SubscriptionInput = {
  /** Of the subscription to change; absent for a further one. */
  readonly id?: string;
  readonly customerAccountId: string;
  readonly application: string;
  readonly values: LimitValues;
  readonly validFrom?: Date | null;
  readonly validUntil?: Date | null;
};

export type Subscription = {
  readonly id: string;
  readonly customerAccountId: string;
  readonly application: string;
  readonly values: LimitValues;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
};

const COLUMNS = `s.id, s.customer_account_id as "customerAccountId", s.application, s."values", s.valid_from as "validFrom",
  s.valid_until as "validUntil"`;

const subscriptionNotFound = (id: string) => new HubError('not_found', `There is no subscription ${id}.`);

/**
 * Sets a further subscription, or changes the one of `id` (its account and application stay).
 * Throws HubError `not_permitted` (operator only), `not_found`, `unknown_application`, `unknown_value`, `invalid_input`.
 */
export async function setSubscription(ctx: OrganizationCtx, input: SubscriptionInput): Promise<Subscription> {
  checkOperator(ctx);
  checkSpan(input.validFrom, input.validUntil);
  return transaction(async () => {
    const account = await findCustomerAccount(ctx, input.customerAccountId);
    const application = findApplication(catalogue(), input.application);
    const values = checkLimit(application, input.values, await listResources(ctx, account.id));
    const before = input.id === undefined ? undefined : await findSubscription(ctx, input.id);
    if (before && (before.customerAccountId !== account.id || before.application !== application.key)) {
      throw subscriptionNotFound(before.id);
    }
    const after: Subscription = {
      id: before?.id ?? uuidv7(),
      customerAccountId: account.id,
      application: application.key,
      values,
      validFrom: input.validFrom ?? null,
      validUntil: input.validUntil ?? null,
    };
    await query(
      `with changed as (
        insert into subscriptions (organization_id, id, customer_account_id, application, "values", valid_from, valid_until, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (organization_id, id) do update
          set "values" = excluded."values", valid_from = excluded.valid_from, valid_until = excluded.valid_until
        returning id
      ), audited as (${auditSelect(9, 'from changed')})
      select id from changed`,
      [
        ctx.organizationId,
        after.id,
        account.id,
        application.key,
        JSON.stringify(values),
        after.validFrom,
        after.validUntil,
        ctx.now,
        ...auditValues(ctx, {
          action: before ? 'subscription.changed' : 'subscription.set',
          targetKind: 'subscription',
          targetId: after.id,
          ...(before ? { before } : {}),
          after,
        }),
      ],
    );
    return after;
  });
}

async function findSubscription(ctx: OrganizationCtx, id: string): Promise<Subscription> {
  const found = isId(id)
    ? await queryOne<Subscription>(
        `select ${COLUMNS} from subscriptions s where s.organization_id = $1 and s.id = $2 and s.ended_at is null for update`,
        [ctx.organizationId, id],
      )
    : undefined;
  if (!found) throw subscriptionNotFound(id);
  return found;
}

/** Throws HubError `not_permitted` (operator only), `not_found`, also for one that has ended. */
export async function endSubscription(ctx: OrganizationCtx, id: string): Promise<void> {
  checkOperator(ctx);
  const ended = isId(id)
    ? await queryOne(
        `with changed as (
          update subscriptions set ended_at = $3 where organization_id = $1 and id = $2 and ended_at is null returning id
        ), audited as (${auditSelect(4, 'from changed')})
        select id from changed`,
        [
          ctx.organizationId,
          id,
          ctx.now,
          ...auditValues(ctx, { action: 'subscription.ended', targetKind: 'subscription', targetId: id }),
        ],
      )
    : undefined;
  if (!ended) throw subscriptionNotFound(id);
}

/** Those that have not been ended, by account and application. */
export const listSubscriptions = (ctx: OrganizationCtx): Promise<Subscription[]> =>
  query<Subscription>(
    `select ${COLUMNS} from subscriptions s where s.organization_id = $1 and s.ended_at is null
     order by s.customer_account_id, s.application, s.id`,
    [ctx.organizationId],
  );
