// Tokens of directories that end soon, of all organizations, for the operator.
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkOperator } from '../organizations/check-operator.ts';

type ExpiringToken = {
  readonly id: string;
  readonly name: string;
  readonly organizationId: string;
  readonly organization: string;
  readonly connection: string;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
};

const MOST = 200;

/** Within so many days, the first to end first. Throws HubError `not_permitted` (operator only). */
export async function expiringTokens(ctx: Ctx, days: number): Promise<ExpiringToken[]> {
  checkOperator(ctx);
  return query<ExpiringToken>(
    `select t.id, t.name, t.organization_id as "organizationId", o.name as organization, c.name as connection,
       t.expires_at as "expiresAt", t.last_used_at as "lastUsedAt"
     from provisioning_tokens t join provisioning_connections c on (c.organization_id, c.id) = (t.organization_id, t.connection_id)
     join organizations o on o.id = t.organization_id
     where t.revoked_at is null and c.ended_at is null and t.expires_at > $1 and t.expires_at < $1::timestamptz + make_interval(days => $2)
     order by t.expires_at, t.id limit ${MOST}`,
    [ctx.now, days],
  );
}
