// What waits for a second person, and what became of the rest. The word itself is given where the act is shown.
import type { Request, Response } from 'express';
import type { Approval, ApprovalKind } from '../approvals/ask-approval.ts';
import { listApprovals } from '../approvals/list-approvals.ts';
import type { OperatorRoute } from './mount.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { shellLocals } from './shell.ts';
import { staffOf } from './staff.ts';

const PLACES: Readonly<Record<ApprovalKind, (id: string) => string>> = {
  close_organization: (id) => `/operator/organizations/${id}/close`,
  publish_application: (id) => `/operator/applications/${id}/publish`,
  destroy_key: (kid) => `/operator/keys/${kid}/destroy`,
};

export function approvalPages(settings: OperatorSettings): OperatorRoute[] {
  async function list(req: Request, res: Response): Promise<void> {
    const { ctx, userId } = staffOf(req);
    const { open, decided } = await listApprovals(ctx);
    const shown = (one: Approval) => ({
      ...one,
      href: PLACES[one.kind](encodeURIComponent(one.targetId)),
      own: one.askedBy.id === userId,
    });
    settings.render(res, 'operator/approvals', {
      ...(await shellLocals(settings, req, res, 'approvals')),
      open: open.map(shown),
      decided: decided.map(shown),
    });
  }
  return [{ method: 'get', path: '/approvals', needs: 'approvals.read', handle: list }];
}
