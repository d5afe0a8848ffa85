// The schedule by which an organization reviews its access, and the job of each morning: it starts what is due, and reminds
// of what is about to be.
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { notPermitted } from '../entitlements/acting.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { administrationRightsOf, rankOf } from '../entitlements/administration-rights-of.ts';
import { activeChiefs } from '../entitlements/check-deactivation.ts';
import { HubError } from '../errors.ts';
import { mailUser } from '../mail/mail-user.ts';
import { findReview, type Review } from './review.ts';
import { startReview } from './start-review.ts';

export const RUN_REVIEWS = 'run-reviews';
/** Time that people have for a review that the schedule starts. */
const DAYS = 30;
/** Days before it is due on which they are reminded. */
const REMIND = 7;

type ReviewSchedule = {
  readonly everyMonths: number;
  /** 2026-12-31 */
  readonly nextOn: string;
};

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** Null: there is none. Throws HubError `not_permitted`. */
export async function findSchedule(ctx: OrganizationCtx): Promise<ReviewSchedule | null> {
  await checkAdministers(ctx);
  const row = await queryOne<ReviewSchedule>(
    `select every_months as "everyMonths", to_char(next_on, 'YYYY-MM-DD') as "nextOn" from review_schedules where organization_id = $1`,
    [ctx.organizationId],
  );
  return row ?? null;
}

/** By a chief; null ends it. Throws HubError `not_permitted`, `invalid_input`. */
export function setSchedule(ctx: OrganizationCtx, schedule: ReviewSchedule | null): Promise<void> {
  return transaction(async () => {
    const rank = await checkAdministers(ctx);
    if (rank !== 'chief' && rank !== 'operator')
      throw notPermitted('Only a chief administrator schedules the reviews of a company.');
    const before = await findSchedule(ctx);
    if (schedule === null) await query('delete from review_schedules where organization_id = $1', [ctx.organizationId]);
    else {
      const { everyMonths, nextOn } = schedule;
      if (!Number.isInteger(everyMonths) || everyMonths < 1 || everyMonths > 24 || Number.isNaN(Date.parse(nextOn))) {
        throw new HubError('invalid_input', 'A review comes every 1 to 24 months, first on a day of the calendar.', {
          issues: [{ path: 'everyMonths', message: 'must be 1 to 24' }],
        });
      }
      await query(
        `insert into review_schedules (organization_id, every_months, next_on, set_by, set_at) values ($1, $2, $3, $4, $5)
         on conflict (organization_id) do update set every_months = $2, next_on = $3, set_by = $4, set_at = $5`,
        [ctx.organizationId, everyMonths, nextOn, JSON.stringify(ctx.actor), ctx.now],
      );
    }
    await recordAudit(ctx, {
      action: 'review.scheduled',
      targetKind: 'organization',
      targetId: ctx.organizationId,
      before,
      after: schedule,
    });
  });
}

type Said = { readonly begun: boolean; readonly overdue: boolean };

const mail = (ctx: OrganizationCtx, userId: string, review: Review, said: Said) =>
  mailUser(ctx, {
    kind: 'review_reminder',
    organizationId: ctx.organizationId,
    userId,
    values: {
      dueOn: new Date(`${review.dueOn}T12:00:00Z`),
      undecided: review.rows - review.kept - review.removed,
      ...said,
      path: `/portal/reviews/${review.id}`,
    },
  });

/** Starts the organization's review if its day has come. One that still runs is not started again. */
export function runSchedule(ctx: OrganizationCtx): Promise<Review | undefined> {
  return transaction(async () => {
    const due = await queryOne(
      `update review_schedules set next_on = (greatest(next_on, $2::date) + make_interval(months => every_months))::date
       where organization_id = $1 and next_on <= $2::date returning next_on`,
      [ctx.organizationId, dayOf(ctx.now)],
    );
    if (!due) return undefined;
    const running = await queryOne(
      `select 1 from reviews where organization_id = $1 and scope_kind = 'all' and closed_at is null limit 1`,
      [ctx.organizationId],
    );
    if (running) return undefined;
    const dueOn = dayOf(new Date(ctx.now.getTime() + DAYS * 86_400_000));
    const review = await startReview(ctx, { scope: 'all', dueOn });
    for (const chief of await activeChiefs(ctx)) await mail(ctx, chief, review, { begun: true, overdue: false });
    return review;
  });
}

/** SQL: nobody was reminded of the review; or it is overdue, and nobody was since it is. */
const unreminded = (today: string): string =>
  `(reminded_at is null or (due_on < ${today} and reminded_at::date <= due_on))`;

/** Before it is due and once it is overdue: whoever started it and still administers, else the chiefs. */
export function remindOf(ctx: OrganizationCtx, id: string): Promise<void> {
  return transaction(async () => {
    const claimed = await query(
      `update reviews set reminded_at = $3 where organization_id = $1 and id = $2 and closed_at is null and ${unreminded('$3::date')} returning id`,
      [ctx.organizationId, id, ctx.now],
    );
    if (claimed.length === 0) return;
    const review = await findReview(ctx, id);
    if (review.kept + review.removed === review.rows) return;
    const starter = review.startedBy.kind === 'user' ? review.startedBy.id : '';
    const [active] = await query<{ id: string }>(
      'select id from users where organization_id = $1 and id::text = $2 and active and deleted_at is null',
      [ctx.organizationId, starter],
    );
    const held = active ? (await administrationRightsOf(ctx, [active.id])).get(active.id) : undefined;
    const readers = active && rankOf(held ?? []) !== 'none' ? [active.id] : await activeChiefs(ctx);
    const overdue = review.dueOn < dayOf(ctx.now);
    for (const reader of readers) await mail(ctx, reader, review, { begun: false, overdue });
  });
}

/** Each morning, organization by organization: one that fails does not keep the others waiting. */
export const reviewsJob = (log: Logger): JobHandler => ({
  cron: '30 6 * * *',
  run: async () => {
    const now = new Date();
    const today = dayOf(now);
    const ctxOf = (organizationId: string): OrganizationCtx => ({
      organizationId,
      actor: { kind: 'system', id: RUN_REVIEWS, label: 'Mandate' },
      requestId: uuidv7(),
      now,
      log,
    });
    const schedules = await query<{ id: string }>(
      `select s.organization_id as id from review_schedules s join organizations o on o.id = s.organization_id and o.state = 'active'
       where s.next_on <= $1::date`,
      [today],
    );
    const reviews = await query<{ organizationId: string; id: string }>(
      `select organization_id as "organizationId", id from reviews
       where closed_at is null and due_on <= $1::date + ${REMIND} and ${unreminded('$1::date')}`,
      [today],
    );
    const work = [
      ...schedules.map(
        ({ id }) =>
          () =>
            runSchedule(ctxOf(id)),
      ),
      ...reviews.map(
        ({ organizationId, id }) =>
          () =>
            remindOf(ctxOf(organizationId), id),
      ),
    ];
    const failed: unknown[] = [];
    for (const one of work) await one().catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw new AggregateError(failed, `${failed.length} reviews were not started or reminded of`);
  },
});
