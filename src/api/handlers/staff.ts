// The operator's own people and their roles; see ../operations/staff.ts.
import { createStaff } from '../../organizations/create-staff.ts';
import { listStaff, setStaffRoles } from '../../organizations/staff-roles.ts';
import type { Handlers } from '../operation.ts';
import type { staffOperations } from '../operations/staff.ts';
import { detailsOf } from '../person-details.ts';

export const staffHandlers: Handlers<typeof staffOperations> = {
  'staff.list': async (ctx) => ({ items: await listStaff(ctx) }),
  'staff.create': async (ctx, { body }) => ({ id: await createStaff(ctx, detailsOf(body), body.roles) }),
  'staff.set-roles': (ctx, { params, body }) => setStaffRoles(ctx, params.user, body.roles),
};
