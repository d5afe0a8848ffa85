// The table of contents: what answers which address, in order.
import express, { type Express } from 'express';
import type { Logger } from 'pino';
import { api } from './api/api.ts';
import { catalogue } from './applications/current-catalogue.ts';
import type { Config } from './config.ts';
import { recoverAccess } from './credentials/recover-password.ts';
import { RECOVER_ACCESS } from './credentials/request-recovery.ts';
import { secrets } from './credentials/secrets.ts';
import type { JobHandlers } from './database/jobs.ts';
import { SELF_GIVING_NOTICE } from './entitlements/check-giving.ts';
import { noticeSelfGiving } from './entitlements/notice-self-giving.ts';
import { tokenRights } from './entitlements/token-rights.ts';
import { mailJobs } from './mail/mail-jobs.ts';
import { startMail } from './mail/mail-settings.ts';
import { mountOidc } from './oidc/mount.ts';
import { portal } from './portal/mount.ts';
import { sweepRequests } from './provisioning/request-log.ts';
import { foldCounts } from './provisioning/resource-page.ts';
import { scim } from './scim/mount.ts';
import { eraseJob } from './users/erase-users.ts';
import { notFoundPage, errorPages } from './web/error-page.ts';
import { securityHeaders } from './web/headers.ts';
import { health } from './web/health.ts';
import { rememberChoices } from './web/page.ts';
import { createRender, type Render } from './web/render.ts';
import { assignRequestId } from './web/request-id.ts';
import { createSite } from './web/site.ts';

/** Adds an edge that only some entries have, such as the demonstration's pages. */
export type Extend = (parts: { app: Express; render: Render; config: Config }) => Promise<void>;
export type AppSettings = { config: Config; log: Logger; ready: () => Promise<boolean>; extend: Extend };

export async function createApp({
  config,
  log,
  ready,
  extend,
}: AppSettings): Promise<{ app: Express; handlers: JobHandlers }> {
  const site = await createSite(config, [secrets().derive('cookies')]);
  const render = createRender(site);
  await startMail(config, site.texts);
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trust_proxy);
  const { measure, routes } = health({ ready, metricsToken: config.metrics_token });

  app.use(assignRequestId({ trustProxy: config.trust_proxy }), measure);
  app.use(routes);
  // SCIM comes first, since it is the fastest; who an access token stands for is the provider's to say, once it is there.
  const provider: { oidc?: Awaited<ReturnType<typeof mountOidc>> } = {};
  const me = async (token: string) => provider.oidc?.personOf(token);
  app.use('/scim/v2', scim({ publicUrl: config.public_url, log, me }));
  app.use(securityHeaders(site));
  app.use('/api/v1', api({ publicUrl: config.public_url, log }));
  app.use('/assets', site.assets.handler);
  provider.oidc = await mountOidc(app, {
    publicUrl: config.public_url,
    production: config.production,
    trustProxy: config.trust_proxy,
    tokens: config.tokens,
    catalogue: catalogue(),
    site,
    render,
    log,
    rights: tokenRights,
    recoverHref: '/recover',
  });
  app.use(rememberChoices(site));
  await extend({ app, render, config });
  app.get('/', (_req, res) => void res.redirect(303, '/portal'));
  app.use('/portal', await portal({ site, render, catalogue: catalogue(), log }));
  app.use(notFoundPage(render));
  app.use(errorPages({ render, log }));
  return {
    app,
    handlers: {
      ...provider.oidc.jobs,
      ...mailJobs(log),
      [RECOVER_ACCESS]: recoverAccess(log),
      [SELF_GIVING_NOTICE]: noticeSelfGiving(log),
      'sweep-provisioning-requests': sweepRequests,
      'erase-deleted-users': eraseJob(log),
      'fold-counts': { run: foldCounts, cron: '* * * * *' },
    },
  };
}
