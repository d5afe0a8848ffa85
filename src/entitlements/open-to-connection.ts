// A chief administrator opens groups and roles to a directory's connection: the list is the connection's ceiling, by
// default empty. Closing one takes nothing from those who have it; the directory can no longer hand it on.
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import { loadActing, notPermitted, toBeCovered } from './acting.ts';
import { carriedBy } from './carried-by-groups.ts';
import { checkGiving } from './check-giving.ts';
import { openTarget } from './directories-filling.ts';
import { findRole, roleEntitlements } from './find-role.ts';
import { findSubject } from './find-subject.ts';

export type Opening = {
  readonly connectionId: string;
  readonly kind: 'group' | 'role';
  readonly targetId: string;
  /** The separate tick for a group that carries administration rights. */
  readonly administrationRights?: boolean;
};

async function checkConnection(ctx: OrganizationCtx, id: string): Promise<void> {
  const row = isId(id)
    ? await queryOne(
        'select 1 from provisioning_connections where organization_id = $1 and id = $2 and ended_at is null',
        [ctx.organizationId, id],
      )
    : undefined;
  if (!row) throw new HubError('not_found', `There is no connection ${id}.`);
}

async function loadChief(ctx: OrganizationCtx) {
  const acting = await loadActing(ctx);
  if (!acting.unbounded) throw notPermitted('Only a chief administrator decides what a directory may hand on.');
  return acting;
}

/**
 * True when it was closed. Throws HubError `not_permitted` (chiefs and the operator only), `not_found`, `group_not_opened` (the tick
 * for administration rights is missing), and the refusals of giving.
 */
export function openToConnection(ctx: OrganizationCtx, input: Opening): Promise<boolean> {
  return transaction(async () => {
    await checkConnection(ctx, input.connectionId);
    const target =
      input.kind === 'group'
        ? await findSubject(ctx, { kind: 'group', id: input.targetId })
        : await findRole(ctx, input.targetId);
    const acting = await loadChief(ctx);
    const carried = input.kind === 'group' ? await carriedBy(ctx, [target.id]) : undefined;
    const administrationRights = carried?.administrationRights ?? [];
    if (administrationRights.length > 0 && input.administrationRights !== true) {
      throw new HubError(
        'group_not_opened',
        'This group carries administration rights: a directory may hand them on only if you tick that apart.',
        {
          groups: [target.id],
          administrationRights: administrationRights.map(({ name }) => name),
        },
      );
    }
    const entitlements =
      carried?.entitlements ?? (await roleEntitlements(ctx, target.id)).map(({ entitlement }) => entitlement);
    await checkGiving(ctx, acting, { boxes: toBeCovered(acting, entitlements), administrationRights });
    return openTarget(ctx, { ...input, targetId: target.id, consent: false });
  });
}

/** True when it was open. Throws HubError `not_permitted`, `not_found`. */
export function closeToConnection(
  ctx: OrganizationCtx,
  input: Pick<Opening, 'connectionId' | 'targetId'>,
): Promise<boolean> {
  return transaction(async () => {
    await checkConnection(ctx, input.connectionId);
    await loadChief(ctx);
    if (!isId(input.targetId)) return false;
    const closed = await query<{ kind: string }>(
      'delete from connection_openings where organization_id = $1 and connection_id = $2 and target_id = $3 returning kind',
      [ctx.organizationId, input.connectionId, input.targetId],
    );
    if (closed.length === 0) return false;
    await recordAudit(ctx, {
      action: 'connection.closed',
      targetKind: 'connection',
      targetId: input.connectionId,
      before: { kind: closed[0]?.kind, targetId: input.targetId },
    });
    return true;
  });
}
