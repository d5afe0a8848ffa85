// Changes an organization's name, attributes and settings. Its state has a file of its own: suspend-organization.ts.
import { isDeepStrictEqual } from 'node:util';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { isId } from '../users/is-id.ts';
import { checkOperator } from './check-operator.ts';
import {
  changeStoredAttributes,
  changeStoredSettings,
  checkText,
  type AttributesChange,
  type SettingsChange,
} from './check-settings.ts';
import { organizationNotFound } from './find-organization.ts';
import { listingKey } from './listing-key.ts';
import {
  ORGANIZATION_COLUMNS,
  organizationRecord,
  type OrganizationRecord,
  type OrganizationRow,
} from './organization-record.ts';

type OrganizationChange = {
  readonly name?: string;
  readonly attributes?: AttributesChange;
  readonly settings?: SettingsChange;
};

/** What is absent stays. Throws HubError `not_permitted` (operator only), `not_found`, `invalid_input`, `unknown_application`. */
export async function changeOrganization(
  ctx: Ctx,
  id: string,
  change: OrganizationChange,
): Promise<OrganizationRecord> {
  checkOperator(ctx);
  return transaction(async () => {
    const row = isId(id)
      ? await queryOne<OrganizationRow>(
          `select ${ORGANIZATION_COLUMNS} from organizations o where o.id = $1 for update`,
          [id],
        )
      : undefined;
    if (!row) throw organizationNotFound(id);
    if (change.name !== undefined) checkText('name', change.name, 200);
    const before = { name: row.name, attributes: row.attributes, settings: row.settings };
    const after = {
      name: change.name?.trim() ?? row.name,
      attributes: changeStoredAttributes(row.attributes, change.attributes ?? {}),
      settings: changeStoredSettings(row.settings, change.settings ?? {}),
    };
    if (isDeepStrictEqual(before, after)) return organizationRecord(row);
    await query(
      'update organizations set name = $2, attributes = $3, settings = $4, updated_at = $5, listing_key = $6 where id = $1',
      [
        row.id,
        after.name,
        JSON.stringify(after.attributes),
        JSON.stringify(after.settings),
        ctx.now,
        row.kind === 'customer' ? listingKey(after) : null,
      ],
    );
    await recordAudit(ctx, {
      action: 'organization.changed',
      targetKind: 'organization',
      targetId: row.id,
      organizationId: row.id,
      before,
      after,
    });
    return organizationRecord({ ...row, ...after, updatedAt: ctx.now });
  });
}
