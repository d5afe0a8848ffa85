// What waits for a second person.
import { z } from 'zod';
import type { ApprovalKind } from '../../approvals/ask-approval.ts';
import { operations } from '../operation.ts';
import { instant } from '../shapes.ts';

/** Complete by its type; the list itself stands beside statements that the command line must not load. */
const APPROVAL_KINDS = {
  close_organization: 'close_organization',
  publish_application: 'publish_application',
  destroy_key: 'destroy_key',
} as const satisfies { [Kind in ApprovalKind]: Kind };

const by = z.object({ label: z.string() }).nullable();
const approval = z
  .object({
    id: z.string(),
    kind: z.enum(APPROVAL_KINDS),
    targetId: z.string(),
    targetName: z.string(),
    reason: z.string(),
    askedBy: z.object({ id: z.string(), label: z.string() }),
    askedAt: instant,
    expiresAt: instant,
    outcome: z.enum(['approved', 'refused', 'withdrawn']).nullable(),
    decidedBy: by,
    decidedAt: instant.nullable(),
  })
  .meta({ id: 'Approval' });

export const approvalOperations = operations({
  'approval.list': {
    noun: 'approval',
    verb: 'list',
    method: 'get',
    path: '/approvals',
    summary: 'Lists what waits for a second person and what was decided, the newest first.',
    needs: 'approvals.read',
    answer: z.object({ open: z.array(approval), decided: z.array(approval) }),
    example: '',
  },
});
