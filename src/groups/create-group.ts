// Makes a group, with its first members where they are given. Names need not be unique (RFC 7643 section 4.2).
import { v7 as uuidv7 } from 'uuid';
import { auditSelect, auditValues } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { prepared, query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import type { Document } from '../provisioning/attribute.ts';
import { owningConnection } from '../provisioning/visible-to.ts';
import { changeMembers, lockNesting } from './change-members.ts';
import type { GroupRecord } from './group-record.ts';
import { groupRow } from './group-row.ts';

const INSERT = prepared(
  'group_create',
  `with created as (
    insert into groups (organization_id, id, connection_id, display_name, display_name_key, external_id, document, folded,
      created_by, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
    returning organization_id, id
  ), counted as (
    insert into resource_counts (organization_id, connection_id, kind, id, delta)
    select organization_id, $3::uuid, 'group', id, 1 from created where $3::uuid is not null
  ), audited as (${auditSelect(11, 'from created')})
  select id from created`,
);

async function insertGroup(ctx: OrganizationCtx, document: Document): Promise<GroupRecord> {
  const id = uuidv7();
  const row = groupRow(document);
  await query(INSERT, [
    ctx.organizationId,
    id,
    owningConnection(ctx),
    row.displayName,
    row.displayNameKey,
    row.externalId,
    row.document,
    row.folded,
    JSON.stringify(ctx.actor),
    ctx.now,
    ...auditValues(ctx, { action: 'group.created', targetKind: 'group', targetId: id, after: document }),
  ]);
  return { id, version: 1, createdAt: ctx.now, updatedAt: ctx.now, document };
}

/** A new group carries no right, so members may join at once. Throws HubError `invalid_input` for unknown members. */
export async function createGroup(
  ctx: OrganizationCtx,
  document: Document,
  members: readonly string[] = [],
): Promise<GroupRecord> {
  if (members.length === 0) return insertGroup(ctx, document);
  return transaction(async () => {
    await lockNesting(ctx);
    const record = await insertGroup(ctx, document);
    const changed = await changeMembers(ctx, record.id, { add: members, remove: [] }, true);
    return { ...record, version: changed.version ?? record.version };
  });
}
