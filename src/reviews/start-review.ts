// Starts a review: what stands at this moment becomes its rows, in one statement however many they are.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import { findApplication } from '../applications/catalogue.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { HubError } from '../errors.ts';
import { findGroup } from '../groups/find-group.ts';
import { findReview, type Review, type ReviewScope } from './review.ts';

type NewReview = {
  readonly scope: ReviewScope;
  /** The group's id or the application's key; absent for `all`. */
  readonly scopeId?: string | null;
  /** 2026-12-31; not in the past. */
  readonly dueOn: string;
};

const SCOPES: Record<ReviewScope, string> = {
  all: '$4::text is null',
  group: `a.subject_id in (
    with recursive down(id) as (
      select $4::uuid union select n.child_id from down d join group_groups n on n.organization_id = $1 and n.parent_id = d.id
    ) select id from down union all select m.user_id from down d join group_users m on m.organization_id = $1 and m.group_id = d.id)`,
  application: `(a.application = $4 or a.role_id in (
    select e.role_id from role_entitlements e where e.organization_id = $1 and e.application = $4 and e.ended_at is null
      and (e.valid_until is null or e.valid_until > $3)))`,
};

const fill = (
  scope: ReviewScope,
): string => `insert into review_rows (organization_id, review_id, position, assignment_id, subject_kind,
    subject_id, role_id, application, customer_account_id, profile, "values", valid_until, given_by, given_at, last_used_on)
  select $1, $2, row_number() over (order by a.subject_kind desc, coalesce(u.display_name_key, u.user_name_key, g.display_name_key), a.subject_id, a.id),
    a.id, a.subject_kind, a.subject_id, a.role_id, a.application, a.customer_account_id, a.profile, a."values", a.valid_until, a.given_by,
    a.given_at, used.last
  from assignments a
  left join users u on u.organization_id = $1 and a.subject_kind = 'user' and u.id = a.subject_id and u.deleted_at is null
  left join groups g on g.organization_id = $1 and a.subject_kind = 'group' and g.id = a.subject_id and g.deleted_at is null
  left join lateral (
    select max(p.last_used_on) as last from application_uses p
    where p.organization_id = $1 and p.user_id = u.id and (p.application = a.application
      or p.application in (select e.application from role_entitlements e
        where e.organization_id = $1 and e.role_id = a.role_id and e.ended_at is null))
  ) used on true
  where a.organization_id = $1 and a.ended_at is null and (a.valid_until is null or a.valid_until > $3)
    and coalesce(u.id, g.id) is not null and ${SCOPES[scope]}`;

const invalid = (path: string, message: string) =>
  new HubError('invalid_input', message, { issues: [{ path, message }] });

/** Throws HubError `not_permitted`, `invalid_input` (the day), `not_found` (the group), `unknown_application`. */
export function startReview(ctx: OrganizationCtx, { scope, scopeId = null, dueOn }: NewReview): Promise<Review> {
  return transaction(async () => {
    await checkAdministers(ctx);
    if (Number.isNaN(Date.parse(dueOn)) || Date.parse(dueOn) + 86_400_000 < ctx.now.getTime())
      throw invalid('dueOn', 'The review must be due today or later.');
    if (scope === 'group') await findGroup(ctx, scopeId ?? '');
    if (scope === 'application') findApplication(catalogue(), scopeId ?? '');
    const id = uuidv7();
    const of = scope === 'all' ? null : scopeId;
    await query(
      `insert into reviews (organization_id, id, scope_kind, scope_id, due_on, started_by, started_at) values ($1, $2, $3, $4, $5, $6, $7)`,
      [ctx.organizationId, id, scope, of, dueOn, JSON.stringify(ctx.actor), ctx.now],
    );
    await query(fill(scope), [ctx.organizationId, id, ctx.now, of]);
    const review = await findReview(ctx, id);
    await recordAudit(ctx, {
      action: 'review.started',
      targetKind: 'review',
      targetId: id,
      after: { scope, scopeId: of, dueOn, rows: review.rows },
    });
    return review;
  });
}
