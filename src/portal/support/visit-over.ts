// Support in the place of an administrator, as each page shows it, and the page that says that it is over. Whether it goes on is
// read in src/support/find-visit.ts.
import type { Request, Response } from 'express';
import { endVisits, noteTold } from '../../support/end-visit.ts';
import type { FoundVisit } from '../../support/find-visit.ts';
import { nameOf } from '../../users/user-row.ts';
import { keepPrivate } from '../../web/headers.ts';
import type { ActingBanner } from '../../web/locals.ts';
import type { PortalSettings } from '../portal-settings.ts';
import type { ActingStaff, Visitor } from '../signed-in.ts';

const STOP_PATH = '/portal/support/stop';

/** Where staff begins and ends it. */
export const operatorPage = (organizationId: string) => `/operator/organizations/${organizationId}/support`;

export const actingBanner = (
  { name, organizationName }: Visitor,
  { visit, name: staff }: ActingStaff,
): ActingBanner => ({
  staff,
  name,
  organization: organizationName,
  until: visit.expiresAt,
  stopAction: STOP_PATH,
});

/** Nothing of the request is done; the next one is the staff's own again. */
export async function tellVisitOver(
  { render }: PortalSettings,
  req: Request,
  res: Response,
  staff: Visitor,
  visit: FoundVisit,
): Promise<void> {
  const { organizationId, over } = visit;
  // Asked by the page's script, which can show no page.
  if (req.path === '/session') {
    keepPrivate(res);
    return void res.json({ endsIn: 0, final: true });
  }
  const ctx = { ...staff.ctx, organizationId };
  if (!visit.ended && over !== null) await endVisits(ctx, { visitId: visit.id }, over);
  await noteTold(ctx, staff.uid);
  render(
    res,
    'portal/support/over',
    {
      outcome: over,
      name: nameOf(visit.document),
      organization: visit.organizationName,
      nextHref: operatorPage(organizationId),
    },
    { status: 403 },
  );
}
