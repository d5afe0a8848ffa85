// Ends stretches of time in which support acted for somebody, on record in the customer's history and in the operator's own.
import { recordAudit } from '../audit/record.ts';
import type { Ctx, OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { notPermitted } from '../entitlements/acting.ts';
import { HubError } from '../errors.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import type { Document } from '../provisioning/attribute.ts';
import { isId } from '../users/is-id.ts';
import { nameOf } from '../users/user-row.ts';

/** Why a visit ended. `stopped`: by the staff. `signed_out`: the staff's own session is over. */
export const VISIT_OUTCOMES = [
  'stopped',
  'withdrawn',
  'expired',
  'role_lost',
  'administrator_gone',
  'organization_inactive',
  'signed_out',
] as const;
export type VisitOutcome = (typeof VISIT_OUTCOMES)[number];

type Which = { readonly visitId: string } | { readonly consentId: string } | { readonly sessionUid: string };

type Ended = {
  id: string;
  organizationId: string;
  organizationName: string;
  administratorId: string;
  staffId: string;
  staff: Document;
};

/** Only a session's are looked for in every organization. */
function condition(ctx: Ctx, which: Which): { text: string; values: readonly unknown[] } {
  if ('sessionUid' in which) return { text: 'v.session_uid = $3', values: [which.sessionUid] };
  const [column, id] = 'visitId' in which ? ['id', which.visitId] : ['consent_id', which.consentId];
  return { text: `v.organization_id = $3 and v.${column} = $4`, values: [ctx.organizationId, id] };
}

/** Those that are open, in the ambient transaction; answers how many. Who may is the caller's to know. */
export async function endVisits(ctx: Ctx, which: Which, outcome: VisitOutcome): Promise<number> {
  const { text, values } = condition(ctx, which);
  return transaction(async () => {
    const ended = await query<Ended>(
      `update support_visits v set ended_at = $1, outcome = $2
       from support_consents c, organizations o, users s
       where ${text} and v.ended_at is null and (c.organization_id, c.id) = (v.organization_id, v.consent_id)
         and o.id = v.organization_id and s.organization_id = '${OPERATOR_ORGANIZATION_ID}' and s.id = v.staff_id
       returning v.id, v.organization_id as "organizationId", o.name as "organizationName",
         c.administrator_id as "administratorId", v.staff_id as "staffId", s.document as staff`,
      [ctx.now, outcome, ...values],
    );
    for (const visit of ended) {
      await recordAudit(ctx, {
        action: 'support.visit_ended',
        targetKind: 'user',
        targetId: visit.administratorId,
        organizationId: visit.organizationId,
        after: { visit: visit.id, staff: nameOf(visit.staff), outcome },
      });
      await recordAudit(ctx, {
        action: 'staff.acting_ended',
        targetKind: 'user',
        targetId: visit.staffId,
        organizationId: OPERATOR_ORGANIZATION_ID,
        after: { visit: visit.id, organization: visit.organizationId, customer: visit.organizationName, outcome },
      });
    }
    return ended.length;
  });
}

/** He knows now: his next page is his own again. */
export const noteTold = (ctx: Ctx, sessionUid: string): Promise<unknown> =>
  query('update support_visits set told_at = $2 where session_uid = $1 and told_at is null and ended_at is not null', [
    sessionUid,
    ctx.now,
  ]);

/** The staff's own "stop". */
export const stopVisits = (ctx: Ctx, sessionUid: string): Promise<void> =>
  transaction(async () => {
    await endVisits(ctx, { sessionUid }, 'stopped');
    await noteTold(ctx, sessionUid);
  });

/** The operator ends one, whoever's. Throws HubError `not_permitted` (operator only), `not_found`. */
export async function endVisit(ctx: OrganizationCtx, visitId: string): Promise<void> {
  if (ctx.actor.kind !== 'operator' && ctx.actor.kind !== 'system') throw notPermitted();
  const visit = isId(visitId)
    ? await query('select 1 from support_visits where organization_id = $1 and id = $2', [ctx.organizationId, visitId])
    : [];
  if (visit.length === 0) throw new HubError('not_found', `There is no support visit ${visitId}.`);
  await endVisits(ctx, { visitId }, 'stopped');
}
