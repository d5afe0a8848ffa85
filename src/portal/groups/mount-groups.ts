// The table of contents of the groups, below /portal/groups. What a group gives is edited at /portal/groups/:id/rights, by
// the editor of everybody's rights.
import { Router } from 'express';
import type { PortalSettings } from '../portal-settings.ts';
import { groupAdministration } from './administration.ts';
import { groupActs } from './edit.ts';
import { groupPage } from './group-page.ts';
import { groupList } from './list.ts';
import { memberPages } from './members.ts';

export function groupPages(settings: PortalSettings): Router {
  const acts = groupActs(settings);
  const members = memberPages(settings);
  const administration = groupAdministration(settings);
  const router = Router();
  router.get('/', groupList(settings));
  router.route('/new').get(acts.askName).post(acts.create);
  router.get('/:id', groupPage(settings));
  router.route('/:id/edit').get(acts.askName).post(acts.rename);
  router.route('/:id/delete').get(acts.askDelete).post(acts.remove);
  router.route('/:id/members').get(members.choose).post(members.act);
  router.route('/:id/administration-rights').get(administration.show).post(administration.save);
  return router;
}
