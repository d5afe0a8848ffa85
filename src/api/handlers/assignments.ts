// Assignments and administration rights; see ../operations/assignments.ts. The rules of giving are the domain's: here
// the operator acts, bounded by the organization's limits only.
import { administrationRightsOf } from '../../entitlements/administration-rights-of.ts';
import { findAssignment, listAssignments, type Assignment } from '../../entitlements/assignment-row.ts';
import type { Box } from '../../entitlements/box.ts';
import { endAssignment } from '../../entitlements/end-assignment.ts';
import { findSubject } from '../../entitlements/find-subject.ts';
import { endAdministrationRight, giveAdministrationRight } from '../../entitlements/give-administration-right.ts';
import { assign } from '../../entitlements/give-rights.ts';
import { giveToMany, previewGivingToMany } from '../../entitlements/give-to-many.ts';
import type { Outcome } from '../../entitlements/weigh-many.ts';
import { previewAct } from '../../entitlements/preview-act.ts';
import { findUser } from '../../users/find-user.ts';
import { compact } from '../compact.ts';
import { effectiveOfUser } from '../effective-answer.ts';
import { boxAnswer, isoSpan } from '../entitlement-answer.ts';
import type { Handlers } from '../operation.ts';
import type { assignmentOperations } from '../operations/assignments.ts';
import { page } from '../page.ts';

type GiverKind = 'user' | 'connection' | 'operator' | 'system';
const shownAssignment = ({ givenBy, ...one }: Assignment) => ({
  ...one,
  givenBy: { ...givenBy, kind: givenBy.kind as GiverKind },
});

const shownOutcome = ({ refusal, gained, gifts, withheld, reported, ...one }: Outcome) => ({
  ...one,
  gifts: [...gifts],
  code: refusal?.code ?? null,
  message: refusal?.message ?? null,
  gained: gained.map((box) => ({ ...boxAnswer(box), ...isoSpan(box.validity) })),
  withheld: [...withheld],
  reported: reported.map((pair) => ({ ...pair })),
});

export const assignmentHandlers: Handlers<typeof assignmentOperations> = {
  'assignment.give': async (ctx, { body }) => {
    const { subjectKind, subjectId, gifts, consent = false } = body;
    const given = await assign(ctx, { subject: { kind: subjectKind, id: subjectId }, gifts: compact(gifts), consent });
    return { items: given.map(shownAssignment) };
  },
  'assignment.preview': async (ctx, { body }) => {
    const { subjectKind, subjectId, gifts, consent = false } = body;
    const subject = { kind: subjectKind, id: subjectId };
    const found = await previewAct(ctx, subject, async () =>
      (await assign(ctx, { subject, gifts: compact(gifts), consent })).map(({ id }) => id),
    );
    const shown = (box: Box) => ({ ...boxAnswer(box), ...isoSpan(box.validity) });
    return {
      gained: found.gained.map(shown),
      lost: found.lost.map(shown),
      withheld: found.withheld.map(({ entitlement, code }) => ({ ...boxAnswer(entitlement), code })),
      reported: found.reported.map((one) => ({ ...one })),
    };
  },
  'assignment.give-many': async (ctx, { body }) => ({
    items: (await giveToMany(ctx, { userIds: body.userIds, gifts: compact(body.gifts) })).map(shownOutcome),
  }),
  'assignment.preview-many': async (ctx, { body }) => ({
    items: (await previewGivingToMany(ctx, { userIds: body.userIds, gifts: compact(body.gifts) })).map(shownOutcome),
  }),
  'assignment.list': async (ctx, { query }) => {
    const subject = await findSubject(ctx, { kind: query.subjectKind, id: query.subjectId });
    const all = await listAssignments(ctx, subject, { expired: query.expired === 'true' });
    const { items, next } = page(all, query, ({ id }) => id);
    return { items: items.map(shownAssignment), next };
  },
  'assignment.get': async (ctx, { params }) => shownAssignment(await findAssignment(ctx, params.assignment)),
  'assignment.end': (ctx, { params }) => endAssignment(ctx, params.assignment),
  'administration-right.give': async (ctx, { body }) => {
    const { subjectKind, subjectId, ...right } = compact(body);
    return { id: await giveAdministrationRight(ctx, { subject: { kind: subjectKind, id: subjectId }, ...right }) };
  },
  'administration-right.list': async (ctx, { params, query }) => {
    const { id } = await findUser(ctx, params.user);
    const held = (await administrationRightsOf(ctx, [id])).get(id) ?? [];
    return page(held, query, (right) => `${right.id} ${right.groupId ?? ''}`);
  },
  'administration-right.end': (ctx, { params }) => endAdministrationRight(ctx, params.administrationRight),
  'entitlement.effective': (ctx, { params, query }) => effectiveOfUser(ctx, params.user, query.application),
};
