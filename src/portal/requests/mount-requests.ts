// The table of contents of asking for access and of answering.
import { Router } from 'express';
import type { PortalSettings } from '../portal-settings.ts';
import { askPages } from './ask.ts';
import { requestList } from './list.ts';
import { requestPages } from './request-page.ts';

/** Mount at /portal. */
export function accessRequests(settings: PortalSettings): Router {
  const router = Router();
  const ask = askPages(settings);
  const one = requestPages(settings);
  router.route('/ask').get(ask.show).post(ask.send);
  router.get('/requests', requestList(settings));
  router.get('/requests/:request', one.show);
  router.post('/requests/:request/deny', one.deny);
  router.post('/requests/:request/cancel', one.cancel);
  return router;
}
