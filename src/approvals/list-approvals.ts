// What waits for a second person of the staff, and what became of the rest.
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { APPROVAL_COLUMNS, type Approval, type ApprovalKind } from './ask-approval.ts';

const MOST_DECIDED = 50;

/** How many wait. Throws HubError `not_permitted` (operator only). */
export async function openApprovals(ctx: Ctx): Promise<number> {
  checkOperator(ctx);
  const row = await queryOne<{ count: number }>(
    'select count(*)::int as count from approvals where organization_id = $1 and outcome is null and expires_at > $2',
    [OPERATOR_ORGANIZATION_ID, ctx.now],
  );
  return row?.count ?? 0;
}

/** Those that wait, and the last that were decided; the newest first. Throws HubError `not_permitted`. */
export async function listApprovals(ctx: Ctx): Promise<{ open: Approval[]; decided: Approval[] }> {
  checkOperator(ctx);
  const [open, decided] = await Promise.all([
    query<Approval>(
      `select ${APPROVAL_COLUMNS} from approvals where organization_id = $1 and outcome is null and expires_at > $2 order by id desc`,
      [OPERATOR_ORGANIZATION_ID, ctx.now],
    ),
    query<Approval>(
      `select ${APPROVAL_COLUMNS} from approvals where organization_id = $1 and outcome is not null order by id desc limit ${MOST_DECIDED}`,
      [OPERATOR_ORGANIZATION_ID],
    ),
  ]);
  return { open, decided };
}

/** The one that waits for this, if any. Throws HubError `not_permitted`. */
export async function findApproval(ctx: Ctx, kind: ApprovalKind, targetId: string): Promise<Approval | undefined> {
  checkOperator(ctx);
  return queryOne<Approval>(
    `select ${APPROVAL_COLUMNS} from approvals where organization_id = $1 and kind = $2 and target_id = $3 and outcome is null
       and expires_at > $4`,
    [OPERATOR_ORGANIZATION_ID, kind, targetId, ctx.now],
  );
}
