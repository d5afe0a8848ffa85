// An organization's chief administrators, as the operator makes them; see ../operations/chiefs.ts.
import { appointChief, createChief } from '../../organizations/create-chief.ts';
import { listChiefs } from '../../organizations/list-chiefs.ts';
import type { Handlers } from '../operation.ts';
import type { chiefOperations } from '../operations/chiefs.ts';
import { page } from '../page.ts';
import { detailsOf } from '../person-details.ts';

export const chiefHandlers: Handlers<typeof chiefOperations> = {
  'chief.list': async (ctx, { query }) => page(await listChiefs(ctx), query, ({ id }) => id),
  'chief.create': async (ctx, { body }) => ({ id: await createChief(ctx, detailsOf(body)) }),
  'chief.appoint': (ctx, { params }) => appointChief(ctx, params.user),
};
