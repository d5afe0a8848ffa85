// Deletes a group: memberships go, what it gave ends with it, the record stays for the audit.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkGroupEnding } from '../entitlements/check-joining.ts';
import { owningConnection, visibleTo } from '../provisioning/visible-to.ts';
import { isId } from '../users/is-id.ts';
import { groupNotFound } from './find-group.ts';

/** `check` sees the version before anything is done and may throw (a precondition). */
export const deleteGroup = (
  ctx: OrganizationCtx,
  id: string,
  check: (version: number) => void = () => undefined,
): Promise<void> =>
  transaction(async () => {
    const found = isId(id)
      ? await queryOne<{ version: number; connection_id: string | null }>(
          `select version, connection_id from groups g
           where organization_id = $1 and id = $2 and deleted_at is null and ${visibleTo('g', 3)} for update`,
          [ctx.organizationId, id, owningConnection(ctx)],
        )
      : undefined;
    if (!found) throw groupNotFound(id);
    check(found.version);
    await checkGroupEnding(ctx, id);
    const values = [ctx.organizationId, id];
    await query(
      'update groups set deleted_at = $3, updated_at = $3, version = version + 1 where organization_id = $1 and id = $2',
      [...values, ctx.now],
    );
    await query('delete from group_users where organization_id = $1 and group_id = $2', values);
    await query('delete from group_groups where organization_id = $1 and (parent_id = $2 or child_id = $2)', values);
    for (const table of ['assignments', 'administration_rights']) {
      await query(
        `update ${table} set ended_at = $3, ended_by = $4 where organization_id = $1 and subject_id = $2 and ended_at is null`,
        [...values, ctx.now, JSON.stringify(ctx.actor)],
      );
    }
    await query('delete from connection_openings where organization_id = $1 and target_id = $2', values);
    if (found.connection_id !== null) {
      await query(
        `insert into resource_counts (organization_id, connection_id, kind, id, delta) values ($1, $2, 'group', $3, -1)`,
        [ctx.organizationId, found.connection_id, uuidv7()],
      );
    }
    await recordAudit(ctx, { action: 'group.deleted', targetKind: 'group', targetId: id });
  });
