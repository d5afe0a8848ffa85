// Where one member of staff acted for a customer's administrator, when, why and with whose consent.
import type { Request, Response } from 'express';
import { visitsOfStaff } from '../support/visits-of-staff.ts';
import type { OperatorRoute } from './mount.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { PATH as ORGANIZATIONS } from './organizations/list.ts';
import { shellLocals } from './shell.ts';
import { staffOf } from './staff.ts';

const SIZE = 25;

export function staffVisitPages(settings: OperatorSettings): OperatorRoute[] {
  async function page(req: Request, res: Response): Promise<void> {
    const { ctx, may } = staffOf(req);
    const { after } = req.query;
    const user = String(req.params['user']);
    const from = typeof after === 'string' ? after : undefined;
    const { staff, items, next } = await visitsOfStaff(ctx, user, { limit: SIZE, after: from });
    const path = `/operator/staff/${user}/visits`;
    settings.render(res, 'operator/staff-visits', {
      ...(await shellLocals(settings, req, res, 'staff')),
      staff,
      staffHref: may('staff.read') ? '/operator/staff' : undefined,
      visits: items.map((one) => ({
        ...one,
        organizationHref: `${ORGANIZATIONS}/${one.organizationId}`,
        href: `${ORGANIZATIONS}/${one.organizationId}/support/${one.id}`,
      })),
      firstHref: from === undefined ? undefined : path,
      nextHref: next === null ? undefined : `${path}?after=${next}`,
    });
  }

  return [{ method: 'get', path: '/staff/:user/visits', needs: 'audit.read', handle: page }];
}
