// Users and groups that pass to a directory; see ../operations/handovers.ts.
import { findHandoverCandidates } from '../../provisioning/hand-over.ts';
import { findHandoverGroups, handOver } from '../../provisioning/hand-over-groups.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { handoverOperations } from '../operations/handovers.ts';
import { afterId, cutPage, limitOf } from '../page.ts';
import type { PageQuery } from '../shapes.ts';

type Asked = PageQuery & { readonly from?: string | undefined; readonly search?: string | undefined };

/** One more than asked tells whether there is a next page. */
const asked = (query: Asked) => ({
  ...compact({ from: query.from, search: query.search, after: afterId(query) }),
  limit: limitOf(query) + 1,
});

export const handoverHandlers: Handlers<typeof handoverOperations> = {
  'handover-user.list': async (ctx, { params, query }) =>
    cutPage(await findHandoverCandidates(ctx, params.connection, asked(query)), limitOf(query)),
  'handover-group.list': async (ctx, { params, query }) =>
    cutPage(await findHandoverGroups(ctx, params.connection, asked(query)), limitOf(query)),
  'handover.create': (ctx, { params, body }) => {
    const { from = null, userIds = [], groupIds = [] } = body;
    return handOver(ctx, { connectionId: params.connection, from, userIds, groupIds });
  },
};
