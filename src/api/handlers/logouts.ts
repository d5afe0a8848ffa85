// The log of logouts that were sent to applications; see ../operations/logouts.ts.
import { listLogouts } from '../../signals/list-logouts.ts';
import { retryLogout } from '../../signals/retry-logout.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import { afterId, limitOf } from '../page.ts';
import type { logoutOperations } from '../operations/logouts.ts';

export const logoutHandlers: Handlers<typeof logoutOperations> = {
  'logout.list': async (ctx, { query }) => {
    const { state, client: clientId, of: organizationId } = query;
    const filter = compact({ state, clientId, organizationId, after: afterId(query) });
    const { deliveries, next } = await listLogouts(ctx, { ...filter, limit: limitOf(query) });
    return { items: deliveries, next };
  },
  'logout.retry': (ctx, { params }) => retryLogout(ctx, params.logout),
};
