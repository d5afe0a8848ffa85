// Suspends an organization and lets it in again. The state alone ends access: every door reads it together with its
// session, code or token, and what the organization passed on as mandates gives nothing. Tidying up is a job.
import { auditSelect, auditValues } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { endOrganizationAccess } from '../credentials/end-access.ts';
import { prepared, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import { checkOperator } from './check-operator.ts';
import { organizationNotFound } from './find-organization.ts';
import { OPERATOR_ORGANIZATION_ID } from './operator-organization.ts';

const SET_STATE = prepared(
  'organization_set_state',
  `with changed as (
    update organizations set state = $3, updated_at = $4 where id = $1 and state = $2 returning id
  ), audited as (${auditSelect(5, 'from changed')})
  select exists (select 1 from changed) as changed, o.state from organizations o where o.id = $1`,
);

async function setState(ctx: Ctx, id: string, from: 'active' | 'suspended', reason?: string): Promise<boolean> {
  checkOperator(ctx);
  const to = from === 'active' ? 'suspended' : 'active';
  const row = isId(id)
    ? await queryOne<{ changed: boolean; state: string }>(SET_STATE, [
        id,
        from,
        to,
        ctx.now,
        ...auditValues(ctx, {
          action: to === 'suspended' ? 'organization.suspended' : 'organization.resumed',
          targetKind: 'organization',
          targetId: id,
          organizationId: id,
          before: { state: from },
          after: { state: to, ...(reason === undefined ? {} : { reason }) },
        }),
      ])
    : undefined;
  if (!row) throw organizationNotFound(id);
  // `state` is read as it was before the statement.
  if (!row.changed && row.state === 'closed') throw new HubError('conflict', 'This organization is closed.');
  return row.changed;
}

/** True when it was active. Throws HubError `not_permitted` (operator only; never his own), `not_found`, `conflict`. */
export async function suspendOrganization(ctx: Ctx, id: string, reason?: string): Promise<boolean> {
  if (id.toLowerCase() === OPERATOR_ORGANIZATION_ID) {
    throw new HubError('not_permitted', "The operator's own organization cannot be suspended.");
  }
  return transaction(async () => {
    const changed = await setState(ctx, id, 'active', reason);
    if (changed) await endOrganizationAccess(ctx, id);
    return changed;
  });
}

/** True when it was suspended: rights are again what they were, sessions are not. */
export function resumeOrganization(ctx: Ctx, id: string, reason?: string): Promise<boolean> {
  return transaction(() => setState(ctx, id, 'suspended', reason));
}
