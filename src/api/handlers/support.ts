// Support acting for customers' administrators; see ../operations/support.ts.
import { endVisit } from '../../support/end-visit.ts';
import { listSupportConsents, listSupportVisits } from '../../support/list-support.ts';
import { visitsOfStaff } from '../../support/visits-of-staff.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { supportOperations } from '../operations/support.ts';
import { afterId, limitOf } from '../page.ts';

export const supportHandlers: Handlers<typeof supportOperations> = {
  'staff-visit.list': async (ctx, { params, query }) => {
    const { items, next } = await visitsOfStaff(ctx, params.user, { after: afterId(query), limit: limitOf(query) });
    return { items, next };
  },
  'support-consent.list': (ctx, { query }) =>
    listSupportConsents(ctx, { ...compact({ after: afterId(query) }), limit: limitOf(query) }),
  'support-visit.list': (ctx, { query }) =>
    listSupportVisits(ctx, { ...compact({ after: afterId(query) }), limit: limitOf(query) }),
  'support-visit.end': (ctx, { params }) => endVisit(ctx, params.visit),
};
