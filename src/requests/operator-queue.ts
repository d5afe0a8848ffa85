// Requests that nobody in their organization can answer: no administrator is active, or none holds what is asked for. They
// wait for the operator, who gives the organization an administrator or a subscription, or answers himself.
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { isId } from '../users/is-id.ts';

type QueuedRequest = {
  readonly id: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly userId: string;
  readonly askerUserName: string;
  readonly application: string;
  readonly customerNumber: string | null;
  readonly accountText: string;
  readonly reason: string;
  readonly askedAt: Date;
  readonly expiresAt: Date;
};
type QueuePage = { readonly requests: QueuedRequest[]; readonly next: string | null };

/** An organization whose administrators are all gone is seen at once; who lacks what, within the hour (tend-requests.ts). */
const WITHOUT_ADMINISTRATOR = `not exists (
  select 1 from administration_rights a left join users x on x.organization_id = a.organization_id and x.id = a.subject_id
  where a.organization_id = r.organization_id and a.ended_at is null and (a.valid_until is null or a.valid_until > $1)
    and a.name in ('chief_administrator', 'manage_administrators', 'manage_users', 'manage_account_settings')
    and (a.subject_kind = 'group' or (x.active and x.deleted_at is null)))`;

/** The oldest first; `after` is the `next` of the page before. Throws HubError `not_permitted`. */
export async function listOperatorQueue(
  ctx: Ctx,
  { after, limit = 50 }: { readonly after?: string; readonly limit?: number } = {},
): Promise<QueuePage> {
  checkOperator(ctx);
  const found = await query<QueuedRequest>(
    `select r.id, r.organization_id as "organizationId", o.name as "organizationName", r.user_id as "userId",
       u.user_name as "askerUserName", r.application, n.number as "customerNumber", r.account_text as "accountText", r.reason,
       r.asked_at as "askedAt", r.expires_at as "expiresAt"
     from access_requests r join organizations o on o.id = r.organization_id and o.state = 'active'
     join users u on u.organization_id = r.organization_id and u.id = r.user_id
     left join customer_account_numbers n on n.customer_account_id = r.customer_account_id
     where r.state = 'waiting' and (r.operator_since is not null or ${WITHOUT_ADMINISTRATOR}) and ($2::uuid is null or r.id > $2)
     order by r.id limit $3`,
    [ctx.now, after !== undefined && isId(after) ? after : null, limit + 1],
  );
  const requests = found.slice(0, limit);
  return { requests, next: found.length > limit ? (requests.at(-1)?.id ?? null) : null };
}

const MOST_COUNTED = 99;

/** How many wait for the operator; `most`, where there are more. */
export async function countOperatorQueue(ctx: Ctx, most = MOST_COUNTED): Promise<number> {
  checkOperator(ctx);
  const [row] = await query<{ n: number }>(
    `select count(*)::int as n from (select 1 from access_requests r join organizations o on o.id = r.organization_id and o.state = 'active'
     where r.state = 'waiting' and (r.operator_since is not null or ${WITHOUT_ADMINISTRATOR}) limit $2) as counted`,
    [ctx.now, most],
  );
  return row?.n ?? 0;
}
