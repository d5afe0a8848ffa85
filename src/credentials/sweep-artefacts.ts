// Deletes what has expired, a portion at a time, so that the sweep never holds locks for long. Nothing depends on it:
// every door reads the end of what it loads.
import { deleteInPortions } from '../database/delete-in-portions.ts';
import type { JobHandler } from '../database/jobs.ts';
import { sweepDevices } from './known-device.ts';
import { sweepRefusals } from './note-refusals.ts';
import { sweepThrottles } from './sign-in-throttle.ts';

/** A used or expired link is kept for a while: opening it again says so instead of "does not work". */
const KEPT_LINKS_DAYS = 30;
/** Longer than any session lives: until then what still writes to one that ended finds that it has. */
const KEPT_SESSIONS_DAYS = 3;

const daysBefore = (now: Date, days: number): Date => new Date(now.getTime() - days * 86_400_000);

export const sweepArtefacts: JobHandler = {
  cron: '*/5 * * * *',
  run: async () => {
    const now = new Date();
    await deleteInPortions({ table: 'oidc_artefacts', column: 'expires_at', before: now });
    await deleteInPortions({ table: 'links', column: 'expires_at', before: daysBefore(now, KEPT_LINKS_DAYS) });
    await deleteInPortions({ table: 'sessions', column: 'used_at', before: daysBefore(now, KEPT_SESSIONS_DAYS) });
    await sweepDevices(now);
    await sweepThrottles(now);
    await sweepRefusals(now);
  },
};
