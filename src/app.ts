// The table of contents: what answers which address, in order.
import express, { type Express } from 'express';
import type { Logger } from 'pino';
import { api } from './api/api.ts';
import { liveCatalogue } from './applications/current-catalogue.ts';
import { keepCatalogue } from './applications/published-catalogue.ts';
import { RUN_BULK_ACT } from './bulk-acts/prepare-bulk-act.ts';
import { runBulkAct, TEND_BULK_ACTS, tendBulkActs } from './bulk-acts/run-bulk-act.ts';
import type { Config } from './config.ts';
import { remindInviteesJob } from './credentials/remind-invitees.ts';
import { recoverAccess } from './credentials/recover-password.ts';
import { RECOVER_ACCESS } from './credentials/request-recovery.ts';
import { secrets } from './credentials/secrets.ts';
import type { JobHandlers } from './database/jobs.ts';
import { ANNOUNCE_ENDS, announceEndsJob } from './entitlements/announce-ends.ts';
import { SELF_GIVING_NOTICE } from './entitlements/check-giving.ts';
import { noticeSelfGiving } from './entitlements/notice-self-giving.ts';
import { watchChiefsJob } from './entitlements/watch-chiefs.ts';
import { tokenRights } from './entitlements/token-rights.ts';
import { RUN_IMPORT, runImport } from './imports/run-import.ts';
import { TEND_IMPORTS, tendImports } from './imports/sweep-imports.ts';
import { foldActivityJob, sweepActivityJob } from './figures/fold-activity.ts';
import { mailJobs } from './mail/mail-jobs.ts';
import { startMail } from './mail/mail-settings.ts';
import { ANNOUNCE_MANDATE_ENDS, announceMandateEndsJob } from './mandates/announce-mandate-ends.ts';
import { MANDATE_NOTICE, mandateNotices } from './mandates/announce-mandate.ts';
import { mountOidc } from './oidc/mount.ts';
import { SEND_NOTICES, sendNoticesJob } from './notices/send-notices.ts';
import { watchQueuesJob } from './notices/watch-queues.ts';
import { operator } from './operator/mount.ts';
import { connect, CONNECT_PATH } from './portal/connect/mount-connect.ts';
import { portal } from './portal/mount.ts';
import { registration, REGISTER_PATH } from './portal/registration/mount-registration.ts';
import { ANNOUNCE_TOKEN_ENDS, announceTokenEndsJob } from './provisioning/announce-token-ends.ts';
import { sweepRequests } from './provisioning/request-log.ts';
import { foldCounts } from './provisioning/resource-page.ts';
import { REQUEST_NOTICE, requestNotices } from './requests/request-notice.ts';
import { tendRequestsJob } from './requests/tend-requests.ts';
import { reviewsJob, RUN_REVIEWS } from './reviews/schedule.ts';
import { sweepRegistrations } from './registrations/sweep-registrations.ts';
import { scim } from './scim/mount.ts';
import { SWEEP_VISITS, sweepVisitsJob } from './support/sweep-visits.ts';
import { eraseJob } from './users/erase-users.ts';
import { notFoundPage, errorPages } from './web/error-page.ts';
import { securityHeaders } from './web/headers.ts';
import { health } from './web/health.ts';
import { logos } from './web/logos.ts';
import { rememberChoices } from './web/page.ts';
import { createRender, type Render } from './web/render.ts';
import { assignRequestId } from './web/request-id.ts';
import { createSite } from './web/site.ts';

/** Adds an edge that only some entries have, such as the demonstration's pages. */
export type Extend = (parts: { app: Express; render: Render; config: Config }) => Promise<void>;
type AppSettings = { config: Config; log: Logger; ready: () => Promise<boolean>; extend: Extend };

export async function createApp({
  config,
  log,
  ready,
  extend,
}: AppSettings): Promise<{ app: Express; handlers: JobHandlers }> {
  const { former } = secrets();
  const site = await createSite(config, [secrets().derive('cookies'), ...(former ? [former.derive('cookies')] : [])]);
  const render = createRender(site);
  await startMail(config, site.texts);
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trust_proxy);
  const { measure, routes } = health({ ready, metricsToken: config.metrics_token });

  app.use(assignRequestId({ trustProxy: config.trust_proxy }), measure);
  app.use(routes);
  app.use((_req, _res, next) => void keepCatalogue(log).then(() => next(), next));
  // SCIM comes first, since it is the fastest; who an access token stands for is the provider's to say, once it is there.
  const provider: { oidc?: Awaited<ReturnType<typeof mountOidc>> } = {};
  const me = async (token: string) => provider.oidc?.personOf(token);
  const directoryToken = async (token: string) => provider.oidc?.directoryToken(token);
  app.use('/scim/v2', scim({ publicUrl: config.public_url, log, me, directoryToken }));
  app.use(securityHeaders(site));
  app.use('/api/v1', api({ publicUrl: config.public_url, log }));
  app.use('/assets', site.assets.handler);
  app.get('/logos/:application', logos);
  provider.oidc = await mountOidc(app, {
    publicUrl: config.public_url,
    production: config.production,
    trustProxy: config.trust_proxy,
    tokens: config.tokens,
    catalogue: liveCatalogue,
    site,
    render,
    log,
    rights: tokenRights,
    signingKeyDays: config.signing_key_days,
    recoverHref: '/recover',
    newUserHref: REGISTER_PATH,
  });
  app.use(rememberChoices(site));
  await extend({ app, render, config });
  app.get('/', (_req, res) => void res.redirect(303, '/portal'));
  app.use('/portal', await portal({ site, render, catalogue: liveCatalogue, log }));
  app.use('/operator', await operator({ site, render, catalogue: liveCatalogue, log }));
  app.use(CONNECT_PATH, connect({ site, render, catalogue: liveCatalogue, log }));
  app.use(REGISTER_PATH, registration({ site, render, catalogue: liveCatalogue, log }));
  app.use(notFoundPage(render));
  app.use(errorPages({ render, log }));
  return {
    app,
    handlers: {
      ...provider.oidc.jobs,
      ...mailJobs(log),
      [MANDATE_NOTICE]: mandateNotices(log),
      [ANNOUNCE_MANDATE_ENDS]: announceMandateEndsJob(log),
      [REQUEST_NOTICE]: requestNotices(log),
      'tend-access-requests': tendRequestsJob(log),
      [RECOVER_ACCESS]: recoverAccess(log),
      'remind-invitees': remindInviteesJob(log),
      [SELF_GIVING_NOTICE]: noticeSelfGiving(log),
      [ANNOUNCE_ENDS]: announceEndsJob(log),
      [RUN_REVIEWS]: reviewsJob(log),
      [SEND_NOTICES]: sendNoticesJob(log),
      'watch-chiefs': watchChiefsJob(log),
      'watch-queues': watchQueuesJob(log),
      [SWEEP_VISITS]: sweepVisitsJob(log),
      'sweep-provisioning-requests': sweepRequests,
      [ANNOUNCE_TOKEN_ENDS]: announceTokenEndsJob(log),
      [RUN_IMPORT]: runImport(log),
      [TEND_IMPORTS]: tendImports,
      [RUN_BULK_ACT]: runBulkAct(log),
      [TEND_BULK_ACTS]: tendBulkActs,
      'erase-deleted-users': eraseJob(log),
      'fold-activity': foldActivityJob,
      'sweep-activity': sweepActivityJob,
      'sweep-registrations': sweepRegistrations,
      'fold-counts': { run: foldCounts, cron: '* * * * *' },
    },
  };
}
