// Mandates; see ../operations/mandates.ts.
import { changeMandate, withdrawMandate } from '../../mandates/change-mandate.ts';
import { listGivenMandates, listReceivedMandates } from '../../mandates/find-mandate.ts';
import { giveMandate } from '../../mandates/give-mandate.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { mandateOperations } from '../operations/mandates.ts';
import { page } from '../page.ts';

export const mandateHandlers: Handlers<typeof mandateOperations> = {
  'mandate.give': (ctx, { body }) => giveMandate(ctx, compact(body)),
  'mandate.list': async (ctx, { query }) => {
    const all = await (query.side === 'given' ? listGivenMandates(ctx) : listReceivedMandates(ctx));
    return page(all, query, ({ id }) => id);
  },
  'mandate.change': (ctx, { params, body }) => changeMandate(ctx, params.mandate, compact(body)),
  'mandate.withdraw': (ctx, { params }) => withdrawMandate(ctx, params.mandate),
};
