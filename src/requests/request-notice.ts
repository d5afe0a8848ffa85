// Mails about requests: to those who can answer when one is asked and when one still waits, to the asker when it is
// answered. A link in them opens the page and decides nothing. Where nobody can answer, it becomes the operator's turn.
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { catalogue } from '../applications/current-catalogue.ts';
import type { Labels } from '../applications/application.ts';
import type { OrganizationCtx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { administratorsOf } from '../entitlements/administrators-of.ts';
import { mailUser } from '../mail/mail-user.ts';
import { tellOnce } from '../notices/tell-once.ts';
import { findRequest, type AccessRequest } from './request-row.ts';
import type { RequestState } from './request-states.ts';

export const REQUEST_NOTICE = 'access-request-notice';

const sameText = (text: string): Labels => ({ nl: text, fr: text, de: text, en: text });

const labelsOf = (application: string): Labels => catalogue().get(application)?.label ?? sameText(application);

export const systemCtx = (organizationId: string, log: Logger, now = new Date()): OrganizationCtx => ({
  organizationId,
  actor: { kind: 'system', id: 'requests', label: 'Mandate' },
  requestId: uuidv7(),
  now,
  log,
});

/** Who can answer it now, the asker left out. */
export const answerersOf = async (ctx: OrganizationCtx, request: AccessRequest) => {
  const { application, customerAccountId, userId } = request;
  const found = await administratorsOf(ctx, {
    application,
    ...(customerAccountId === null ? {} : { customerAccountId }),
  });
  return found.filter(({ id }) => id !== userId);
};

/** Notes since when nobody in the organization can answer, or that somebody can again. Answers those who can. */
export async function noteAnswerers(ctx: OrganizationCtx, request: AccessRequest) {
  const answerers = await answerersOf(ctx, request);
  const nobody = answerers.length === 0;
  if (nobody !== (request.operatorSince !== null)) {
    await query(
      `update access_requests set operator_since = $3 where organization_id = $1 and id = $2 and state = 'waiting'`,
      [ctx.organizationId, request.id, nobody ? ctx.now : null],
    );
  }
  return answerers;
}

/** Writes to everybody who can answer it. In a transaction. */
export async function mailAnswerers(ctx: OrganizationCtx, request: AccessRequest, reminder: boolean): Promise<void> {
  for (const { id } of await noteAnswerers(ctx, request)) {
    await mailUser(ctx, {
      kind: 'access_requested',
      organizationId: ctx.organizationId,
      userId: id,
      usefulUntil: request.expiresAt,
      values: {
        asker: request.askerName,
        application: labelsOf(request.application),
        account: request.customerNumber ?? request.accountText,
        reason: request.reason,
        path: `/portal/requests/${request.id}`,
        reminder,
        expiresAt: request.expiresAt,
      },
    });
  }
}

export const requestNotices = (log: Logger): JobHandler => ({
  run: async (data) => {
    const { organizationId, id } = data as { organizationId: string; id: string };
    const ctx = systemCtx(organizationId, log);
    await tellOnce(ctx, `${REQUEST_NOTICE} ${id}`, async () => {
      const request = await findRequest(ctx, id, { lock: true });
      if (request.state === 'waiting') await mailAnswerers(ctx, request, false);
    });
  },
});

export type Decision = {
  readonly state: Exclude<RequestState, 'waiting' | 'closed' | 'cancelled'>;
  readonly answer: string;
};

/** In the ambient transaction. */
export async function mailDecision(ctx: OrganizationCtx, request: AccessRequest, decision: Decision): Promise<void> {
  await mailUser(ctx, {
    kind: 'access_decided',
    organizationId: ctx.organizationId,
    userId: request.userId,
    values: {
      ...decision,
      application: labelsOf(request.application),
      path: `/portal/requests/${request.id}`,
    },
  });
}
