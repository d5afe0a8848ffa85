// Ends an assignment, or replaces it by others in one act (narrowed, widened, with another end).
import type { OrganizationCtx } from '../context.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { effectivePart, loadActing, notPermitted, type Acting } from './acting.ts';
import { assignmentNotFound, entitlementOf, findAssignment, markEnded, type Assignment } from './assignment-row.ts';
import type { Box } from './box.ts';
import { asBox } from './ceiling.ts';
import { checkRank } from './check-rank.ts';
import { effectiveEntitlements } from './effective.ts';
import { roleEntitlements, within } from './find-role.ts';
import { findSubject } from './find-subject.ts';
import { giveTo, type Gift } from './give-rights.ts';
import { gainOf, MAX_PER_SAVE } from './giving.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { checkTakingAway } from './revocation.ts';

/** What has effect and rests on this assignment alone. */
async function restingOn(ctx: OrganizationCtx, acting: Acting, assignment: Assignment): Promise<Box[]> {
  const { subjectKind, subjectId, roleId } = assignment;
  if (subjectKind === 'user') {
    const read = await loadSnapshot({ organizationId: ctx.organizationId, userId: subjectId, now: ctx.now });
    if (!read) return [];
    const { snapshot } = read;
    const without = { ...snapshot, assignments: snapshot.assignments.filter(({ id }) => id !== assignment.id) };
    const [after, before] = [without, snapshot].map((one) => effectiveEntitlements(one).effective.map(asBox));
    return gainOf(after ?? [], before ?? []);
  }
  const validity = { from: assignment.validFrom?.getTime() ?? null, until: assignment.validUntil?.getTime() ?? null };
  const gives = roleId === null ? entitlementOf(assignment) : (await roleEntitlements(ctx, roleId)).map(({ entitlement }) => entitlement);
  return effectivePart(acting, within(gives, validity));
}

/** A directory takes back the roles that it gave its own users itself. */
async function endForDirectory(ctx: OrganizationCtx, assignment: Assignment): Promise<void> {
  const subject = await findSubject(ctx, { kind: assignment.subjectKind, id: assignment.subjectId });
  if (subject.connectionId !== ctx.actor.id) throw assignmentNotFound(assignment.id);
  if (assignment.givenBy.kind !== 'connection' || assignment.givenBy.id !== ctx.actor.id) {
    throw notPermitted('A directory can take back only what it gave itself.');
  }
}

/** Throws HubError `not_found`, `not_permitted`, `rank_too_low`, `revocation_off`, `grantor_lacks_right`. */
export function endAssignment(ctx: OrganizationCtx, id: string): Promise<void> {
  return transaction(async () => {
    const assignment = await findAssignment(ctx, id);
    if (ctx.actor.kind === 'connection') await endForDirectory(ctx, assignment);
    else {
      const acting = await loadActing(ctx);
      if (assignment.subjectKind === 'user') await checkRankOf(ctx, acting, assignment);
      const boxes = await restingOn(ctx, acting, assignment);
      await checkTakingAway(ctx, acting, [{ receiverUserId: assignment.subjectId, boxes }]);
    }
    if (!(await markEnded(ctx, assignment))) throw assignmentNotFound(id);
  });
}

const checkRankOf = (ctx: OrganizationCtx, acting: Acting, { subjectId }: Assignment): Promise<void> =>
  checkRank(ctx, acting, [subjectId], acting.rank === 'none' ? 'users' : acting.rank);

/**
 * Ends the assignments of `ids`, all of one subject, and gives it `gifts` instead. Only what comes in addition must lie
 * within the ceiling, and only what goes counts as taken away: what the actor lacks may stay.
 * Throws as endAssignment and assign do.
 */
export function replaceAssignments(
  ctx: OrganizationCtx,
  input: { readonly ids: readonly string[]; readonly gifts: readonly Gift[]; readonly consent?: boolean },
): Promise<Assignment[]> {
  const { ids, gifts, consent = false } = input;
  if (ids.length > MAX_PER_SAVE || gifts.length > MAX_PER_SAVE) {
    throw new HubError('too_many', `At most ${MAX_PER_SAVE} rights can be changed in one save.`);
  }
  return transaction(async () => {
    const acting = await loadActing(ctx);
    const old: Assignment[] = [];
    for (const id of new Set(ids)) old.push(await findAssignment(ctx, id));
    const [first] = old;
    if (!first || old.some(({ subjectId }) => subjectId !== first.subjectId)) {
      throw new HubError('invalid_input', 'Choose the assignments of one user or group.', { issues: [{ path: 'ids', message: 'not of one subject' }] });
    }
    const subject = await findSubject(ctx, { kind: first.subjectKind, id: first.subjectId });
    if (subject.kind === 'user') await checkRankOf(ctx, acting, first);
    const resting = (await Promise.all(old.map((assignment) => restingOn(ctx, acting, assignment)))).flat();
    for (const assignment of old) {
      if (!(await markEnded(ctx, assignment))) throw assignmentNotFound(assignment.id);
    }
    const given = await giveTo(ctx, acting, subject, { gifts, consent, replaces: old });
    await checkTakingAway(ctx, acting, [{ receiverUserId: subject.id, boxes: await lost(ctx, acting, given, resting) }]);
    return given;
  });
}

async function lost(ctx: OrganizationCtx, acting: Acting, given: readonly Assignment[], resting: readonly Box[]): Promise<Box[]> {
  const kept = await Promise.all(
    given.map(async (assignment) => {
      if (assignment.roleId === null) return entitlementOf(assignment);
      return (await roleEntitlements(ctx, assignment.roleId)).map(({ entitlement }) => entitlement);
    }),
  );
  return gainOf(effectivePart(acting, kept.flat()), resting);
}
