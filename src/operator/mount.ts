// The operator's table of contents: every page with the permission that it needs, in one list that a test walks through.
import express, { Router, type RequestHandler } from 'express';
import { OPERATOR_CLIENT_ID, ensureOperatorClient } from '../clients/operator-client.ts';
import { portalSignedOutUri } from '../clients/portal-client.ts';
import type { Permission } from '../organizations/permissions.ts';
import { checkForms } from '../web/csrf.ts';
import { keepPrivate } from '../web/headers.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { applicationPages } from './applications/application-pages.ts';
import { approvalPages } from './approvals.ts';
import { accountPages } from './organizations/account-page.ts';
import { bigActs } from './organizations/big-acts.ts';
import { organizationList } from './organizations/list.ts';
import { organizationPages } from './organizations/organization-page.ts';
import { subscriptionPages } from './organizations/subscription-editor.ts';
import { supportPages } from './organizations/support-page.ts';
import { clientPages } from './clients.ts';
import { destroyKeyPages } from './destroy-key-page.ts';
import { listPages } from './lists.ts';
import { newsPages } from './news.ts';
import { overviewPage } from './overview.ts';
import { registrationPages } from './registrations.ts';
import { requestPages } from './requests.ts';
import { allow, requireStaff, returnToOperator } from './staff.ts';
import { staffVisitPages } from './staff-visits-page.ts';
import { staffPages } from './staff-pages.ts';
import { readUpload } from './upload.ts';

export type OperatorRoute = {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly needs: Permission;
  readonly handle: RequestHandler;
};

const FORM_LIMIT = '4mb';
/** A list of contracts has as many fields as it has ticks. */
const MOST_FIELDS = 20_000;

/** Below /operator; what one may see is said by the permission alone. */
export const operatorRoutes = (settings: OperatorSettings): readonly OperatorRoute[] => [
  { method: 'get', path: '/', needs: 'overview.read', handle: overviewPage(settings) },
  ...registrationPages(settings),
  ...requestPages(settings),
  ...organizationList(settings),
  ...organizationPages(settings),
  ...accountPages(settings),
  ...subscriptionPages(settings),
  ...bigActs(settings),
  ...supportPages(settings),
  ...applicationPages(settings),
  ...approvalPages(settings),
  ...clientPages(settings),
  ...listPages(settings),
  ...destroyKeyPages(settings),
  ...newsPages(settings),
  ...staffPages(settings),
  ...staffVisitPages(settings),
];

/** Mount at /operator, behind rememberChoices. */
export async function operator(settings: OperatorSettings): Promise<Router> {
  const { site } = settings;
  await ensureOperatorClient(site.publicUrl, site.brand.name);
  const router = Router();
  router.get('/signed-in', returnToOperator(settings));
  router.use(
    requireStaff(settings),
    express.urlencoded({ extended: false, limit: FORM_LIMIT, parameterLimit: MOST_FIELDS }),
    ...readUpload,
    checkForms(site),
  );
  router.post('/sign-out', (_req, res) => {
    keepPrivate(res);
    const url = new URL('/oidc/session/end', site.publicUrl);
    url.searchParams.set('client_id', OPERATOR_CLIENT_ID);
    url.searchParams.set('post_logout_redirect_uri', portalSignedOutUri(site.publicUrl));
    res.redirect(303, url.href);
  });
  for (const { method, path, needs, handle } of operatorRoutes(settings)) router[method](path, allow(needs), handle);
  return router;
}
