// The table of contents of the roles, below /portal/roles. What a role gives is edited at /portal/roles/:id/rights, by the
// editor of everybody's rights.
import { Router } from 'express';
import type { PortalSettings } from '../portal-settings.ts';
import { assignPages } from './assign.ts';
import { roleActs } from './edit.ts';
import { roleList } from './list.ts';
import { rolePage } from './role-page.ts';

export function rolePages(settings: PortalSettings): Router {
  const acts = roleActs(settings);
  const assigning = assignPages(settings);
  const router = Router();
  router.get('/', roleList(settings));
  router.route('/new').get(acts.askDetails).post(acts.create);
  router.get('/:id', rolePage(settings));
  router.route('/:id/edit').get(acts.askDetails).post(acts.change);
  router.route('/:id/end').get(acts.askEnd).post(acts.end);
  router.route('/:id/assign').get(assigning.choose).post(assigning.give);
  router.route('/:id/end-assignment').get(assigning.askEnd).post(assigning.end);
  return router;
}
