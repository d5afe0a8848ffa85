// Decides a row of a review, and closes a review. "Remove" is the taking away of the assignment by whoever decides, with
// everything that may stand against it; "keep" changes nothing but the record.
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { endAssignment } from '../entitlements/end-assignment.ts';
import { HubError } from '../errors.ts';
import { findReview, reviewNotFound, type Review, type ReviewDecision } from './review.ts';

type Decide = { readonly reviewId: string; readonly position: number; readonly decision: ReviewDecision };

/** A row's number is an `integer` of the database; no row has any other. */
const isPosition = (given: number): boolean => Number.isInteger(given) && given >= 0 && given < 2 ** 31;

const conflict = (message: string) => new HubError('conflict', message);

/** Waits for a row of the review that is being decided. Throws HubError `not_found`, `conflict` (closed). */
async function lockOpen(ctx: OrganizationCtx, id: string): Promise<void> {
  await findReview(ctx, id);
  const open = await queryOne<{ closed: boolean }>(
    'select closed_at is not null as closed from reviews where organization_id = $1 and id = $2 for share',
    [ctx.organizationId, id],
  );
  if (open?.closed !== false) throw conflict('This review is closed.');
}

/**
 * What was removed stays removed: it can only be given anew. Throws HubError `not_permitted`, `not_found`, `conflict` (closed, or
 * removed already), and for `remove` what endAssignment refuses with.
 */
export function decideRow(ctx: OrganizationCtx, { reviewId, position, decision }: Decide): Promise<void> {
  return transaction(async () => {
    await checkAdministers(ctx);
    await lockOpen(ctx, reviewId);
    if (!isPosition(position)) throw reviewNotFound(`${reviewId}, row ${position}`);
    const row = await queryOne<{ assignment: string; decision: ReviewDecision | null; stands: boolean }>(
      `select w.assignment_id as assignment, w.decision, exists (select 1 from assignments a where a.organization_id = $1
         and a.id = w.assignment_id and a.ended_at is null) as stands
       from review_rows w where w.organization_id = $1 and w.review_id = $2 and w.position = $3 for update of w`,
      [ctx.organizationId, reviewId, position],
    );
    if (!row) throw reviewNotFound(`${reviewId}, row ${position}`);
    if (row.decision === decision) return;
    if (row.decision === 'remove') throw conflict('This right was removed already.');
    if (decision === 'remove' && row.stands) await endAssignment(ctx, row.assignment);
    await query(
      `update review_rows set decision = $4, decided_by = $5, decided_at = $6
       where organization_id = $1 and review_id = $2 and position = $3`,
      [ctx.organizationId, reviewId, position, decision, JSON.stringify(ctx.actor), ctx.now],
    );
    await recordAudit(ctx, {
      action: 'review.decided',
      targetKind: 'review',
      targetId: reviewId.toLowerCase(),
      before: { decision: row.decision },
      after: { position, assignment: row.assignment, decision },
    });
  });
}

/** What nobody decided stays as it is, and stays written down as undecided. Throws as decideRow does. */
export function closeReview(ctx: OrganizationCtx, id: string): Promise<Review> {
  return transaction(async () => {
    const before = await findReview(ctx, id);
    const closed = await query(
      'update reviews set closed_at = $3, closed_by = $4 where organization_id = $1 and id = $2 and closed_at is null returning id',
      [ctx.organizationId, id, ctx.now, JSON.stringify(ctx.actor)],
    );
    if (closed.length === 0) throw conflict('This review is closed.');
    await recordAudit(ctx, {
      action: 'review.closed',
      targetKind: 'review',
      targetId: before.id,
      after: { rows: before.rows, kept: before.kept, removed: before.removed },
    });
    return findReview(ctx, id);
  });
}
