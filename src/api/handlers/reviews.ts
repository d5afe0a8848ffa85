// Access reviews; see ../operations/reviews.ts.
import type { Actor } from '../../context.ts';
import { HubError } from '../../errors.ts';
import { closeReview, decideRow } from '../../reviews/decide.ts';
import { findReview, listReviews, reviewRows, type Review, type ReviewRow } from '../../reviews/review.ts';
import { findSchedule, setSchedule } from '../../reviews/schedule.ts';
import { startReview } from '../../reviews/start-review.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { reviewOperations } from '../operations/reviews.ts';
import { limitOf, page } from '../page.ts';
import { invalidInput } from '../problems.ts';

type Who = { readonly kind: Actor['kind']; readonly id: string; readonly label: string };
type Stored = { readonly kind: string; readonly id: string; readonly label: string };
const who = (one: Stored): Who => one as Who;
const maybe = (one: Stored | null): Who | null => one && who(one);

const shown = ({ groupName: _, ...review }: Review) => ({
  ...review,
  startedBy: who(review.startedBy),
  closedBy: maybe(review.closedBy),
});
const shownRow = ({ givenBy: _b, givenAt: _a, stands: _s, userName: _u, accountNumber: _n, ...row }: ReviewRow) => ({
  ...row,
  decidedBy: maybe(row.decidedBy),
});

export const reviewHandlers: Handlers<typeof reviewOperations> = {
  'review.start': async (ctx, { body }) => shown(await startReview(ctx, compact(body))),
  'review.list': async (ctx, { query }) => page((await listReviews(ctx)).map(shown), query, ({ id }) => id),
  'review.get': async (ctx, { params }) => shown(await findReview(ctx, params.review)),
  'review.rows': async (ctx, { params, query }) => {
    if (query.after !== undefined && !/^\d{1,9}$/.test(query.after))
      throw invalidInput([{ path: 'query.after', message: 'must be the `next` of the page before' }]);
    const { rows, next } = await reviewRows(ctx, params.review, {
      size: limitOf(query),
      ...(query.after !== undefined && { after: Number(query.after) }),
    });
    return { items: rows.map(shownRow), next: next === null ? null : String(next) };
  },
  'review.decide': (ctx, { params, body }) => decideRow(ctx, { reviewId: params.review, ...body }),
  'review.close': async (ctx, { params }) => shown(await closeReview(ctx, params.review)),
  'review-schedule.get': async (ctx) => {
    const schedule = await findSchedule(ctx);
    if (!schedule) throw new HubError('not_found', 'This organization has no schedule of reviews.');
    return schedule;
  },
  'review-schedule.set': async (ctx, { body }) => {
    await setSchedule(ctx, body);
    return body;
  },
  'review-schedule.end': (ctx) => setSchedule(ctx, null),
};
