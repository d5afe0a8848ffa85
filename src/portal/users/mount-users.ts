// The table of contents of user management, below /portal/users. A person's rights in applications are edited at
// /portal/users/:id/rights, elsewhere.
import { Router } from 'express';
import type { PortalSettings } from '../portal-settings.ts';
import { administrationRightsPages } from './administration-rights.ts';
import { bulkActPages } from './bulk-act-pages.ts';
import { createUserPages } from './create.ts';
import { deactivatePages } from './deactivate.ts';
import { editPages } from './edit.ts';
import { userExport } from './export.ts';
import { factorResetPages } from './factor-resets.ts';
import { giveSelectedPages } from './give-selected.ts';
import { importPages } from './import.ts';
import { userList } from './list.ts';
import { secondFactorPages } from './second-factor.ts';
import { selectionPages } from './selection.ts';
import { userPages } from './user-page.ts';
import { wayInPages } from './way-in.ts';

export function userManagement(settings: PortalSettings): Router {
  const create = createUserPages(settings);
  const user = userPages(settings);
  const edit = editPages(settings);
  const state = deactivatePages(settings);
  const wayIn = wayInPages(settings);
  const factors = secondFactorPages(settings);
  const resets = factorResetPages(settings);
  const administration = administrationRightsPages(settings);
  const imports = importPages(settings);
  const acts = bulkActPages(settings);
  const router = Router();

  router.get('/', userList(settings));
  router.get('/export.csv', userExport(settings));
  router.post('/selection', selectionPages(settings));
  router.post('/selection/rights', giveSelectedPages(settings).send);
  router.route('/acts/:act').get(acts.show).post(acts.confirm);
  router.get('/acts/:act/progress', acts.progress);
  router.get('/new', create.show);
  router.post('/new', create.post);

  router.route('/import').get(imports.start).post(imports.upload);
  router.get('/import/template.csv', imports.template);
  router.route('/import/:import').get(imports.show).post(imports.decide);
  router.get('/import/:import/progress', imports.progress);
  router.get('/import/:import/errors.csv', imports.errors);

  router.route('/factor-resets').get(resets.show).post(resets.deny);

  router.get('/:id', (req, res) => user.show(req, res));
  router.get('/:id/created', create.created);
  router.route('/:id/edit').get(edit.show).post(edit.save);
  router.route('/:id/deactivate').get(state.askDeactivate).post(state.deactivate);
  router.route('/:id/reactivate').get(state.askReactivate).post(state.reactivate);
  router.post('/:id/invitation', wayIn.invitation);
  router.post('/:id/password', wayIn.sendPasswordLink);
  router.route('/:id/temporary-password').get(wayIn.showTemporary).post(wayIn.giveTemporary);
  router.post('/:id/sessions', user.endSessions);
  router.route('/:id/second-factor').get(factors.show).post(factors.decide);
  router.route('/:id/administration-rights').get(administration.show).post(administration.save);
  return router;
}
