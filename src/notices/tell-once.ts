// Tells of one occasion once. The job queue hands a job over at least once: after a crash, and after a fault in its middle, it
// comes again. What it tells people, and that it did, are one transaction; a second try finds the mark and tells nothing.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';

const TOPIC = 'occasion';
/** Longer than a job is tried again, the operator's own tries included. */
const KEEP_DAYS = 60;

/**
 * `occasion` names what is told about, to whom or about what; a job carries a part of it that was made when it was queued.
 * One that runs at the same moment elsewhere is waited for.
 */
export function tellOnce(ctx: OrganizationCtx, occasion: string, tell: () => Promise<unknown>): Promise<void> {
  return transaction(async () => {
    const fresh = await query(
      `insert into told_entries (organization_id, topic, entry, told_at) values ($1, '${TOPIC}', $2, $3)
       on conflict do nothing returning entry`,
      [ctx.organizationId, occasion, ctx.now],
    );
    if (fresh.length > 0) await tell();
  });
}

/** Marks that no job can ask for any more. */
export const forgetOccasions = (now: Date): Promise<unknown> =>
  query(
    `delete from told_entries where topic = '${TOPIC}' and told_at < $1::timestamptz - interval '${KEEP_DAYS} days'`,
    [now],
  );
