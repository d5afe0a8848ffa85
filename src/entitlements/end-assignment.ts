// Ends an assignment, or replaces it by others in one act (narrowed, widened, with another end).
import type { OrganizationCtx } from '../context.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { loadActing, notPermitted, type Acting } from './acting.ts';
import { assignmentNotFound, findAssignment, markEnded, type Assignment } from './assignment-row.ts';
import type { Box } from './box.ts';
import { asBox } from './ceiling.ts';
import { checkRank } from './check-rank.ts';
import { effectiveEntitlements } from './effective.ts';
import { findSubject, type Subject } from './find-subject.ts';
import { giveTo, type Gift } from './give-rights.ts';
import { gainOf, MAX_PER_SAVE } from './giving.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { checkTakingAway } from './revocation.ts';

/** What the subject holds at this moment with effect; of a group: what it gives its members. */
export async function effectiveOf(ctx: OrganizationCtx, { kind, id }: Subject): Promise<Box[]> {
  const of = kind === 'user' ? { userId: id } : { groupIds: [id] };
  const read = await loadSnapshot({ organizationId: ctx.organizationId, now: ctx.now, ...of });
  return read ? effectiveEntitlements(read.snapshot).effective.map(asBox) : [];
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
      const subject = await findSubject(ctx, { kind: assignment.subjectKind, id: assignment.subjectId });
      if (subject.kind === 'user') await checkRankOf(ctx, acting, assignment);
      const before = await effectiveOf(ctx, subject);
      if (!(await markEnded(ctx, assignment))) throw assignmentNotFound(id);
      const boxes = gainOf(await effectiveOf(ctx, subject), before);
      return checkTakingAway(ctx, acting, [{ receiverUserId: subject.id, boxes }]);
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
export async function replaceAssignments(
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
      throw new HubError('invalid_input', 'Choose the assignments of one user or group.', {
        issues: [{ path: 'ids', message: 'not of one subject' }],
      });
    }
    const subject = await findSubject(ctx, { kind: first.subjectKind, id: first.subjectId });
    if (subject.kind === 'user') await checkRankOf(ctx, acting, first);
    const before = await effectiveOf(ctx, subject);
    for (const assignment of old) {
      if (!(await markEnded(ctx, assignment))) throw assignmentNotFound(assignment.id);
    }
    const given = await giveTo(ctx, acting, subject, { gifts, consent, replaces: old });
    await checkTakingAway(ctx, acting, [
      { receiverUserId: subject.id, boxes: gainOf(await effectiveOf(ctx, subject), before) },
    ]);
    return given;
  });
}
