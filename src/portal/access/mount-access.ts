// The table of contents of the pages that say who has access to what.
import { Router } from 'express';
import type { PortalSettings } from '../portal-settings.ts';
import { substitutePages } from '../substitutes/substitutes.ts';
import { accountAccessPages } from './account-access.ts';
import { administratorsPage } from './administrators.ts';
import { conflictsPage } from './conflicts.ts';
import { matrixPage } from './matrix.ts';
import { onDayPages } from './on-day.ts';
import { whoCanPage } from './who-can.ts';

/** Mount at /portal. */
export function accessPages(settings: PortalSettings): Router {
  const router = Router();
  const onDay = onDayPages(settings);
  const account = accountAccessPages(settings);
  const substitutes = substitutePages(settings);
  router.get('/access', whoCanPage(settings));
  router.get('/access/matrix', matrixPage(settings));
  router.get('/access/conflicts', conflictsPage(settings));
  router.get('/access/on-day', onDay.show);
  router.get('/access/on-day.csv', onDay.exported);
  router.get('/administrators', administratorsPage(settings));
  router.route('/account-settings/access').get(account.show).post(account.save);
  router.route('/substitutes').get(substitutes.show).post(substitutes.post);
  router.post('/substitutes/:id/end', substitutes.end);
  return router;
}
