// The portal's table of contents.
import express, { Router } from 'express';
import { ensurePortalClient } from '../clients/portal-client.ts';
import { checkForms } from '../web/csrf.ts';
import { keepPrivate } from '../web/headers.ts';
import { accessPages } from './access/mount-access.ts';
import { changeEmailPages } from './change-email.ts';
import { changePasswordPages } from './change-password.ts';
import { connectionPages } from './connections/mount-connections.ts';
import { groupPages } from './groups/mount-groups.ts';
import { historyPages } from './history.ts';
import { homePage } from './home.ts';
import { mandateManagement } from './mandates/mount-mandates.ts';
import { myAccounts } from './my-accounts.ts';
import { myData } from './my-data.ts';
import { myDetailsPages } from './my-details.ts';
import { myRights } from './my-rights.ts';
import { noticePages } from './notices.ts';
import type { PortalSettings } from './portal-settings.ts';
import { policyPages } from './policy.ts';
import { accessRequests } from './requests/mount-requests.ts';
import { rightsPages } from './rights/mount-rights.ts';
import { securityRouter } from './security/mount-security.ts';
import { askSession, noteVisit, staySignedIn } from './session-page.ts';
import { reviewRoutes } from './reviews/mount-reviews.ts';
import { rolePages } from './roles/mount-roles.ts';
import { requireSignIn, returnFromSignIn, signOutUrl } from './signed-in.ts';
import { afterSwitch, switchOrganization } from './switch-organization.ts';
import { supportConsentPages } from './support/consent-page.ts';
import { keepPersonal, sayNotWhileActing, stopActing, stopAtSignOut } from './support/visit-pages.ts';
import { importPages } from './users/import.ts';
import { userManagement } from './users/mount-users.ts';
import { readUpload } from './users/upload.ts';

const FORM_LIMIT = '1mb';
/** A list of contracts has as many fields as it has ticks. */
const MOST_FIELDS = 20_000;

/** Mount at /portal, behind rememberChoices. */
export async function portal(settings: PortalSettings): Promise<Router> {
  const { site } = settings;
  await ensurePortalClient(site.publicUrl, site.brand.name);
  const password = changePasswordPages(settings);
  const details = myDetailsPages(settings);
  const email = changeEmailPages(settings);
  const notices = noticePages(settings);
  const history = historyPages(settings);
  const policy = policyPages(settings);
  const support = supportConsentPages(settings);
  const imports = importPages(settings);
  const router = Router();
  router.get('/signed-in', returnFromSignIn(settings));
  router.use(
    express.urlencoded({ extended: false, limit: FORM_LIMIT, parameterLimit: MOST_FIELDS }),
    requireSignIn(settings),
  );
  router.get('/session', askSession);
  router.use(noteVisit);
  // The proof of this form stands in what is uploaded.
  router.post('/users/import', readUpload(imports.tooLarge));
  router.use(checkForms(site), keepPersonal(settings));
  router.post('/session', staySignedIn);
  router.post('/support/stop', stopActing);

  router.get('/', homePage(settings));
  router.get('/password', password.show);
  router.post('/password', password.save);
  router.get('/details', details.show);
  router.post('/details', details.save);
  router.get('/details/email', email.show);
  router.post('/details/email', email.save);
  router.get('/notices', notices.show);
  router.post('/notices', notices.save);
  router.get('/accounts', myAccounts(settings));
  router.get('/my-rights', myRights(settings));
  router.get('/my-data.json', myData);
  router.get('/switch-organization', switchOrganization(settings));
  router.get('/switched', afterSwitch);
  router.use('/users', userManagement(settings));
  router.use('/groups', groupPages(settings));
  router.use('/roles', rolePages(settings));
  router.use(rightsPages(settings));
  router.use('/mandates', mandateManagement(settings));
  router.use('/connections', connectionPages(settings));
  router.use(accessRequests(settings));
  router.use(accessPages(settings));
  router.use('/reviews', reviewRoutes(settings));
  router.use('/security', securityRouter(settings));
  router.get('/policy', policy.show);
  router.post('/policy', policy.save);
  router.get('/policy/terms', policy.showTerms);
  router.post('/policy/terms', policy.publish);
  router.get('/policy/support', support.show);
  router.post('/policy/support', support.open);
  router.post('/policy/support/:consent/withdraw', support.withdraw);
  router.get('/history', history.show);
  router.get('/history/export.csv', history.exported);
  router.post('/sign-out', async (req, res) => {
    await stopAtSignOut(req);
    keepPrivate(res);
    res.redirect(303, signOutUrl(settings));
  });
  router.use(sayNotWhileActing(settings));
  return router;
}
