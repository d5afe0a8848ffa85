// Changes a user's document. An ordinary change is two statements: read, then write if the version still stands,
// again from the start if it does not. A change of state or of sign-in names is a transaction.
import { isDeepStrictEqual } from 'node:util';
import { auditSelect, auditValues } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { endAccess } from '../credentials/end-access.ts';
import { prepared, query, queryOne, violates } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkReactivation } from '../entitlements/check-reactivation.ts';
import { checkDeactivation } from '../entitlements/check-deactivation.ts';
import { HubError } from '../errors.ts';
import type { Document, Json } from '../provisioning/attribute.ts';
import { findUser } from './find-user.ts';
import type { UserRecord } from './user-record.ts';
import { userRow, type UserRow } from './user-row.ts';

/** Pure: the document as it shall be. May throw to refuse; is called again when somebody else was faster. */
export type UserChange = (document: Document, record: UserRecord) => Document;

const ATTEMPTS = 20;

const UPDATE = prepared(
  'user_update',
  `with changed as (
    update users set active = $4, user_name = $5, user_name_key = $6, display_name_key = $7, external_id = $8, email_key = $9,
      work_email_key = $10, manager_id = $11, document = $12, folded = $13, updated_at = $14, version = version + 1,
      tokens_valid_from = case when active and not $4 then $14 else tokens_valid_from end,
      deactivated_at = case when $4 then null when active then $14 else deactivated_at end
    where organization_id = $1 and id = $2 and version = $3 and deleted_at is null
    returning version
  ), audited as (${auditSelect(15, 'from changed')})
  select version from changed`,
);

/** The attributes that differ, of both sides. */
function difference(before: Document, after: Document): { before: Document; after: Document } {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !isDeepStrictEqual(before[key], after[key]));
  const part = (document: Document) =>
    Object.fromEntries(keys.flatMap((key): [string, Json][] => (document[key] === undefined ? [] : [[key, document[key]]])));
  return { before: part(before), after: part(after) };
}

async function writeUser(ctx: OrganizationCtx, record: UserRecord, next: Document, row: UserRow): Promise<UserRecord | undefined> {
  const action = record.active === row.active ? 'user.changed' : row.active ? 'user.reactivated' : 'user.deactivated';
  try {
    const written = await queryOne<{ version: number }>(UPDATE, [
      ctx.organizationId,
      record.id,
      record.version,
      row.active,
      row.userName,
      row.userNameKey,
      row.displayNameKey,
      row.externalId,
      row.emailKey,
      row.workEmailKey,
      row.managerId,
      row.document,
      row.folded,
      ctx.now,
      ...auditValues(ctx, { action, targetKind: 'user', targetId: record.id, ...difference(record.document, next) }),
    ]);
    return written && { ...record, version: written.version, active: row.active, updatedAt: ctx.now, document: next };
  } catch (error) {
    if (!violates(error, 'users_user_name')) throw error;
    throw new HubError('uniqueness', `The userName "${row.userName}" is taken by another user of this organization.`, {
      attribute: 'userName',
    });
  }
}

async function replaceSignInNames(ctx: OrganizationCtx, id: string, names: string[]): Promise<void> {
  await query('delete from sign_in_names where organization_id = $1 and user_id = $2', [ctx.organizationId, id]);
  await query('insert into sign_in_names (name_key, organization_id, user_id) select unnest($3::text[]), $1, $2', [
    ctx.organizationId,
    id,
    names,
  ]);
}

/** A change that reaches beyond the row: who may sign in under which name, and whether at all. */
const writeWithEffects = (ctx: OrganizationCtx, record: UserRecord, next: Document, before: UserRow, row: UserRow) =>
  transaction(async () => {
    if (!record.active && row.active) await checkReactivation(ctx, record.id);
    if (record.active && !row.active) await checkDeactivation(ctx, record.id);
    const written = await writeUser(ctx, record, next, row);
    if (!written) return undefined;
    if (!isDeepStrictEqual(before.signInNames, row.signInNames)) await replaceSignInNames(ctx, record.id, row.signInNames);
    if (record.active && !row.active) await endAccess(ctx, { organizationId: ctx.organizationId, userId: record.id });
    return written;
  });

/**
 * Applies the change and returns the user as he is now; an identical document writes nothing.
 * Throws HubError `not_found`, `uniqueness`, what the change throws, or the refusals of (de)activation.
 */
export async function changeUser(ctx: OrganizationCtx, id: string, change: UserChange): Promise<UserRecord> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const record = await findUser(ctx, id);
    const next = change(record.document, record);
    if (isDeepStrictEqual(next, record.document)) return record;
    const before = userRow(record.document);
    const row = userRow(next);
    const plain = record.active === row.active && isDeepStrictEqual(before.signInNames, row.signInNames);
    const written = plain ? await writeUser(ctx, record, next, row) : await writeWithEffects(ctx, record, next, before, row);
    if (written) return written;
  }
  throw new HubError('conflict', 'The user is being changed by others at this moment. Try again.');
}
