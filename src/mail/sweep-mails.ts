// Erases what is left of mails: who got them, what they said. That one was sent, and what became of it, stays for a year.
// Marks of occasions that were told go when no job can ask for them any more.
import { query } from '../database/query.ts';
import type { JobHandler } from '../database/jobs.ts';
import { forgetOccasions } from '../notices/tell-once.ts';
import { mailSettings } from './mail-settings.ts';

const PORTION = 2000;
const KEPT = '1 year';

export const sweepMails: JobHandler = {
  cron: '23 2 * * *',
  run: async () => {
    const now = new Date();
    for (let erased = PORTION; erased === PORTION;) {
      const rows = await query(
        `update mails m set recipient = null, subject = null, body = null, last_error = null from (
           select organization_id, id from mails where created_at < $1::timestamptz - make_interval(days => $2)
             and recipient is not null and state <> 'queued' limit ${PORTION}
         ) old where (m.organization_id, m.id) = (old.organization_id, old.id) returning 1`,
        [now, mailSettings().keepDays],
      );
      erased = rows.length;
    }
    await forgetOccasions(now);
    await query(`delete from mails where created_at < $1::timestamptz - interval '${KEPT}'`, [now]);
  },
};
