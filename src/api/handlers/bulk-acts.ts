// Acts on many users; see ../operations/bulk-acts.ts.
import { findBulkAct, listBulkPeople } from '../../bulk-acts/bulk-act.ts';
import { confirmBulkAct, prepareBulkAct } from '../../bulk-acts/prepare-bulk-act.ts';
import type { Handlers } from '../operation.ts';
import type { bulkActOperations } from '../operations/bulk-acts.ts';
import { limitOf } from '../page.ts';

export const bulkActHandlers: Handlers<typeof bulkActOperations> = {
  'bulk-act.create': (ctx, { body }) => prepareBulkAct(ctx, body),
  'bulk-act.get': (ctx, { params }) => findBulkAct(ctx, params.bulkAct),
  'bulk-act.confirm': (ctx, { params }) => confirmBulkAct(ctx, params.bulkAct),
  'bulk-act-person.list': async (ctx, { params, query }) => {
    const { people, next } = await listBulkPeople(ctx, params.bulkAct, {
      state: query.state,
      after: query.after,
      size: limitOf(query),
    });
    return { items: people, next };
  },
};
