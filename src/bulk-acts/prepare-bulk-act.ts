// Asks for one act on many people: it is weighed and kept, so that a page can say for whom it is possible before somebody
// confirms. Nothing is done to anybody here; run-bulk-act.ts does it.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { enqueue } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { notPermitted } from '../entitlements/acting.ts';
import { HubError } from '../errors.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { isId } from '../users/is-id.ts';
import { findBulkAct, type BulkAct } from './bulk-act.ts';
import { MOST_PEOPLE, type BulkActKind } from './bulk-act-kinds.ts';
import { weighPeople } from './weigh-people.ts';

export const RUN_BULK_ACT = 'run-bulk-act';

type Preparing = { readonly act: BulkActKind; readonly userIds: readonly string[] };

/**
 * Works in the background, and so not for support in an administrator's place. Throws HubError `too_many`, `not_permitted`,
 * `not_while_acting`.
 */
export async function prepareBulkAct(ctx: OrganizationCtx, { act, userIds }: Preparing): Promise<BulkAct> {
  refuseWhileActing(ctx);
  const ids = [...new Set(userIds.filter(isId).map((one) => one.toLowerCase()))];
  if (ids.length > MOST_PEOPLE)
    throw new HubError('too_many', `At most ${MOST_PEOPLE} people in one go.`, { most: MOST_PEOPLE });
  const weighed = await weighPeople(ctx, act, ids);
  const id = uuidv7();
  await transaction(async () => {
    await query(
      `insert into bulk_acts (organization_id, id, act, created_by, created_at, progress_at) values ($1, $2, $3, $4, $5, $5)`,
      [ctx.organizationId, id, act, JSON.stringify(ctx.actor), ctx.now],
    );
    await query(
      `insert into bulk_act_people (organization_id, bulk_act_id, user_id, state, code)
       select $1, $2, w.user_id, case when w.code is null then 'waiting' else 'refused' end, w.code
       from unnest($3::uuid[], $4::text[]) as w(user_id, code)`,
      [ctx.organizationId, id, weighed.map(({ userId }) => userId), weighed.map(({ code }) => code)],
    );
  });
  return findBulkAct(ctx, id);
}

/** Begins the work. Throws HubError `not_found`, `not_permitted`, `not_while_acting`, `conflict` (it was confirmed before). */
export async function confirmBulkAct(ctx: OrganizationCtx, bulkActId: string): Promise<BulkAct> {
  refuseWhileActing(ctx);
  const found = await findBulkAct(ctx, bulkActId);
  const { createdBy, act, waiting } = found;
  const own = ctx.actor.kind === createdBy.kind && (ctx.actor.kind === 'operator' || ctx.actor.id === createdBy.id);
  if (!own) throw notPermitted('Only who chose these people can confirm it.');
  await transaction(async () => {
    const moved = await query(
      `update bulk_acts set state = 'running', started_at = $3, progress_at = $3
       where organization_id = $1 and id = $2 and state = 'checked' returning 1`,
      [ctx.organizationId, found.id, ctx.now],
    );
    if (moved.length === 0) throw new HubError('conflict', 'This was confirmed already.');
    await recordAudit(ctx, {
      action: 'bulk_act.started',
      targetKind: 'bulk_act',
      targetId: found.id,
      after: { act, people: waiting },
    });
    await enqueue(RUN_BULK_ACT, { organizationId: ctx.organizationId, bulkActId: found.id });
  });
  return findBulkAct(ctx, found.id);
}
