// Who works under a limit, to be shown before it is changed: what people, groups and roles hold on a customer account in an
// application, and the mandates that pass it on. What of it a change takes away shows at once, everywhere.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { checkOperator } from './check-operator.ts';

type SubscriptionEffect = { readonly given: number; readonly inRoles: number; readonly mandates: number };

/** Throws HubError `not_permitted` (operator only). */
export async function subscriptionEffect(
  ctx: OrganizationCtx,
  customerAccountId: string,
  application: string,
): Promise<SubscriptionEffect> {
  checkOperator(ctx);
  const live = 'ended_at is null and (valid_until is null or valid_until > $4)';
  const row = await queryOne<SubscriptionEffect>(
    `select (select count(*)::int from assignments where organization_id = $1 and customer_account_id = $2 and application = $3 and ${live}) as given,
       (select count(*)::int from role_entitlements where organization_id = $1 and customer_account_id = $2 and application = $3 and ${live}) as "inRoles",
       (select count(*)::int from mandates where organization_id = $1 and customer_account_id = $2 and ${live}
          and boxes @> jsonb_build_array(jsonb_build_object('application', $3::text))) as mandates`,
    [ctx.organizationId, customerAccountId, application, ctx.now],
  );
  if (!row) throw new Error('The counts have no row');
  return row;
}
