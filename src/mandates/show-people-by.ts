// A sub-contractor decides how those for whom its people act see them: by name or by number. Its chief administrators, or
// the operator, set it.
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { loadActing, notPermitted } from '../entitlements/acting.ts';
import { changeStoredSettings } from '../organizations/check-settings.ts';
import { readSettings, type OrganizationSettings, type StoredSettings } from '../organizations/organization-record.ts';

type ShowPeopleBy = OrganizationSettings['showPeopleBy'];

export async function findShowPeopleBy(ctx: OrganizationCtx): Promise<ShowPeopleBy> {
  const row = await queryOne<{ settings: StoredSettings }>('select settings from organizations where id = $1', [
    ctx.organizationId,
  ]);
  return readSettings(row?.settings ?? {}).showPeopleBy;
}

/** Throws HubError `not_permitted`, `invalid_input`. */
export const setShowPeopleBy = (ctx: OrganizationCtx, showPeopleBy: ShowPeopleBy): Promise<void> =>
  transaction(async () => {
    if (!(await loadActing(ctx)).unbounded) throw notPermitted('Only a chief administrator can decide this.');
    const row = await queryOne<{ settings: StoredSettings }>(
      'select settings from organizations where id = $1 for update',
      [ctx.organizationId],
    );
    const before = row?.settings ?? {};
    const after = changeStoredSettings(before, { showPeopleBy });
    if (readSettings(before).showPeopleBy === showPeopleBy) return;
    await query('update organizations set settings = $2, updated_at = $3 where id = $1', [
      ctx.organizationId,
      JSON.stringify(after),
      ctx.now,
    ]);
    await recordAudit(ctx, {
      action: 'organization.changed',
      targetKind: 'organization',
      targetId: ctx.organizationId,
      before: { settings: before },
      after: { settings: after },
    });
  });
