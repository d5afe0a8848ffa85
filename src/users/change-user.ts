// Changes a user's document. A directory's ordinary change is two statements: read, then write if the version still stands (and
// read what the answer needs), again from the start if it does not. A change of state, of the address or of
// sign-in names is a transaction, and so is what a person changes: whether he may is asked in it (check-change.ts).
import { isDeepStrictEqual } from 'node:util';
import { auditSelect, auditValues } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { endAccess } from '../credentials/end-access.ts';
import { followEmailChange } from '../credentials/follow-email-change.ts';
import { prepared, query, queryOne, violates } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkReactivation } from '../entitlements/check-reactivation.ts';
import { checkDeactivation } from '../entitlements/check-deactivation.ts';
import { changesRoles, followRoles } from '../entitlements/provisioned-roles.ts';
import { HubError } from '../errors.ts';
import type { Document, Json } from '../provisioning/attribute.ts';
import { joinedUsers, readUser, type StoredResource } from '../provisioning/read-users.ts';
import { owningConnection } from '../provisioning/visible-to.ts';
import { closeRequestsOf } from '../requests/close-requests.ts';
import { checkChange } from './check-change.ts';
import { checkUserName } from './check-user-name.ts';
import { findUser } from './find-user.ts';
import type { UserRecord } from './user-record.ts';
import { tellDeactivated } from './tell-deactivated.ts';
import { rowValues, userRow, type UserRow } from './user-row.ts';

/** Pure: the document as it shall be. May throw to refuse; is called again when somebody else was faster. */
type UserChange = (document: Document, record: UserRecord) => Document | Promise<Document>;

const ATTEMPTS = 20;

/** Writes the row and reads it as it is answered, with groups and manager: $15 connection, $16 base URL. */
export const UPDATE_USER = prepared(
  'user_update',
  `with recursive found as (
    update users set active = $4, user_name = $5, user_name_key = $6, display_name_key = $7, external_id = $8, email_key = $9,
      work_email_key = $10, manager_id = $11, document = $12, folded = $13, updated_at = $14, version = version + 1,
      tokens_valid_from = case when active and not $4 then $14 else tokens_valid_from end,
      deactivated_at = case when $4 then null when active then $14 else deactivated_at end
    where organization_id = $1 and id = $2 and version = $3 and deleted_at is null
    returning organization_id, id, version, created_at, updated_at, document, manager_id
  ), audited as (${auditSelect(17, 'from found')})${joinedUsers({ connection: 15, baseUrl: 16 })}`,
);

/** The attributes that differ, of both sides. */
function difference(before: Document, after: Document): { before: Document; after: Document } {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => !isDeepStrictEqual(before[key], after[key]),
  );
  const part = (document: Document) =>
    Object.fromEntries(
      keys.flatMap((key): [string, Json][] => (document[key] === undefined ? [] : [[key, document[key]]])),
    );
  return { before: part(before), after: part(after) };
}

type Writing = { record: UserRecord; next: Document; row: UserRow; baseUrl: string };

/** Nothing when the version is no longer the one that was read. */
async function writeUser(ctx: OrganizationCtx, { record, next, row, baseUrl }: Writing): Promise<Changed | undefined> {
  const action = record.active === row.active ? 'user.changed' : row.active ? 'user.reactivated' : 'user.deactivated';
  try {
    const stored = await queryOne<StoredResource>(UPDATE_USER, [
      ctx.organizationId,
      record.id,
      record.version,
      ...rowValues(row),
      ctx.now,
      owningConnection(ctx),
      baseUrl,
      ...auditValues(ctx, { action, targetKind: 'user', targetId: record.id, ...difference(record.document, next) }),
    ]);
    if (!stored) return undefined;
    return {
      record: { ...record, version: stored.version, active: row.active, updatedAt: ctx.now, document: next },
      stored,
    };
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

/** What went to the former address must not open the account any more. */
const endMailedLinks = (ctx: OrganizationCtx, id: string) =>
  query('delete from links where organization_id = $1 and user_id = $2 and used_at is null and sent_to is not null', [
    ctx.organizationId,
    id,
  ]);

/** A change that reaches beyond the row: who may sign in under which name, whether at all, and with which roles. */
const writeWithEffects = (ctx: OrganizationCtx, writing: Writing, before: UserRow) =>
  transaction(async () => {
    const { record, row } = writing;
    await checkUserName(ctx, record.id, record.document, writing.next);
    await checkChange(ctx, record.id, record.document, writing.next);
    if (!record.active && row.active) await checkReactivation(ctx, record.id);
    if (record.active && !row.active) await checkDeactivation(ctx, record.id);
    const written = await writeUser(ctx, writing);
    if (!written) return undefined;
    await followRoles(ctx, record.id, record.document, writing.next);
    if (!isDeepStrictEqual(before.signInNames, row.signInNames))
      await replaceSignInNames(ctx, record.id, row.signInNames);
    if (before.emailKey !== row.emailKey) {
      await endMailedLinks(ctx, record.id);
      await followEmailChange(ctx, { userId: record.id, before: record.document, after: writing.next });
    }
    if (record.active && !row.active) {
      await closeRequestsOf(ctx, record.id);
      await endAccess(ctx, { organizationId: ctx.organizationId, userId: record.id });
      await tellDeactivated(ctx, record.id);
    }
    return written;
  });

/** The user as he is now, and as a directory reads him; `stored` is absent where nothing was to be changed. */
type Changed = { record: UserRecord; stored?: StoredResource };

async function change(ctx: OrganizationCtx, id: string, work: UserChange, baseUrl: string): Promise<Changed> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const record = await findUser(ctx, id);
    const next = await work(record.document, record);
    if (isDeepStrictEqual(next, record.document)) return { record };
    const before = userRow(record.document);
    const row = userRow(next);
    const writing = { record, next, row, baseUrl };
    const plain =
      ctx.actor.kind !== 'user' &&
      record.active === row.active &&
      before.emailKey === row.emailKey &&
      isDeepStrictEqual(before.signInNames, row.signInNames) &&
      !changesRoles(record.document, next);
    const written = plain ? await writeUser(ctx, writing) : await writeWithEffects(ctx, writing, before);
    if (written) return written;
  }
  throw new HubError('conflict', 'The user is being changed by others at this moment. Try again.');
}

/**
 * Applies the change and returns the user as he is now; an identical document writes nothing.
 * Throws HubError `not_found`, `uniqueness`, what the change throws, or the refusals of (de)activation.
 */
export const changeUser = async (ctx: OrganizationCtx, id: string, work: UserChange): Promise<UserRecord> =>
  (await change(ctx, id, work, '')).record;

/** The same, and the user as a directory reads him. `baseUrl` without a slash at its end. */
export async function changeAndReadUser(
  ctx: OrganizationCtx,
  id: string,
  work: UserChange,
  baseUrl: string,
): Promise<StoredResource> {
  const { stored } = await change(ctx, id, work, baseUrl);
  return stored ?? readUser(ctx, id, baseUrl);
}
