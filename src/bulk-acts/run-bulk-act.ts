// Does one act on many people, each in a transaction of his own by the very function that does it to one: what a deactivation
// promises holds for each with his own commit, and one refusal undoes nobody else's. That it was done to him is written in the
// same transaction, so that a worker may die at any moment and nobody is done twice. See docs/decisions/0016.
import { setImmediate as breathe } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Actor, OrganizationCtx } from '../context.ts';
import { inviteUser } from '../credentials/invite-user.ts';
import { enqueue, type JobHandler } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { changeUser } from '../users/change-user.ts';
import type { BulkActKind } from './bulk-act-kinds.ts';
import { RUN_BULK_ACT } from './prepare-bulk-act.ts';

export const TEND_BULK_ACTS = 'tend-bulk-acts';
/** How long one job works before it sends the next, so that a stop of the hub waits for none. */
const SLICE_MS = 3000;
/** One person takes far less; a second worker at the same act does no harm. */
const STALLED_S = 10;
const KEEP_DAYS = 30;

type Running = { readonly act: BulkActKind; readonly createdBy: Actor };
type Place = { readonly organizationId: string; readonly bulkActId: string };

const perform = async (ctx: OrganizationCtx, act: BulkActKind, userId: string): Promise<void> => {
  if (act === 'invite') await inviteUser(ctx, { userId });
  else await changeUser(ctx, userId, (document) => ({ ...document, active: act === 'reactivate' }));
};

const mark = ({ organizationId, bulkActId }: Place, userId: string, now: Date, code: string | null) =>
  query(
    `with moved as (
       update bulk_act_people set state = case when $4::text is null then 'done' else 'refused' end, code = $4
       where organization_id = $1 and bulk_act_id = $2 and user_id = $3 and state = 'waiting'
     ) update bulk_acts set progress_at = $5 where organization_id = $1 and id = $2`,
    [organizationId, bulkActId, userId, code, now],
  );

/** The next person whom no other worker has. Undefined: none is left for this one. */
async function step(place: Place, { act, createdBy }: Running, log: Logger): Promise<boolean> {
  const { organizationId, bulkActId } = place;
  const now = new Date();
  const ctx: OrganizationCtx = { organizationId, actor: createdBy, requestId: `bulk act ${bulkActId}`, now, log };
  let userId: string | undefined;
  try {
    return await transaction(async () => {
      const next = await queryOne<{ userId: string }>(
        `select user_id as "userId" from bulk_act_people where organization_id = $1 and bulk_act_id = $2 and state = 'waiting'
         order by user_id limit 1 for update skip locked`,
        [organizationId, bulkActId],
      );
      userId = next?.userId;
      if (userId === undefined) return false;
      await perform(ctx, act, userId);
      await mark(place, userId, now, null);
      return true;
    });
  } catch (error) {
    // What it had begun is undone; the refusal alone is noted.
    if (userId === undefined || !(error instanceof HubError) || error.code === 'unavailable') throw error;
    await mark(place, userId, now, error.code);
    return true;
  }
}

const finish = ({ organizationId, bulkActId }: Place) =>
  query(
    `update bulk_acts b set state = 'finished', ended_at = $3, progress_at = $3
     where organization_id = $1 and id = $2 and state = 'running' and not exists (
       select 1 from bulk_act_people p where p.organization_id = $1 and p.bulk_act_id = $2 and p.state = 'waiting')`,
    [organizationId, bulkActId, new Date()],
  );

/** The work of one job; `data` names the act. */
export const runBulkAct = (log: Logger): JobHandler => ({
  run: async (data) => {
    const place = { organizationId: String(data['organizationId']), bulkActId: String(data['bulkActId']) };
    const running = await queryOne<Running>(
      `select act, created_by as "createdBy" from bulk_acts where organization_id = $1 and id = $2 and state = 'running'`,
      [place.organizationId, place.bulkActId],
    );
    if (!running) return;
    const late = Date.now() + SLICE_MS;
    while (await step(place, running, log)) {
      if (Date.now() > late) return enqueue(RUN_BULK_ACT, place);
      await breathe();
    }
    await finish(place);
  },
});

/** By the clock, and when a process starts: takes up what a worker left that died, and forgets what need not be kept. */
export const tendBulkActs: JobHandler = {
  cron: '* * * * *',
  atStart: true,
  run: async (data) => {
    await query(
      `delete from bulk_acts where (created_at < now() - interval '${KEEP_DAYS} days' and state <> 'running')
         or (created_at < now() - interval '1 day' and state = 'checked')`,
    );
    const stalledS = (data as typeof data | null)?.['atStart'] === true ? 0 : STALLED_S;
    await transaction(async () => {
      const stalled = await query<Place>(
        `select organization_id as "organizationId", id as "bulkActId" from bulk_acts
         where state = 'running' and progress_at <= now() - make_interval(secs => $1) limit 100 for update skip locked`,
        [stalledS],
      );
      for (const place of stalled) await enqueue(RUN_BULK_ACT, place);
    });
  },
};
