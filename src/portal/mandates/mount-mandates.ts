// The table of contents of the pages about mandates between organizations.
import { Router } from 'express';
import type { PortalSettings } from '../portal-settings.ts';
import { editMandatePages } from './edit-mandate.ts';
import { listPages } from './lists.ts';
import { mandatePages } from './mandate-page.ts';

/** Mount at /portal/mandates. */
export function mandateManagement(settings: PortalSettings): Router {
  const router = Router();
  const lists = listPages(settings);
  const edit = editMandatePages(settings);
  const one = mandatePages(settings);
  router.get('/', lists.routers);
  router.get('/given', lists.given);
  router.route('/received').get(lists.received).post(lists.showPeople);
  router.get('/received/:mandate', one.received);
  router.get('/routers/:router', lists.router);
  router.route('/edit').get(edit.show).post(edit.send);
  router.get('/preview', edit.preview);
  router.get('/:mandate', one.given);
  router.route('/:mandate/withdraw').get(one.withdraw).post(one.withdrawn);
  return router;
}
