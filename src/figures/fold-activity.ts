// Adds up the deltas of an hour or a day into one row, and lets go what nobody looks at any more.
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';

const KEPT_DAYS = 400;

export async function foldActivity(): Promise<void> {
  await query(
    `with gone as (
       delete from activity_counts c using (
         select organization_id, period, kind, starts_at from activity_counts
         where starts_at > now() - interval '3 days' group by 1, 2, 3, 4 having count(*) > 1
       ) many
       where (c.organization_id, c.period, c.kind, c.starts_at) = (many.organization_id, many.period, many.kind, many.starts_at)
       returning c.*
     )
     insert into activity_counts (organization_id, period, kind, starts_at, id, count)
     select organization_id, period, kind, starts_at, gen_random_uuid(), sum(count)::bigint from gone group by 1, 2, 3, 4`,
  );
}

export const foldActivityJob: JobHandler = { cron: '* * * * *', run: foldActivity };

export const sweepActivityJob: JobHandler = {
  cron: '11 4 * * *',
  run: async () =>
    void (await query(`delete from activity_counts where starts_at < now() - interval '${KEPT_DAYS} days'`)),
};
