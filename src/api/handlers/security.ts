// Policy, terms, sessions, second factors and the log of logouts; see ../operations/security.ts.
import { endSessionsOf } from '../../credentials/end-sessions.ts';
import { listSessions } from '../../credentials/list-sessions.ts';
import { listFactors } from '../../credentials/manage-factors.ts';
import {
  approveFactorReset,
  denyFactorReset,
  listFactorResets,
  resetFactors,
} from '../../credentials/reset-factors.ts';
import { currentTerms, publishTerms } from '../../credentials/terms.ts';
import { HubError } from '../../errors.ts';
import { changePolicy, readPolicy } from '../../organizations/change-policy.ts';
import { listLogouts } from '../../signals/list-logouts.ts';
import { retryLogout } from '../../signals/retry-logout.ts';
import { findUser } from '../../users/find-user.ts';
import type { OrganizationCtx } from '../../context.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { securityOperations } from '../operations/security.ts';
import { afterId, limitOf } from '../page.ts';

async function termsOf(ctx: OrganizationCtx) {
  const terms = await currentTerms(ctx);
  if (!terms) throw new HubError('not_found', 'This organization has no terms.');
  return terms;
}

export const securityHandlers: Handlers<typeof securityOperations> = {
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
  'session.list': async (ctx, { params }) => {
    const { id } = await findUser(ctx, params.user);
    return { items: await listSessions(ctx, id) };
  },
  'session.end-all': async (ctx, { params }) => {
    const { id } = await findUser(ctx, params.user);
    await endSessionsOf(ctx, id);
  },
  'second-factor.list': async (ctx, { params }) => {
    const { id } = await findUser(ctx, params.user);
    const { factors, recoveryCodes, required } = await listFactors(ctx, id);
    return { items: factors, recoveryCodes, required };
  },
  'second-factor.reset': async (ctx, { params }) => {
    const { id } = await findUser(ctx, params.user);
    await resetFactors(ctx, id);
  },
  'factor-reset.list': async (ctx) => ({ items: await listFactorResets(ctx) }),
  'factor-reset.approve': (ctx, { params }) => approveFactorReset(ctx, params.request),
  'factor-reset.deny': (ctx, { params }) => denyFactorReset(ctx, params.request),
  'logout.list': async (ctx, { query }) => {
    const { state, client: clientId, of: organizationId } = query;
    const filter = compact({ state, clientId, organizationId, after: afterId(query) });
    const { deliveries, next } = await listLogouts(ctx, { ...filter, limit: limitOf(query) });
    return { items: deliveries, next };
  },
  'logout.retry': (ctx, { params }) => retryLogout(ctx, params.logout),
};
