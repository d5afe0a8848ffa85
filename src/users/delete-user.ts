// Deactivates a user for good: from then on he is not found. The record stays as a tombstone for the audit
// until the retention job erases its personal data; his names are free again at once.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { endAccess } from '../credentials/end-access.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkDeactivation } from '../entitlements/check-deactivation.ts';
import { closeRequestsOf } from '../requests/close-requests.ts';
import { owningConnection, visibleTo } from '../provisioning/visible-to.ts';
import { userNotFound } from './find-user.ts';
import { isId } from './is-id.ts';
import { tellDeactivated } from './tell-deactivated.ts';

/** `check` sees the version before anything is done and may throw (a precondition). */
export const deleteUser = (
  ctx: OrganizationCtx,
  id: string,
  check: (version: number) => void = () => undefined,
): Promise<void> =>
  transaction(async () => {
    const found = isId(id)
      ? await queryOne<{ version: number; connection_id: string | null; active: boolean }>(
          `select version, connection_id, active from users u
           where organization_id = $1 and id = $2 and deleted_at is null and ${visibleTo('u', 3)} for update`,
          [ctx.organizationId, id, owningConnection(ctx)],
        )
      : undefined;
    if (!found) throw userNotFound(id);
    check(found.version);
    if (found.active) await checkDeactivation(ctx, id);
    await query(
      `update users set active = false, deleted_at = $3, updated_at = $3, tokens_valid_from = $3, version = version + 1,
         deactivated_at = coalesce(deactivated_at, $3) where organization_id = $1 and id = $2`,
      [ctx.organizationId, id, ctx.now],
    );
    await query('delete from sign_in_names where organization_id = $1 and user_id = $2', [ctx.organizationId, id]);
    await query('delete from group_users where organization_id = $1 and user_id = $2', [ctx.organizationId, id]);
    if (found.connection_id !== null) {
      await query(
        `insert into resource_counts (organization_id, connection_id, kind, id, delta) values ($1, $2, 'user', $3, -1)`,
        [ctx.organizationId, found.connection_id, uuidv7()],
      );
    }
    await recordAudit(ctx, { action: 'user.deleted', targetKind: 'user', targetId: id });
    await closeRequestsOf(ctx, id);
    await endAccess(ctx, { organizationId: ctx.organizationId, userId: id });
    if (found.active) await tellDeactivated(ctx, id);
  });
