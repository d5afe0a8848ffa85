// Mandates; see ../operations/mandates.ts.
import { changeMandate, withdrawMandate } from '../../mandates/change-mandate.ts';
import { listGivenMandates, listReceivedMandates } from '../../mandates/find-mandate.ts';
import { giveMandate } from '../../mandates/give-mandate.ts';
import { listRouters } from '../../mandates/list-routers.ts';
import { mandatePeople } from '../../mandates/mandate-people.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { mandateOperations } from '../operations/mandates.ts';
import { afterId, limitOf, page } from '../page.ts';

export const mandateHandlers: Handlers<typeof mandateOperations> = {
  'mandate.give': (ctx, { body }) => giveMandate(ctx, compact(body)),
  'mandate.list': async (ctx, { query }) => {
    const all = await (query.side === 'given' ? listGivenMandates(ctx) : listReceivedMandates(ctx));
    return page(all, query, ({ id }) => id);
  },
  'mandate.people': async (ctx, { params, query }) => {
    const { people, next } = await mandatePeople(ctx, params.mandate, 'giver', query.after);
    const items = people.map(({ shownAs, byNumber, since, lastUsedOn }) => ({ shownAs, byNumber, since, lastUsedOn }));
    return { items, next };
  },
  'router.list': async (ctx, { query }) => {
    const asked = compact({ search: query.search, after: afterId(query) });
    const { routers, next } = await listRouters(ctx, { ...asked, size: limitOf(query) });
    return { items: routers, next };
  },
  'mandate.change': (ctx, { params, body }) => changeMandate(ctx, params.mandate, compact(body)),
  'mandate.withdraw': (ctx, { params }) => withdrawMandate(ctx, params.mandate),
};
