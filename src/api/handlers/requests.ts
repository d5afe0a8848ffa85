// Requests for access; see ../operations/requests.ts.
import type { OrganizationCtx } from '../../context.ts';
import { approveRequest, cancelRequest, denyRequest } from '../../requests/answer-request.ts';
import { askForAccess } from '../../requests/ask-for-access.ts';
import { listInbox } from '../../requests/inbox.ts';
import { listOperatorQueue } from '../../requests/operator-queue.ts';
import { findRequest, type AccessRequest } from '../../requests/request-row.ts';
import type { Wanted } from '../../requests/request-row.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { requestOperations } from '../operations/requests.ts';
import { afterId, limitOf } from '../page.ts';
import { invalidInput } from '../problems.ts';

type Kind = 'user' | 'connection' | 'operator' | 'system';

/** The record as it is, but for the asker's full name, which is the user's own record's. */
const shown = ({ askerName: _name, decidedBy, ...request }: AccessRequest) => ({
  ...request,
  wanted: Object.fromEntries(Object.entries(request.wanted)),
  decidedBy: decidedBy && { ...decidedBy, kind: decidedBy.kind as Kind },
});

const found = async (ctx: OrganizationCtx, id: string) => shown(await findRequest(ctx, id));

/** In a request "*" means nothing: nobody asks for what does not exist yet. */
function listed(values: Readonly<Record<string, '*' | readonly string[] | undefined>>): Wanted {
  const pairs = Object.entries(values).flatMap(([dimension, list]) => {
    if (list === '*') throw invalidInput([{ path: `body.wanted.${dimension}`, message: 'must be a list' }]);
    return list === undefined ? [] : [[dimension, list] as const];
  });
  return Object.fromEntries(pairs);
}

export const requestHandlers: Handlers<typeof requestOperations> = {
  'request.ask': async (ctx, { body: { wanted, ...body } }) =>
    shown(await askForAccess(ctx, { ...compact(body), ...(wanted === undefined ? {} : { wanted: listed(wanted) }) })),
  'request.list': async (ctx, { query }) => {
    const { requests, next } = await listInbox(ctx, {
      view: query.view ?? 'waiting',
      ...compact({ application: query.application, after: afterId(query) }),
      size: limitOf(query),
    });
    return { items: requests.map(shown), next };
  },
  'request.get': (ctx, { params }) => found(ctx, params.request),
  'request.approve': async (ctx, { params, body }) => {
    await approveRequest(ctx, { id: params.request, ...compact(body) });
    return found(ctx, params.request);
  },
  'request.deny': async (ctx, { params, body }) => {
    await denyRequest(ctx, { id: params.request, ...body });
    return found(ctx, params.request);
  },
  'request.cancel': async (ctx, { params }) => {
    await cancelRequest(ctx, params.request);
    return found(ctx, params.request);
  },
  'request.queue': async (ctx, { query }) => {
    const { requests, next } = await listOperatorQueue(ctx, {
      ...compact({ after: afterId(query) }),
      limit: limitOf(query),
    });
    return { items: requests, next };
  },
};
