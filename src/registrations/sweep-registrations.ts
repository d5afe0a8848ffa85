// Lets go of what strangers wrote: forms that nobody confirmed after two days, the others a year after their decision.
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';

export const sweepRegistrations: JobHandler = {
  cron: '31 2 * * *',
  run: async () => {
    await query("delete from registrations where state = 'unconfirmed' and created_at < now() - interval '2 days'");
    await query(
      `delete from registrations where state not in ('unconfirmed', 'pending')
         and coalesce(decided_at, confirmed_at, created_at) < now() - interval '1 year'`,
    );
  },
};
