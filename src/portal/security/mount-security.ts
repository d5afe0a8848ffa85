// The table of contents of one's own security, below /portal/security.
import { Router } from 'express';
import type { PortalSettings } from '../portal-settings.ts';
import { factorPages } from './factor-pages.ts';
import { securityPages } from './security-page.ts';

export function securityRouter(settings: PortalSettings): Router {
  const pages = securityPages(settings);
  const factors = factorPages(settings);
  const router = Router();
  router.get('/', pages.show);
  router.post('/sessions/end', pages.end);
  router.post('/sessions/end-others', pages.endOthers);
  router.get('/factors/new', factors.add);
  router.route('/factors/:id').get(factors.show).post(factors.change);
  router.route('/recovery-codes').get(factors.askCodes).post(factors.makeCodes);
  return router;
}
