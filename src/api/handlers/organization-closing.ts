// Closing an organization for good, which takes a second person, and what hangs on it; see ../operations/organization-closing.ts.
import { dropApproval } from '../../approvals/ask-approval.ts';
import { askClosing, confirmClosing } from '../../organizations/close-organization.ts';
import { findOrganization } from '../../organizations/find-organization.ts';
import { organizationEffect } from '../../organizations/organization-effect.ts';
import type { Handlers } from '../operation.ts';
import type { organizationClosingOperations } from '../operations/organization-closing.ts';

export const organizationClosingHandlers: Handlers<typeof organizationClosingOperations> = {
  'organization.effect': async (ctx) => {
    await findOrganization(ctx, ctx.organizationId);
    return organizationEffect(ctx);
  },
  'organization.close': (ctx, { params, body }) => askClosing(ctx, params.organization, body.reason),
  'organization.confirm-close': (ctx, { params }) => confirmClosing(ctx, params.organization),
  'organization.refuse-close': (ctx, { params }) =>
    dropApproval(ctx, 'close_organization', params.organization.toLowerCase()),
};
