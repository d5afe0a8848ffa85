// The log of back-channel logouts, for the operator: which application was told of which session's end, and how it went.
import type { Ctx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { isId } from '../users/is-id.ts';

export type LogoutState = 'waiting' | 'delivered' | 'given_up';

type LogoutDelivery = {
  readonly id: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly clientId: string;
  readonly application: string | null;
  readonly sid: string | null;
  readonly state: LogoutState;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly lastAttemptAt: Date | null;
  readonly settledAt: Date | null;
};

type LogoutQuery = {
  readonly state?: LogoutState;
  readonly clientId?: string;
  readonly organizationId?: string;
  /** The `next` of the page before. */
  readonly after?: string;
  readonly limit: number;
};

const KEPT = '30 days';

/** The newest first. Throws HubError `not_permitted`. */
export async function listLogouts(
  ctx: Ctx,
  { state, clientId, organizationId, after, limit }: LogoutQuery,
): Promise<{ deliveries: LogoutDelivery[]; next: string | null }> {
  checkOperator(ctx);
  if (organizationId !== undefined && !isId(organizationId)) return { deliveries: [], next: null };
  const rows = await query<LogoutDelivery>(
    `select d.id, d.organization_id as "organizationId", d.user_id as "userId", d.client_id as "clientId", c.application, d.sid, d.state,
       d.attempts, d.last_status as "lastStatus", d.last_error as "lastError", d.created_at as "createdAt",
       d.last_attempt_at as "lastAttemptAt", d.settled_at as "settledAt"
     from logout_deliveries d left join clients c on c.client_id = d.client_id
     where ($1::text is null or d.state = $1) and ($2::text is null or d.client_id = $2)
       and ($3::uuid is null or d.organization_id = $3) and ($4::uuid is null or d.id < $4)
     order by d.id desc limit $5`,
    [state ?? null, clientId ?? null, organizationId ?? null, after ?? null, limit + 1],
  );
  const deliveries = rows.slice(0, limit);
  return { deliveries, next: rows.length > limit ? (deliveries.at(-1)?.id ?? null) : null };
}

/** What was settled long ago is of no use to anybody. */
export const sweepLogouts: JobHandler = {
  cron: '41 3 * * *',
  run: async () => {
    await query(`delete from logout_deliveries where settled_at < now() - interval '${KEPT}'`);
  },
};
