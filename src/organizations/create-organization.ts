// Admits an organization to the hub. It has no customer account, limit or user yet.
import { v7 as uuidv7 } from 'uuid';
import { auditSelect, auditValues } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { prepared, queryOne } from '../database/query.ts';
import { checkOperator } from './check-operator.ts';
import { listingKey } from './listing-key.ts';
import {
  changeStoredAttributes,
  changeStoredSettings,
  checkText,
  type AttributesChange,
  type SettingsChange,
} from './check-settings.ts';
import {
  ORGANIZATION_COLUMNS,
  organizationRecord,
  type OrganizationRecord,
  type OrganizationRow,
} from './organization-record.ts';

export type NewOrganization = {
  readonly name: string;
  readonly attributes?: AttributesChange;
  readonly settings?: SettingsChange;
};

const MAX_NAME = 200;

export const INSERT_ORGANIZATION = prepared(
  'organization_create',
  `with o as (
    insert into organizations (id, name, kind, attributes, settings, created_at, updated_at, listing_key)
    values ($1, $2, $3, $4, $5, $6, $6, $7) on conflict (id) do nothing returning *
  ), audited as (${auditSelect(8, 'from o')})
  select ${ORGANIZATION_COLUMNS} from o`,
);

/** Throws HubError `not_permitted` (operator only), `invalid_input`, `unknown_application`. */
export async function createOrganization(ctx: Ctx, input: NewOrganization): Promise<OrganizationRecord> {
  checkOperator(ctx);
  checkText('name', input.name, MAX_NAME);
  const id = uuidv7();
  const attributes = changeStoredAttributes({}, input.attributes ?? {});
  const settings = changeStoredSettings({}, input.settings ?? {});
  const row = await queryOne<OrganizationRow>(INSERT_ORGANIZATION, [
    id,
    input.name.trim(),
    'customer',
    JSON.stringify(attributes),
    JSON.stringify(settings),
    ctx.now,
    listingKey({ name: input.name.trim(), attributes, settings }),
    ...auditValues(ctx, {
      action: 'organization.created',
      targetKind: 'organization',
      targetId: id,
      organizationId: id,
      after: { name: input.name.trim(), attributes, settings },
    }),
  ]);
  if (!row) throw new Error('An organization was not inserted');
  return organizationRecord(row);
}
