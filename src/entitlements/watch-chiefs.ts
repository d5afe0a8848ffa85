// Warns when of several chief administrators one is left, or none: whoever is left, and the operator. People cannot take the
// last one away, but a directory, an end date and erasure can. One mail for each fall, however often the job runs.
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { OrganizationCtx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { mailUser } from '../mail/mail-user.ts';
import { markTold } from '../notices/told-entries.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { activeChiefs } from './check-deactivation.ts';

const MOST_TOLD = 20;

/** Active chiefs of each active customer whose number differs from what was counted before. */
const CHANGED = `
  select o.id, o.name, coalesce(c.chiefs, 0)::int as chiefs from organizations o
  left join (
    select a.organization_id, count(distinct u.id) as chiefs from administration_rights a
    join users u on u.organization_id = a.organization_id and u.id = a.subject_id and u.active and u.deleted_at is null
    where a.name = 'chief_administrator' and a.ended_at is null and (a.valid_until is null or a.valid_until > $1)
    group by a.organization_id
  ) c on c.organization_id = o.id
  left join chief_counts k on k.organization_id = o.id
  where o.state = 'active' and o.kind = 'customer' and k.chiefs is distinct from coalesce(c.chiefs, 0)
  order by o.id limit 1000`;

type Changed = { id: string; name: string };

const staffToTell = () =>
  query<{ id: string }>(
    `select u.id from staff_roles s join users u on (u.organization_id, u.id) = (s.organization_id, s.user_id)
     where s.organization_id = $1 and s.roles && array['owner', 'support'] and u.active and u.deleted_at is null
     order by u.id limit ${MOST_TOLD}`,
    [OPERATOR_ORGANIZATION_ID],
  );

/** One organization's: counts again under a lock, and writes to whom it concerns if the number fell below two. */
function watch(ctx: OrganizationCtx, { name }: Changed): Promise<void> {
  return transaction(async () => {
    const { organizationId, now } = ctx;
    const chiefs = await activeChiefs(ctx);
    await query(
      'insert into chief_counts (organization_id, chiefs, counted_at) values ($1, $2, $3) on conflict do nothing',
      [organizationId, chiefs.length, now],
    );
    const counted = await queryOne<{ chiefs: number }>(
      'select chiefs from chief_counts where organization_id = $1 for update',
      [organizationId],
    );
    const before = counted?.chiefs ?? chiefs.length;
    await query('update chief_counts set chiefs = $2, counted_at = $3 where organization_id = $1', [
      organizationId,
      chiefs.length,
      now,
    ]);
    if (chiefs.length >= before || chiefs.length > 1) return;
    const [last] = chiefs;
    const person = await queryOne<{ name: string }>(
      `select coalesce(document ->> 'displayName', user_name) as name from users where organization_id = $1 and id = $2`,
      [organizationId, last ?? null],
    );
    const values = { company: name, remaining: person?.name ?? null };
    if (last !== undefined) {
      const own = { ...values, own: true, path: '/portal/users' };
      await mailUser(ctx, { kind: 'last_administrator', organizationId, userId: last, values: own });
    }
    // Told here and now, so not once more as an entry of the operator's queue.
    if (last === undefined) await markTold(ctx, 'staff_chiefs', [organizationId]);
    const path = `/operator/organizations/${organizationId}`;
    for (const { id: userId } of await staffToTell()) {
      const to = { organizationId: OPERATOR_ORGANIZATION_ID, userId };
      await mailUser(ctx, { kind: 'last_administrator', ...to, values: { ...values, own: false, path } });
    }
  });
}

export async function watchChiefs(now: Date, log: Logger): Promise<void> {
  const actor = { kind: 'system' as const, id: 'watch-chiefs', label: 'Mandate' };
  for (const changed of await query<Changed>(CHANGED, [now])) {
    try {
      await watch({ organizationId: changed.id, actor, requestId: uuidv7(), now, log }, changed);
    } catch (error) {
      // One that fails does not keep the others from being told; it is looked at again.
      log.error({ err: error, organizationId: changed.id }, 'the chief administrators could not be counted');
    }
  }
}

export const watchChiefsJob = (log: Logger): JobHandler => ({
  cron: '*/5 * * * *',
  run: () => watchChiefs(new Date(), log),
});
