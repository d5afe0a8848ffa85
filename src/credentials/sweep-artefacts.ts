// Deletes what has expired, a portion at a time, so that the sweep never holds locks for long. Nothing depends on it:
// every door reads the end of what it loads.
import { query } from '../database/query.ts';
import type { JobHandler } from '../database/jobs.ts';
import { sweepThrottles } from './sign-in-throttle.ts';

const PORTION = 5000;
const KEPT_LINKS = '30 days';

export const sweepArtefacts: JobHandler = {
  cron: '*/5 * * * *',
  run: async () => {
    const now = new Date();
    for (let gone = PORTION; gone === PORTION;) {
      const rows = await query(
        `with old as (select model, id_hash from oidc_artefacts where expires_at <= $1 order by expires_at limit ${PORTION})
         delete from oidc_artefacts a using old where (a.model, a.id_hash) = (old.model, old.id_hash) returning 1`,
        [now],
      );
      gone = rows.length;
    }
    // A used or expired link is kept for a while: opening it again says so instead of "does not work".
    await query(`delete from links where expires_at < $1::timestamptz - interval '${KEPT_LINKS}'`, [now]);
    await sweepThrottles(now);
  },
};
