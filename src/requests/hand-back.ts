// When an organization gets somebody who can answer again: the requests that had become the operator's turn are its own
// again at once, and whoever can answer them now is told.
import type { OrganizationCtx } from '../context.ts';
import { mailAnswerers } from './request-notice.ts';
import { selectRequests } from './request-row.ts';

/** More wait for the hourly look at them (tend-requests.ts). */
const MOST = 100;

/** Call in the transaction that makes the administrator, after it. */
export async function handBackRequests(ctx: OrganizationCtx): Promise<void> {
  const requests = await selectRequests(
    ctx.organizationId,
    `r.state = 'waiting' and r.operator_since is not null order by r.id limit $2`,
    [MOST],
  );
  for (const request of requests) await mailAnswerers(ctx, request, false);
}
