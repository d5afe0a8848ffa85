// Makes a user: one statement writes the record, the names he signs in with, the count and the audit row.
// A name that an inactive user of the same connection holds brings that person back; see restore-user.ts.
import { v7 as uuidv7 } from 'uuid';
import { auditSelect, auditValues } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { prepared, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { changesRoles, followRoles } from '../entitlements/provisioned-roles.ts';
import type { Document } from '../provisioning/attribute.ts';
import { owningConnection } from '../provisioning/visible-to.ts';
import { checkUserName } from './check-user-name.ts';
import { claimUserName } from './restore-user.ts';
import type { UserRecord } from './user-record.ts';
import { rowValues, userRow, type UserRow } from './user-row.ts';

type NewUser = { document: Document; kind?: 'person' | 'service' };

export const CREATE_USER = prepared(
  'user_create',
  `with created as (
    insert into users (organization_id, id, kind, connection_id, active, user_name, user_name_key, display_name_key, external_id,
      email_key, work_email_key, manager_id, document, folded, created_by, created_at, updated_at, deactivated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, case when $5 then null else $16::timestamptz end)
    on conflict (organization_id, user_name_key) where deleted_at is null do nothing
    returning organization_id, id
  ), named as (
    insert into sign_in_names (name_key, organization_id, user_id)
    select unnest($17::text[]), organization_id, id from created
  ), counted as (
    insert into resource_counts (organization_id, connection_id, kind, id, delta)
    select organization_id, $4::uuid, 'user', id, 1 from created where $4::uuid is not null
  ), audited as (${auditSelect(18, 'from created')})
  select id from created`,
);

async function insertUser(ctx: OrganizationCtx, id: string, row: UserRow, input: NewUser): Promise<boolean> {
  const kind = input.kind ?? 'person';
  const created = await queryOne(CREATE_USER, [
    ctx.organizationId,
    id,
    kind,
    owningConnection(ctx),
    ...rowValues(row),
    JSON.stringify(ctx.actor),
    ctx.now,
    kind === 'person' ? row.signInNames : [],
    ...auditValues(ctx, { action: 'user.created', targetKind: 'user', targetId: id, after: input.document }),
  ]);
  return created !== undefined;
}

/**
 * Creates the user, or restores the inactive one of the same connection who has this userName.
 * Throws HubError `invalid_input` for a name that the organization's rule refuses, `uniqueness` when an active user, or
 * another source's, holds it; `grantor_lacks_right` for a role that was not opened to the directory.
 */
export async function createUser(ctx: OrganizationCtx, input: NewUser): Promise<UserRecord> {
  if (input.kind !== 'service') await checkUserName(ctx, undefined, undefined, input.document);
  if (ctx.actor.kind !== 'connection' || !changesRoles(undefined, input.document)) return insertOrRestore(ctx, input);
  return transaction(async () => {
    const record = await insertOrRestore(ctx, input);
    // Who was restored has followed already.
    if (record.createdAt === ctx.now) await followRoles(ctx, record.id, undefined, input.document);
    return record;
  });
}

async function insertOrRestore(ctx: OrganizationCtx, input: NewUser): Promise<UserRecord> {
  const row = userRow(input.document);
  const id = uuidv7();
  if (!(await insertUser(ctx, id, row, input))) {
    const restored = await claimUserName(ctx, row, input.document);
    if (restored) return restored;
    if (!(await insertUser(ctx, id, row, input))) return insertOrRestore(ctx, input);
  }
  return { id, version: 1, active: row.active, createdAt: ctx.now, updatedAt: ctx.now, document: input.document };
}
