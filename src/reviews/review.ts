// Access reviews: what somebody was given, looked at again row by row. This file reads them: the review with its progress,
// and its rows with the names of now.
import type { OrganizationCtx } from '../context.ts';
import { preparedText, query, queryOne } from '../database/query.ts';
import type { Values } from '../entitlements/box.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';

export const REVIEW_SCOPES = ['all', 'group', 'application'] as const;
export type ReviewScope = (typeof REVIEW_SCOPES)[number];
export type ReviewDecision = 'keep' | 'remove';
type Who = { readonly kind: string; readonly id: string; readonly label: string };

export type Review = {
  readonly id: string;
  readonly scope: ReviewScope;
  /** The group's id or the application's key. */
  readonly scopeId: string | null;
  readonly groupName: string | null;
  /** 2026-12-31 */
  readonly dueOn: string;
  readonly startedBy: Who;
  readonly startedAt: Date;
  readonly closedAt: Date | null;
  readonly closedBy: Who | null;
  readonly rows: number;
  readonly kept: number;
  readonly removed: number;
};

export type ReviewRow = {
  /** Its place, from 1; names it within the review. */
  readonly position: number;
  readonly assignmentId: string;
  readonly subjectKind: 'user' | 'group';
  readonly subjectId: string;
  readonly subjectName: string;
  /** Of a user. */
  readonly userName: string | null;
  readonly roleId: string | null;
  readonly roleName: string | null;
  readonly application: string | null;
  readonly customerAccountId: string | null;
  readonly accountNumber: string | null;
  readonly profile: string | null;
  readonly values: Readonly<Record<string, Values>> | null;
  readonly validUntil: Date | null;
  readonly givenBy: Who;
  readonly givenAt: Date;
  /** When the user last used the application, or one of the role's; null: never, or a group's row. */
  readonly lastUsedOn: string | null;
  /** A user's that was given and not used for 90 days or more when the review began. */
  readonly unused: boolean;
  readonly decision: ReviewDecision | null;
  readonly decidedBy: Who | null;
  readonly decidedAt: Date | null;
  /** The assignment stands at this moment. */
  readonly stands: boolean;
};

const REVIEW = `select r.id, r.scope_kind as scope, r.scope_id as "scopeId", g.display_name as "groupName",
    to_char(r.due_on, 'YYYY-MM-DD') as "dueOn", r.started_by as "startedBy", r.started_at as "startedAt", r.closed_at as "closedAt",
    r.closed_by as "closedBy", c.rows, c.kept, c.removed
  from reviews r
  left join groups g on g.organization_id = $1 and g.id = case when r.scope_kind = 'group' then r.scope_id::uuid end
  cross join lateral (select count(*)::int as rows, count(*) filter (where decision = 'keep')::int as kept,
    count(*) filter (where decision = 'remove')::int as removed from review_rows w where w.organization_id = $1 and w.review_id = r.id) c
  where r.organization_id = $1`;

export const reviewNotFound = (id: string) => new HubError('not_found', `There is no review ${id}.`);

/** Open ones first, then the newest. Throws HubError `not_permitted`. */
export async function listReviews(ctx: OrganizationCtx): Promise<Review[]> {
  await checkAdministers(ctx);
  return query<Review>(`${REVIEW} order by r.closed_at is not null, r.id desc limit 100`, [ctx.organizationId]);
}

/** Throws HubError `not_permitted`, `not_found`. */
export async function findReview(ctx: OrganizationCtx, id: string): Promise<Review> {
  await checkAdministers(ctx);
  const row = isId(id) ? await queryOne<Review>(`${REVIEW} and r.id = $2`, [ctx.organizationId, id]) : undefined;
  if (!row) throw reviewNotFound(id);
  return row;
}

const ROWS = `select w.position, w.assignment_id as "assignmentId", w.subject_kind as "subjectKind", w.subject_id as "subjectId",
    coalesce(u.document ->> 'displayName', u.user_name, g.display_name, '') as "subjectName", u.document ->> 'userName' as "userName",
    w.role_id as "roleId", r.name as "roleName", w.application, w.customer_account_id as "customerAccountId", n.number as "accountNumber",
    w.profile, w."values", w.valid_until as "validUntil", w.given_by as "givenBy", w.given_at as "givenAt",
    to_char(w.last_used_on, 'YYYY-MM-DD') as "lastUsedOn",
    w.subject_kind = 'user' and w.given_at < v.started_at - interval '90 days'
      and coalesce(w.last_used_on < v.started_at::date - 90, true) as unused,
    w.decision, w.decided_by as "decidedBy", w.decided_at as "decidedAt",
    exists (select 1 from assignments a where a.organization_id = $1 and a.id = w.assignment_id and a.ended_at is null
      and (a.valid_until is null or a.valid_until > $3)) as stands
  from review_rows w
  join reviews v on v.organization_id = $1 and v.id = w.review_id
  left join users u on u.organization_id = $1 and w.subject_kind = 'user' and u.id = w.subject_id
  left join groups g on g.organization_id = $1 and w.subject_kind = 'group' and g.id = w.subject_id
  left join roles r on r.organization_id = $1 and r.id = w.role_id
  left join customer_account_numbers n on n.customer_account_id = w.customer_account_id
  where w.organization_id = $1 and w.review_id = $2 and w.position > $4`;

type ReviewRowQuery = {
  readonly size: number;
  /** The position after which the page begins. */
  readonly after?: number;
  /** Only those on which nobody has decided. */
  readonly undecided?: boolean;
};

/** By name. Throws HubError `not_permitted`, `not_found`. */
export async function reviewRows(
  ctx: OrganizationCtx,
  reviewId: string,
  { size, after = 0, undecided = false }: ReviewRowQuery,
): Promise<{ rows: ReviewRow[]; next: number | null }> {
  await findReview(ctx, reviewId);
  const found = await query<ReviewRow>(
    preparedText(`${ROWS}${undecided ? ' and w.decision is null' : ''} order by w.position limit $5`),
    [ctx.organizationId, reviewId, ctx.now, after, size + 1],
  );
  const rows = found.slice(0, size);
  return { rows, next: found.length > size ? (rows.at(-1)?.position ?? null) : null };
}

const CHUNK = 500;

/** All of them in chunks, for an export. Throws HubError `not_permitted`, `not_found`. */
export async function* eachReviewRow(ctx: OrganizationCtx, reviewId: string): AsyncGenerator<ReviewRow[]> {
  for (let after: number | null = 0; after !== null;) {
    const page: Awaited<ReturnType<typeof reviewRows>> = await reviewRows(ctx, reviewId, { size: CHUNK, after });
    if (page.rows.length > 0) yield page.rows;
    after = page.next;
  }
}
