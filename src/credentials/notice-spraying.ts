// Notices when somebody tries a few passwords on many names of one organization: first failures of different names within
// ten minutes, those taken off whose owner then signed in. While it lasts every name, whosever, gets less patience from
// unknown devices: only the organization's own would tell which names it has.
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { throttleTag } from './throttle-tag.ts';

/** More mistyping in ten minutes than a large organization has on a Monday morning. */
export const MANY_NAMES = 50;

const bucketOf = (organizationId: string) => throttleTag(['organization', organizationId]);

/** A name of the organization failed for the first time in a while. At the threshold the audit of the organization says so. */
export const countFailedName = (ctx: Ctx, organizationId: string): Promise<void> =>
  transaction(async () => {
    const row = await queryOne<{ failures: number }>(
      `insert into sign_in_throttles as t (bucket, kind, failures, since, last_at) values ($1, 'organization', 1, $2, $2)
       on conflict (bucket) do update set last_at = $2,
         failures = case when t.since < $2::timestamptz - interval '10 minutes' then 1 else t.failures + 1 end,
         since = case when t.since < $2::timestamptz - interval '10 minutes' then $2 else t.since end,
         blocked_until = case when t.since >= $2::timestamptz - interval '10 minutes' and t.failures + 1 >= ${MANY_NAMES}
           then $2::timestamptz + interval '15 minutes' else t.blocked_until end
       returning failures`,
      [bucketOf(organizationId), ctx.now],
    );
    if (row?.failures !== MANY_NAMES) return;
    ctx.log.warn({ organizationId }, 'passwords are being tried on many names');
    await recordAudit(ctx, {
      action: 'sign_in.spraying_noticed',
      targetKind: 'organization',
      targetId: organizationId,
      organizationId,
      after: { names: MANY_NAMES, minutes: 10 },
    });
  });

/** Its owner signed in after all. */
export async function forgiveFailedName(organizationId: string): Promise<void> {
  await query('update sign_in_throttles set failures = greatest(failures - 1, 0) where bucket = $1', [
    bucketOf(organizationId),
  ]);
}
