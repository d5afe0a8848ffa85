// By the clock, and when a process starts: takes up imports whose worker died, and forgets what need not be kept: a file
// that was never read to its end or never confirmed, and after a month the rows, which hold personal data.
import { enqueue, type JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { RUN_IMPORT } from './run-import.ts';

export const TEND_IMPORTS = 'tend-imports';
/** A batch takes far less; a second worker on the same import finds it locked and goes away. */
const STALLED_S = 10;
const KEEP_DAYS = 30;

const ERASE = `with gone as (
    select organization_id, id from imports where rows_erased_at is null and (
      (state in ('reading', 'checked') and created_at < now() - interval '1 day')
      or (state in ('finished', 'stopped') and created_at < now() - interval '${KEEP_DAYS} days'))
    limit 20 for update skip locked
  ), emptied as (
    delete from import_rows r using gone g where r.organization_id = g.organization_id and r.import_id = g.id
  )
  update imports i set rows_erased_at = now(),
    state = case when i.state in ('reading', 'checked') then 'discarded' else i.state end, ended_at = coalesce(i.ended_at, now())
  from gone g where i.organization_id = g.organization_id and i.id = g.id`;

export const tendImports: JobHandler = {
  cron: '* * * * *',
  atStart: true,
  run: async (data) => {
    await query(ERASE);
    // Whoever worked on them before the start is gone, unless another process is at it.
    const stalledS = (data as typeof data | null)?.['atStart'] === true ? 0 : STALLED_S;
    await transaction(async () => {
      const stalled = await query<{ organization_id: string; id: string }>(
        `select organization_id, id from imports where state = 'running' and progress_at <= now() - make_interval(secs => $1)
         limit 100 for update skip locked`,
        [stalledS],
      );
      for (const { organization_id: organizationId, id: importId } of stalled)
        await enqueue(RUN_IMPORT, { organizationId, importId });
    });
  },
};
