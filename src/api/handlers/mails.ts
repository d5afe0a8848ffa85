// What was mailed and what became of it; see ../operations/mails.ts.
import { listDeliveries, retryMail } from '../../mail/delivery.ts';
import type { Handlers } from '../operation.ts';
import type { mailOperations } from '../operations/mails.ts';
import { limitOf } from '../page.ts';

export const mailHandlers: Handlers<typeof mailOperations> = {
  'mail.list': async (ctx, { query }) => {
    const { state, before } = query;
    const { deliveries, next } = await listDeliveries(ctx, {
      limit: limitOf(query),
      ...(state && { state }),
      ...(before && { before }),
    });
    return { items: deliveries, next };
  },
  'mail.retry': (ctx, { params }) => retryMail(ctx, ctx.organizationId, params.mail),
};
