// The portal's table of contents.
import express, { Router } from 'express';
import { PORTAL_CLIENT_ID, ensurePortalClient, portalSignedOutUri } from '../clients/portal-client.ts';
import { checkForms } from '../web/csrf.ts';
import { keepPrivate } from '../web/headers.ts';
import { changePasswordPages } from './change-password.ts';
import { historyPages } from './history.ts';
import { homePage } from './home.ts';
import { myAccounts } from './my-accounts.ts';
import { myDetailsPages } from './my-details.ts';
import type { PortalSettings } from './portal-settings.ts';
import { rightsPages } from './rights/mount-rights.ts';
import { requireSignIn, returnFromSignIn } from './signed-in.ts';
import { userManagement } from './users/mount-users.ts';

const FORM_LIMIT = '1mb';
/** A list of contracts has as many fields as it has ticks. */
const MOST_FIELDS = 20_000;

/** Mount at /portal, behind rememberChoices. */
export async function portal(settings: PortalSettings): Promise<Router> {
  const { site } = settings;
  await ensurePortalClient(site.publicUrl, site.brand.name);
  const password = changePasswordPages(settings);
  const details = myDetailsPages(settings);
  const history = historyPages(settings);
  const router = Router();
  router.get('/signed-in', returnFromSignIn(settings));
  router.use(
    express.urlencoded({ extended: false, limit: FORM_LIMIT, parameterLimit: MOST_FIELDS }),
    requireSignIn(settings),
    checkForms(site),
  );

  router.get('/', homePage(settings));
  router.get('/password', password.show);
  router.post('/password', password.save);
  router.get('/details', details.show);
  router.post('/details', details.save);
  router.get('/accounts', myAccounts(settings));
  router.use('/users', userManagement(settings));
  router.use(rightsPages(settings));
  router.get('/history', history.show);
  router.get('/history/export.csv', history.exported);
  router.post('/sign-out', (_req, res) => {
    keepPrivate(res);
    const url = new URL('/oidc/session/end', site.publicUrl);
    url.searchParams.set('client_id', PORTAL_CLIENT_ID);
    url.searchParams.set('post_logout_redirect_uri', portalSignedOutUri(site.publicUrl));
    res.redirect(303, url.href);
  });
  return router;
}
