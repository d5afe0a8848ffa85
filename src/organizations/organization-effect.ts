// What hangs on an organization, to be shown before it is suspended or closed.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { checkOperator } from './check-operator.ts';

type OrganizationEffect = {
  readonly users: number;
  readonly sessions: number;
  readonly connections: number;
  readonly accounts: number;
  /** Mandates that it gave or passed on: the receivers lose what they give. */
  readonly mandatesGiven: number;
  readonly mandatesReceived: number;
};

/** Throws HubError `not_permitted` (operator only). */
export async function organizationEffect(ctx: OrganizationCtx): Promise<OrganizationEffect> {
  checkOperator(ctx);
  const row = await queryOne<OrganizationEffect>(
    `select (select count(*)::int from users where organization_id = $1 and active and deleted_at is null) as users,
       (select count(*)::int from oidc_artefacts where organization_id = $1 and model = 'Session' and user_id is not null and expires_at > $2) as sessions,
       (select count(*)::int from provisioning_connections where organization_id = $1 and ended_at is null) as connections,
       (select count(*)::int from customer_accounts where organization_id = $1 and moved_at is null) as accounts,
       (select count(*)::int from mandates where giver_organization_id = $1 and ended_at is null and (valid_until is null or valid_until > $2)) as "mandatesGiven",
       (select count(*)::int from mandates where receiver_organization_id = $1 and ended_at is null and (valid_until is null or valid_until > $2)) as "mandatesReceived"`,
    [ctx.organizationId, ctx.now],
  );
  if (!row) throw new Error('The counts have no row');
  return row;
}
