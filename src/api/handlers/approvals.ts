// What waits for a second person; see ../operations/approvals.ts.
import { listApprovals } from '../../approvals/list-approvals.ts';
import type { Handlers } from '../operation.ts';
import type { approvalOperations } from '../operations/approvals.ts';

export const approvalHandlers: Handlers<typeof approvalOperations> = {
  'approval.list': (ctx) => listApprovals(ctx),
};
