// The figures of the operator's plots: the hub's by the hour or the day, an organization's by the day.
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { ACTIVITY_KINDS, HUB, type ActivityKind } from './count-activity.ts';

export const SPANS = {
  day: { hours: 24, step: 'hour' },
  week: { hours: 168, step: 'hour' },
  quarter: { hours: 2160, step: 'day' },
} as const;
export type Span = keyof typeof SPANS;

export type Series = {
  readonly kind: ActivityKind;
  readonly total: number;
  /** One for each step, the oldest first; steps without anything are there with 0. */
  readonly points: readonly { readonly at: Date; readonly count: number }[];
};
type BusyOrganization = {
  readonly id: string;
  readonly name: string;
  readonly requests: number;
  readonly failed: number;
};

const HOUR_MS = 3_600_000;
const MOST_ORGANIZATIONS = 8;

/** The last step is the one that is running. Throws HubError `not_permitted` (operator only). */
export async function readActivity(ctx: Ctx, span: Span): Promise<Series[]> {
  checkOperator(ctx);
  const { hours, step } = SPANS[span];
  const stepMs = step === 'hour' ? HOUR_MS : 24 * HOUR_MS;
  const last = Math.floor(ctx.now.getTime() / stepMs) * stepMs;
  const steps = (hours * HOUR_MS) / stepMs;
  const first = last - (steps - 1) * stepMs;
  const rows = await query<{ kind: ActivityKind; at: Date; count: string }>(
    `select kind, date_trunc('${step}', starts_at, 'UTC') as at, sum(count) as count from activity_counts
     where organization_id = $1 and period = 'hour' and kind = any($2) and starts_at >= $3 group by 1, 2`,
    [HUB, ACTIVITY_KINDS, new Date(first)],
  );
  const found = new Map(rows.map(({ kind, at, count }) => [`${kind} ${at.getTime()}`, Number(count)]));
  return ACTIVITY_KINDS.map((kind) => {
    const points = Array.from({ length: steps }, (_, i) => {
      const at = first + i * stepMs;
      return { at: new Date(at), count: found.get(`${kind} ${at}`) ?? 0 };
    });
    return { kind, points, total: points.reduce((sum, { count }) => sum + count, 0) };
  });
}

/** Those whose directories sent most in the last days of the span, the busiest first. Throws HubError `not_permitted`. */
export async function busiestDirectories(ctx: Ctx, span: Span): Promise<BusyOrganization[]> {
  checkOperator(ctx);
  const since = new Date(ctx.now.getTime() - SPANS[span].hours * HOUR_MS);
  since.setUTCHours(0, 0, 0, 0);
  const rows = await query<{ id: string; name: string; requests: string; failed: string }>(
    `select o.id, o.name, busy.requests, busy.failed from (
       select organization_id, sum(count) as requests, coalesce(sum(count) filter (where kind = 'provisioning_failed'), 0) as failed
       from activity_counts where period = 'day' and kind in ('provisioning', 'provisioning_failed') and starts_at >= $1
       group by 1 order by 2 desc, 1 limit ${MOST_ORGANIZATIONS}
     ) busy join organizations o on o.id = busy.organization_id order by busy.requests desc, o.id`,
    [since],
  );
  return rows.map((row) => ({ ...row, requests: Number(row.requests), failed: Number(row.failed) }));
}
