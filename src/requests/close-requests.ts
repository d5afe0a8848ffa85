// Whoever is deactivated waits for nothing any more: his requests are closed in the transaction that ends his access.
import { auditSelect, auditValues } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { prepared, query } from '../database/query.ts';

const CLOSE = prepared(
  'access_requests_close',
  `with closed as (
    update access_requests set state = 'closed', decided_at = $3, decided_by = $4
    where organization_id = $1 and user_id = $2 and state = 'waiting' returning id
  ), audited as (${auditSelect(5, 'from (select 1 from closed limit 1) as any_of_them')})
  select id from closed`,
);

export async function closeRequestsOf(ctx: OrganizationCtx, userId: string): Promise<void> {
  await query(CLOSE, [
    ctx.organizationId,
    userId,
    ctx.now,
    JSON.stringify(ctx.actor),
    ...auditValues(ctx, {
      action: 'request.closed',
      targetKind: 'user',
      targetId: userId,
      after: { reason: 'user_deactivated' },
    }),
  ]);
}
