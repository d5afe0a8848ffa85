// What needs the operator's attention now. Each count stops at a bound, so that a page never waits for a large number.
import type { Ctx } from '../context.ts';
import { failingQueues, type FailingQueue } from '../database/job-queues.ts';
import { queryOne } from '../database/query.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { WITHOUT_CHIEF } from '../organizations/without-chief.ts';
import { countOperatorQueue } from '../requests/operator-queue.ts';

/** Beyond it a count says "more than". */
export const MOST_COUNTED = 1000;
const SOON_DAYS = 30;
const MAIL_DAYS = 7;
const LOGOUT_QUEUE = 'backchannel-logout';

export type Attention = {
  /** Active customers without an active chief administrator. */
  readonly withoutChief: number;
  readonly registrations: number;
  /** For access, that nobody in their organization can answer. */
  readonly requests: number;
  readonly approvals: number;
  /** Not delivered in the last seven days. */
  readonly mails: number;
  /** Tokens of directories that end within 30 days. */
  readonly tokens: number;
  /** Applications that did not confirm a sign-out yet. */
  readonly logouts: number;
  readonly queues: readonly FailingQueue[];
};

type Counts = Omit<Attention, 'queues' | 'logouts' | 'requests'>;

const bounded = (from: string) =>
  `(select count(*)::int from (select 1 from ${from} limit ${MOST_COUNTED + 1}) as counted)`;

/** Throws HubError `not_permitted` (operator only). */
export async function readAttention(ctx: Ctx): Promise<Attention> {
  checkOperator(ctx);
  const [counts, requests, queues] = await Promise.all([
    queryOne<Counts>(
      `select ${bounded(`organizations o where ${WITHOUT_CHIEF}`)} as "withoutChief",
         ${bounded("registrations where organization_id = $2 and state = 'pending'")} as registrations,
         ${bounded('approvals where organization_id = $2 and outcome is null and expires_at > $1')} as approvals,
         ${bounded(`mails where state in ('failed', 'bounced') and created_at > $1::timestamptz - interval '${MAIL_DAYS} days'`)} as mails,
         ${bounded(`provisioning_tokens t join provisioning_connections c on (c.organization_id, c.id) = (t.organization_id, t.connection_id)
           where t.revoked_at is null and c.ended_at is null and t.expires_at > $1 and t.expires_at < $1::timestamptz + interval '${SOON_DAYS} days'`)} as tokens`,
      [ctx.now, OPERATOR_ORGANIZATION_ID],
    ),
    countOperatorQueue(ctx, MOST_COUNTED + 1),
    failingQueues(),
  ]);
  if (!counts) throw new Error('The counts have no row');
  return {
    ...counts,
    requests,
    logouts: queues.find(({ queue }) => queue === LOGOUT_QUEUE)?.jobs ?? 0,
    queues: queues.filter(({ queue }) => queue !== LOGOUT_QUEUE),
  };
}
