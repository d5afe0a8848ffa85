// What a user or a group holds in one application, assignment by assignment and as it was given, each with its effect.
// For screens that show and change rights: the union of several entitlements is never one of its answers.
import type { OrganizationCtx } from '../context.ts';
import { groupNotFound } from '../groups/find-group.ts';
import { userNotFound } from '../users/find-user.ts';
import { isId } from '../users/is-id.ts';
import type { Entitlement } from './box.ts';
import { assignedIn, effectiveEntitlements, type Cause, type Effective, type Withheld } from './effective.ts';
import type { Subject } from './find-subject.ts';
import { loadSnapshot } from './load-snapshot.ts';

export type Standing = {
  readonly assignmentId: string;
  readonly entitlement: Entitlement;
  /** One per path by which the assignment reaches the subject; never empty. */
  readonly causes: readonly Cause[];
  /** Given to the subject itself and by no role: the kind that its own screen can change. */
  readonly direct: boolean;
  readonly effect: 'whole' | 'part' | 'none';
  /** What of it has no effect and why. */
  readonly withheld: readonly Withheld[];
};

/** In the order in which they were given; what has ended by its date is left out. Throws HubError `not_found`. */
export async function standingIn(ctx: OrganizationCtx, subject: Subject, application?: string): Promise<Standing[]> {
  const { kind, id } = subject;
  const of = kind === 'user' ? { userId: id } : { groupIds: [id] };
  const read = isId(id)
    ? await loadSnapshot({
        organizationId: ctx.organizationId,
        now: ctx.now,
        ...of,
        ...(application === undefined ? {} : { application }),
      })
    : undefined;
  if (!read) throw kind === 'user' ? userNotFound(id) : groupNotFound(id);
  const { snapshot } = read;
  const answer = effectiveEntitlements(snapshot);
  return assignedIn(snapshot)
    .filter(({ entitlement }) => application === undefined || entitlement.application === application)
    .map(({ entitlement, causes }) => ({
      entitlement,
      causes,
      assignmentId: (causes[0] as Cause).assignmentId,
      direct: causes.some(({ groupPath, role }) => !role && groupPath.length === (kind === 'user' ? 0 : 1)),
      ...effectIn(entitlement, (causes[0] as Cause).assignmentId, answer),
    }));
}

/** How much of an entitlement, given under this id, has effect in an answer. */
export function effectIn(
  given: Entitlement,
  assignmentId: string,
  answer: Effective,
): Pick<Standing, 'effect' | 'withheld'> {
  const isOfIt = (one: { entitlement: Entitlement; causes: readonly Cause[] }): boolean =>
    one.causes[0]?.assignmentId === assignmentId &&
    one.entitlement.application === given.application &&
    one.entitlement.customerAccount === given.customerAccount &&
    one.entitlement.profile === given.profile;
  const withheld = answer.withheld.filter(isOfIt);
  if (!answer.effective.some(isOfIt)) return { effect: 'none', withheld };
  return { effect: withheld.length > 0 ? 'part' : 'whole', withheld };
}
