// Acts that take two people of the operator's staff: one asks with a reason, another confirms within a week. What is
// confirmed stands in `facts`, so that nothing else can be slipped in between. The act itself is its own domain's: it asks
// here and, when it is confirmed, takes the approval in its own transaction.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { checkText } from '../organizations/check-settings.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';

export type ApprovalKind = 'close_organization' | 'publish_application' | 'destroy_key';

export type Approval = {
  readonly id: string;
  readonly kind: ApprovalKind;
  readonly targetId: string;
  readonly targetName: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly reason: string;
  readonly askedBy: { readonly id: string; readonly label: string };
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly outcome: 'approved' | 'refused' | 'withdrawn' | null;
  readonly decidedBy: { readonly label: string } | null;
  readonly decidedAt: Date | null;
};

type NewApproval = Pick<Approval, 'kind' | 'targetId' | 'targetName' | 'facts' | 'reason'>;

const EXPIRES_MS = 7 * 24 * 3_600_000;

export const APPROVAL_COLUMNS = `id, kind, target_id as "targetId", target_name as "targetName", facts, reason, asked_by as "askedBy",
  asked_at as "askedAt", expires_at as "expiresAt", outcome, decided_by as "decidedBy", decided_at as "decidedAt"`;

const audit = (ctx: Ctx, action: string, { kind, targetId, targetName, reason }: NewApproval) =>
  recordAudit(ctx, {
    action: `approval.${action}`,
    targetKind: kind,
    targetId,
    organizationId: OPERATOR_ORGANIZATION_ID,
    after: { name: targetName, reason },
  });

/** Answers its id. Throws HubError `not_permitted` (operator only), `invalid_input`, `conflict` where one is open already. */
export function askApproval(ctx: Ctx, input: NewApproval): Promise<string> {
  checkOperator(ctx);
  checkText('reason', input.reason, 500);
  const id = uuidv7();
  return transaction(async () => {
    await query(
      `update approvals set outcome = 'withdrawn', decided_at = $4 where organization_id = $1 and kind = $2 and target_id = $3
         and outcome is null and expires_at <= $4`,
      [OPERATOR_ORGANIZATION_ID, input.kind, input.targetId, ctx.now],
    );
    const made = await query(
      `insert into approvals (organization_id, id, kind, target_id, target_name, facts, reason, asked_by, asked_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning 1`,
      [
        OPERATOR_ORGANIZATION_ID,
        id,
        input.kind,
        input.targetId,
        input.targetName,
        JSON.stringify(input.facts),
        input.reason.trim(),
        JSON.stringify(ctx.actor),
        ctx.now,
        new Date(ctx.now.getTime() + EXPIRES_MS),
      ],
    );
    if (made.length === 0)
      throw new HubError('conflict', 'This has been asked for already and waits for a second person.');
    await audit(ctx, 'asked', input);
    return id;
  });
}

/** The open one, locked. Throws HubError `not_found`. */
async function openOne(ctx: Ctx, kind: ApprovalKind, targetId: string): Promise<Approval> {
  const found = await queryOne<Approval>(
    `select ${APPROVAL_COLUMNS} from approvals where organization_id = $1 and kind = $2 and target_id = $3 and outcome is null
       and expires_at > $4 for update`,
    [OPERATOR_ORGANIZATION_ID, kind, targetId, ctx.now],
  );
  if (!found) throw new HubError('not_found', 'Nothing waits to be confirmed here.');
  return found;
}

async function decide(ctx: Ctx, approval: Approval, outcome: 'approved' | 'refused' | 'withdrawn'): Promise<void> {
  await query(
    'update approvals set outcome = $3, decided_by = $4, decided_at = $5 where organization_id = $1 and id = $2',
    [OPERATOR_ORGANIZATION_ID, approval.id, outcome, JSON.stringify(ctx.actor), ctx.now],
  );
  await audit(ctx, outcome, approval);
}

/**
 * Confirms, in the transaction of the act. Throws HubError `not_permitted`, `not_found`, and `four_eyes` for whoever asked
 * and for the hub itself.
 */
export async function takeApproval(ctx: Ctx, kind: ApprovalKind, targetId: string): Promise<Approval> {
  checkOperator(ctx);
  const approval = await openOne(ctx, kind, targetId);
  if (ctx.actor.kind !== 'operator' || approval.askedBy.id === ctx.actor.id)
    throw new HubError('four_eyes', 'A second person has to confirm this.');
  await decide(ctx, approval, 'approved');
  return approval;
}

/** Whoever asked takes it back; anybody else refuses. Throws HubError `not_permitted`, `not_found`. */
export function dropApproval(ctx: Ctx, kind: ApprovalKind, targetId: string): Promise<void> {
  checkOperator(ctx);
  return transaction(async () => {
    const approval = await openOne(ctx, kind, targetId);
    await decide(ctx, approval, approval.askedBy.id === ctx.actor.id ? 'withdrawn' : 'refused');
  });
}
