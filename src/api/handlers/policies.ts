// What an organization's chief administrators decide about signing in, and its terms of use; see ../operations/policies.ts.
import { currentTerms, publishTerms } from '../../credentials/terms.ts';
import { HubError } from '../../errors.ts';
import { changePolicy, readPolicy } from '../../organizations/change-policy.ts';
import type { OrganizationCtx } from '../../context.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { policyOperations } from '../operations/policies.ts';

async function termsOf(ctx: OrganizationCtx) {
  const terms = await currentTerms(ctx);
  if (!terms) throw new HubError('not_found', 'This organization has no terms.');
  return terms;
}

export const policyHandlers: Handlers<typeof policyOperations> = {
  'policy.get': (ctx) => readPolicy(ctx),
  'policy.change': (ctx, { body }) => {
    const { secondFactor, ...others } = body;
    return changePolicy(ctx, { ...compact(others), ...(secondFactor && { secondFactor: compact(secondFactor) }) });
  },
  'terms.get': (ctx) => termsOf(ctx),
  'terms.publish': async (ctx, { body }) => {
    await publishTerms(ctx, body.texts);
    return termsOf(ctx);
  },
};
