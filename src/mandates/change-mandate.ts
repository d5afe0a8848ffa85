// Changes a mandate's terms, or withdraws it. Nothing was copied down, so what hangs below gives at once only what the
// new terms leave of it, and nothing after a withdrawal. That rights are not removed (`deactivate_only`) does not hold here.
import { auditSelect, auditValues } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { loadActing, type Acting } from '../entitlements/acting.ts';
import type { Box } from '../entitlements/box.ts';
import { gainOf } from '../entitlements/giving.ts';
import { limitsAbove, clip } from '../entitlements/limits-above.ts';
import { intersectUnion } from '../entitlements/intersect.ts';
import { orThrow } from '../entitlements/refusal.ts';
import { mayTakeAway } from '../entitlements/taking-away.ts';
import { HubError } from '../errors.ts';
import { announce } from './announce-mandate.ts';
import { acceptedTerms, checkMandator, checkPath, checkWithinLimits, type MandateTerms } from './check-mandate.ts';
import { findGivenMandate, linksTo, type Mandate } from './find-mandate.ts';
import { recordReceived } from './record-received.ts';

const applicationsOf = (mandate: Pick<Mandate, 'boxes'>): string[] =>
  mandate.boxes.map(({ application }) => application);

function limitsOf({ boxes, customerAccountId, validFrom, validUntil }: Mandate): Box[] {
  const validity = { from: validFrom?.getTime() ?? null, until: validUntil?.getTime() ?? null };
  return boxes.map((box) => ({ ...box, customerAccount: customerAccountId, validity }));
}

/** What of it has effect now, under the giver's own limits. */
function effectiveIn(acting: Acting, mandate: Mandate, boxes: readonly Box[]): Box[] {
  const account = acting.snapshot.accounts.get(mandate.customerAccountId);
  const above = account ? limitsAbove(account, acting.snapshot) : [];
  const through = above.filter(({ via }) => (via.at(-1) ?? null) === mandate.parentId).flatMap((limit) => limit.boxes);
  const fromNow = clip(boxes, { from: acting.snapshot.at, until: null });
  return fromNow.flatMap((box) => intersectUnion(box, through));
}

function checkTaking(acting: Acting, mandate: Mandate, boxes: readonly Box[]): void {
  const losses = [{ receiverUserId: mandate.receiverOrganizationId, boxes: effectiveIn(acting, mandate, boxes) }];
  orThrow(mayTakeAway({ ceiling: acting.ceiling, losses, policy: () => 'allowed' }));
}

/**
 * New terms in place of all the old ones; receiver and account stay. Only what comes in addition must lie within the ceiling, only
 * what goes counts as taken away. `version`: the one that was read, else `conflict`. Throws as giveMandate does; `not_found` for a mandate that another organization gave.
 */
export function changeMandate(
  ctx: OrganizationCtx,
  id: string,
  terms: MandateTerms & { readonly version?: number },
): Promise<Mandate> {
  return transaction(async () => {
    const before = await findGivenMandate(ctx, id);
    if (terms.version !== undefined && terms.version !== before.version)
      throw new HubError('conflict', 'This mandate was changed meanwhile.');
    const acting = await loadActing(ctx);
    const { boxes, limits } = acceptedTerms(acting, before.customerAccountId, terms);
    checkMandator(acting, before.customerAccountId, [...applicationsOf(before), ...applicationsOf({ boxes })]);
    const onward = terms.onward ?? 0;
    const above = (await linksTo(before)).slice(0, -1);
    checkPath(above, {
      fromOrganization: before.giverOrganizationId,
      toOrganization: before.receiverOrganizationId,
      onward,
    });
    checkWithinLimits(acting, gainOf(limitsOf(before), limits), before.parentId, before.receiverOrganizationId);
    checkTaking(acting, before, gainOf(limits, limitsOf(before)));
    const after = {
      ...before,
      boxes,
      onward,
      validFrom: terms.validFrom ?? null,
      validUntil: terms.validUntil ?? null,
      version: before.version + 1,
    };
    await query(
      `with changed as (
        update mandates set boxes = $3, onward = $4, valid_from = $5, valid_until = $6, version = version + 1
        where organization_id = $1 and id = $2 and ended_at is null returning id
      ), audited as (${auditSelect(7, 'from changed')})
      select id from changed`,
      [
        before.ownerOrganizationId,
        before.id,
        JSON.stringify(boxes),
        onward,
        after.validFrom,
        after.validUntil,
        ...auditValues(ctx, { action: 'mandate.changed', targetKind: 'mandate', targetId: before.id, before, after }),
      ],
    );
    await recordReceived(ctx, 'received_changed', [after], before);
    await announce(ctx, after, 'changed');
    return after;
  });
}

/** Throws HubError `not_found` (also for one that another organization gave), `not_permitted`, `grantor_lacks_right`. */
export function withdrawMandate(ctx: OrganizationCtx, id: string): Promise<void> {
  return transaction(async () => {
    const mandate = await findGivenMandate(ctx, id);
    const acting = await loadActing(ctx);
    checkMandator(acting, mandate.customerAccountId, applicationsOf(mandate));
    checkTaking(acting, mandate, limitsOf(mandate));
    await query(
      `with ended as (
        update mandates set ended_at = $3, ended_by = $4 where organization_id = $1 and id = $2 and ended_at is null returning id
      ), audited as (${auditSelect(5, 'from ended')})
      select id from ended`,
      [
        mandate.ownerOrganizationId,
        mandate.id,
        ctx.now,
        JSON.stringify(ctx.actor),
        ...auditValues(ctx, {
          action: 'mandate.withdrawn',
          targetKind: 'mandate',
          targetId: mandate.id,
          before: mandate,
        }),
      ],
    );
    await recordReceived(ctx, 'received_withdrawn', [mandate]);
    await announce(ctx, mandate, 'withdrawn');
  });
}
