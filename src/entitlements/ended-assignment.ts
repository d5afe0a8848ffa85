// An assignment that has ended while somebody was about to change it: what it was, who ended it, and what took its place.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { isId } from '../users/is-id.ts';
import { listAssignments, type Assignment } from './assignment-row.ts';
import type { Subject } from './find-subject.ts';
import { replacedBy } from './replaced-by.ts';

type EndedAssignment = {
  readonly assignment: Assignment;
  readonly endedBy: { readonly kind: string; readonly id: string; readonly label: string };
  readonly endedAt: Date;
  /** What stands now and was given in its place, by however many changes; empty where nothing was. */
  readonly successors: readonly Assignment[];
};

type Row = Assignment & Pick<EndedAssignment, 'endedBy' | 'endedAt'>;

/** Undefined for one that has not ended, is another subject's or does not exist. */
export async function findEnded(
  ctx: OrganizationCtx,
  subject: Subject,
  assignmentId: string,
): Promise<EndedAssignment | undefined> {
  if (!isId(assignmentId) || !isId(subject.id)) return undefined;
  const values = [ctx.organizationId, subject.id, assignmentId];
  const row = await queryOne<Row>(
    `select id, subject_kind as "subjectKind", subject_id as "subjectId", role_id as "roleId", application,
       customer_account_id as "customerAccountId", profile, "values", valid_from as "validFrom", valid_until as "validUntil",
       given_by as "givenBy", given_at as "givenAt", ended_by as "endedBy", ended_at as "endedAt"
     from assignments where organization_id = $1 and subject_id = $2 and id = $3 and ended_at is not null`,
    values,
  );
  if (!row) return undefined;
  const { endedBy, endedAt, ...assignment } = row;
  const replaced = await replacedBy(ctx, 'assignment', { targetId: subject.id, id: assignmentId });
  const standing = await listAssignments(ctx, subject, { expired: true });
  return { assignment, endedBy, endedAt, successors: standing.filter(({ id }) => replaced.has(id)) };
}
