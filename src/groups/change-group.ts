// Changes a group's own attributes and its members. The common case, members named one by one, is two
// statements whatever the group's size; replacing all members locks the group and works on the difference.
import { isDeepStrictEqual } from 'node:util';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkJoining, checkLeaving } from '../entitlements/check-joining.ts';
import { refusesPairs } from '../entitlements/check-separation.ts';
import { HubError } from '../errors.ts';
import type { Document } from '../provisioning/attribute.ts';
import { eachInTurns, startPace } from '../provisioning/turns.ts';
import { isId } from '../users/is-id.ts';
import { changeMembers, lockNesting } from './change-members.ts';
import { findGroup } from './find-group.ts';
import type { GroupRecord } from './group-record.ts';
import { groupRow } from './group-row.ts';
import { readMembers, type Member } from './read-members.ts';

/** In this order: the members are `replaceWith` or those that are there; `remove` goes, `add` comes, `removeWhere` goes. */
export type MemberStep = {
  replaceWith?: readonly string[];
  add: readonly string[];
  remove: readonly string[];
  removeWhere?: (member: Member) => boolean;
};

type GroupChange = {
  /** Pure; may throw to refuse. Members are no part of it. */
  document?: (document: Document, record: GroupRecord) => Document;
  steps: readonly MemberStep[];
};

async function membersOf(ctx: OrganizationCtx, id: string): Promise<Member[]> {
  const all: Member[] = [];
  for await (const chunk of readMembers(ctx, id)) all.push(...chunk);
  return all;
}

async function writeDocument(ctx: OrganizationCtx, record: GroupRecord, next: Document): Promise<number> {
  const row = groupRow(next);
  const written = await queryOne<{ version: number }>(
    `update groups set display_name = $4, display_name_key = $5, external_id = $6, document = $7, folded = $8, updated_at = $9, version = version + 1
     where organization_id = $1 and id = $2 and version = $3 and deleted_at is null returning version`,
    [
      ctx.organizationId,
      record.id,
      record.version,
      row.displayName,
      row.displayNameKey,
      row.externalId,
      row.document,
      row.folded,
      ctx.now,
    ],
  );
  if (!written) throw new HubError('conflict', 'The group was changed by somebody else at the same moment. Try again.');
  await recordAudit(ctx, {
    action: 'group.changed',
    targetKind: 'group',
    targetId: record.id,
    before: record.document,
    after: next,
  });
  return written.version;
}

/** What a step adds and removes, given who is there. Ids in lower case. */
async function difference(step: MemberStep, present: readonly Member[]): Promise<{ add: string[]; remove: string[] }> {
  const before = new Set<string>();
  const after = new Set<string>();
  const add: string[] = [];
  const remove: string[] = [];
  const pace = startPace();
  const { replaceWith, removeWhere } = step;
  await eachInTurns(present, ({ value }) => void before.add(value), pace);
  await eachInTurns(replaceWith ?? before, (id) => void after.add(id.toLowerCase()), pace);
  await eachInTurns(step.remove, (id) => void after.delete(id.toLowerCase()), pace);
  await eachInTurns(step.add, (id) => void after.add(id.toLowerCase()), pace);
  if (removeWhere) await eachInTurns(present, (one) => void (removeWhere(one) && after.delete(one.value)), pace);
  await eachInTurns(after, (id) => void (before.has(id) || add.push(id)), pace);
  await eachInTurns(before, (id) => void (after.has(id) || remove.push(id)), pace);
  return { add, remove };
}

/** Locks the group, so that each step starts from what really stands. */
async function applyLocked(ctx: OrganizationCtx, id: string, change: GroupChange): Promise<GroupRecord> {
  await lockNesting(ctx);
  if (isId(id))
    await query('select 1 from groups where organization_id = $1 and id = $2 for update', [ctx.organizationId, id]);
  let record = await findGroup(ctx, id);
  const next = change.document?.(record.document, record) ?? record.document;
  if (!isDeepStrictEqual(next, record.document)) {
    record = { ...record, version: await writeDocument(ctx, record, next), document: next, updatedAt: ctx.now };
  }
  for (const step of change.steps) {
    const whole = step.replaceWith !== undefined || step.removeWhere !== undefined;
    const { add, remove } = whole ? await difference(step, await membersOf(ctx, id)) : step;
    record = await applyMembers(ctx, record, add, remove, true);
  }
  return record;
}

async function applyMembers(
  ctx: OrganizationCtx,
  record: GroupRecord,
  add: readonly string[],
  remove: readonly string[],
  nesting: boolean,
): Promise<GroupRecord> {
  if (add.length === 0 && remove.length === 0) return record;
  if (add.length > 0) await checkJoining(ctx, record.id, add);
  if (remove.length > 0) await checkLeaving(ctx, record.id, remove);
  const changed = await changeMembers(ctx, record.id, { add, remove }, nesting);
  return changed.version === undefined ? record : { ...record, version: changed.version, updatedAt: ctx.now };
}

const isPlain = (step: MemberStep) => step.replaceWith === undefined && step.removeWhere === undefined;

/**
 * Returns the group as it is now. Throws HubError `not_found`, `invalid_input` (unknown members),
 * `group_not_opened` and the other refusals of giving, `group_cycle`, `group_too_deep`, `conflict`, or what `document` throws.
 */
export async function changeGroup(ctx: OrganizationCtx, id: string, change: GroupChange): Promise<GroupRecord> {
  const [step, ...more] = change.steps;
  const alone = ctx.actor.kind === 'connection' && !refusesPairs();
  if (!change.document && step && more.length === 0 && isPlain(step) && alone) {
    try {
      return await applyMembers(ctx, await findGroup(ctx, id), step.add, step.remove, false);
    } catch (error) {
      // An id unknown among users may be a group's: that needs the nesting lock.
      if (!(error instanceof HubError && error.code === 'invalid_input')) throw error;
    }
  }
  return transaction(() => applyLocked(ctx, id, change));
}
