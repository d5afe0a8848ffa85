// Companies that ask to be admitted, and what is decided about them; see ../operations/registrations.ts.
import { approveRegistration, denyRegistration } from '../../registrations/decide-registration.ts';
import { findRegistration, listRegistrations } from '../../registrations/list-registrations.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { registrationOperations } from '../operations/registrations.ts';
import { afterId, limitOf } from '../page.ts';

export const registrationHandlers: Handlers<typeof registrationOperations> = {
  'registration.list': async (ctx, { query }) => {
    const after = afterId(query);
    const asked = { state: query.state ?? 'pending', limit: limitOf(query), ...(after !== undefined && { after }) };
    const { registrations, next } = await listRegistrations(ctx, asked);
    return { items: registrations, next };
  },
  'registration.get': (ctx, { params }) => findRegistration(ctx, params.registration),
  'registration.approve': (ctx, { params, body }) => approveRegistration(ctx, params.registration, compact(body)),
  'registration.deny': (ctx, { params, body }) => denyRegistration(ctx, params.registration, body.reason),
};
