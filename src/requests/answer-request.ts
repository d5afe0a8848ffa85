// Answers a request. Approving is the same act as assigning, by the same rules, and closes the request in the same
// transaction; what is given may be less than was asked for. Denying gives a reason.
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import type { Assignment } from '../entitlements/assignment-row.ts';
import { assign, type Gift } from '../entitlements/give-rights.ts';
import { HubError } from '../errors.ts';
import { checkWords } from './ask-for-access.ts';
import { satisfies } from './holds-already.ts';
import { loadReach, mayAnswer } from './reach.ts';
import { mailDecision } from './request-notice.ts';
import { findRequest, requestNotFound, type AccessRequest } from './request-row.ts';
import type { RequestState } from './request-states.ts';

const LONGEST_ANSWER = 1000;

export type Approval = {
  readonly id: string;
  readonly gifts: readonly Gift[];
  readonly consent?: boolean;
  /** It is less than was asked for. Absent: judged by what was chosen from lists. */
  readonly inPart?: boolean;
  readonly answer?: string;
};

/** Locks it. Throws HubError `not_found`, also for one that is not his to answer, and `conflict` when it is answered already. */
async function waitingFor(ctx: OrganizationCtx, id: string): Promise<AccessRequest> {
  const reach = await loadReach(ctx);
  const request = await findRequest(ctx, id, { lock: true });
  if (!mayAnswer(reach, request)) throw requestNotFound(id);
  if (request.state !== 'waiting')
    throw new HubError('conflict', 'This request has been answered already.', { state: request.state });
  return request;
}

/** Throws as assign does, and HubError `conflict`, `not_found`, `invalid_input`. */
export function approveRequest(ctx: OrganizationCtx, input: Approval): Promise<Assignment[]> {
  return transaction(async () => {
    const request = await waitingFor(ctx, input.id);
    const answer = checkWords('answer', input.answer ?? '', LONGEST_ANSWER);
    const boxes = input.gifts.flatMap((gift) => ('roleId' in gift ? [] : [gift]));
    if (
      input.gifts.length === 0 ||
      (boxes.length > 0 && !boxes.some((gift) => gift.application === request.application))
    ) {
      const message = 'Give something in the application that was asked for.';
      throw new HubError('invalid_input', message, { issues: [{ path: 'gifts', message }] });
    }
    const given = await assign(ctx, {
      subject: { kind: 'user', id: request.userId },
      gifts: input.gifts,
      consent: input.consent ?? false,
    });
    const asked = { accountId: request.customerAccountId, wanted: request.wanted, application: request.application };
    const inPart = input.inPart ?? (boxes.length === input.gifts.length && !satisfies(boxes, asked));
    const ids = given.map(({ id }) => id);
    await close(ctx, request, { state: inPart ? 'approved_in_part' : 'approved', answer, assignments: ids });
    return given;
  });
}

/** Throws HubError `not_found`, `conflict`, `invalid_input` without a reason. */
export function denyRequest(
  ctx: OrganizationCtx,
  input: { readonly id: string; readonly answer: string },
): Promise<void> {
  return transaction(async () => {
    const request = await waitingFor(ctx, input.id);
    const answer = checkWords('answer', input.answer, LONGEST_ANSWER, { required: true });
    await close(ctx, request, { state: 'denied', answer });
  });
}

/** By the asker himself, or the operator for him. Throws HubError `not_found`, `conflict`. */
export function cancelRequest(ctx: OrganizationCtx, id: string): Promise<void> {
  return transaction(async () => {
    const request = await findRequest(ctx, id, { lock: true });
    const { actor } = ctx;
    const own = actor.kind === 'user' ? actor.id.toLowerCase() === request.userId : actor.kind !== 'connection';
    if (!own) throw requestNotFound(id);
    if (request.state !== 'waiting')
      throw new HubError('conflict', 'This request has been answered already.', { state: request.state });
    await close(ctx, request, { state: 'cancelled', answer: '' });
  });
}

type Closing = {
  readonly state: Exclude<RequestState, 'waiting' | 'closed'>;
  readonly answer: string;
  readonly assignments?: readonly string[];
};

/** Writes the end of a waiting request with its trace, and tells the asker. In the ambient transaction. */
export async function close(ctx: OrganizationCtx, request: AccessRequest, closing: Closing): Promise<void> {
  const { state, answer, assignments = [] } = closing;
  await query(
    `update access_requests set state = $3, answer = $4, decided_at = $5, decided_by = $6, assignments = $7
     where organization_id = $1 and id = $2 and state = 'waiting'`,
    [ctx.organizationId, request.id, state, answer, ctx.now, JSON.stringify(ctx.actor), JSON.stringify(assignments)],
  );
  await recordAudit(ctx, {
    action: `request.${state}`,
    targetKind: 'user',
    targetId: request.userId,
    after: {
      request: request.id,
      application: request.application,
      ...(request.customerAccountId === null ? {} : { customerAccountId: request.customerAccountId }),
      ...(answer === '' ? {} : { answer }),
      ...(assignments.length === 0 ? {} : { assignments }),
    },
  });
  if (state !== 'cancelled') await mailDecision(ctx, request, { state, answer });
}
