// One running hub: opens what it needs in order, listens, and stops in the reverse order. Used by every entry.
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createApp, type Extend } from './app.ts';
import { refreshCatalogue, startCatalogue } from './applications/published-catalogue.ts';
import { localUrl, type Config } from './config.ts';
import type { Ctx } from './context.ts';
import { loadFormerPeppers } from './credentials/former-peppers.ts';
import { giveWay } from './credentials/give-way.ts';
import { startPasswordHashing } from './credentials/password-hash.ts';
import { checkSealedSecrets } from './credentials/rewrap-secrets.ts';
import { openSecrets } from './credentials/secrets.ts';
import { closeDatabase, openDatabase } from './database/connect.ts';
import { databaseAnswers } from './database/health.ts';
import { startJobs, stopJobs } from './database/jobs.ts';
import { migrate } from './database/migrate.ts';
import { firstSteps } from './first-steps.ts';
import { flushRefusals } from './credentials/note-refusals.ts';
import { flushActivity } from './figures/count-activity.ts';
import { setTokenIssuer } from './entitlements/token-issuer.ts';
import { issuerOf } from './oidc/oidc-settings.ts';
import { flushRequests } from './provisioning/request-log.ts';
import { ensureOperatorOrganization } from './organizations/operator-organization.ts';

export type Hub = {
  /** As it runs: with the address that follows from the port, where none was given. */
  config: Config;
  /** What a first start has to say to the operator. */
  firstSteps: string[];
  stop: () => Promise<void>;
};

const DRAIN_MS = 25_000;
const QUIET_MS = 1000;
const REQUEST_MS = 30_000;
const HEADER_BYTES = 16 * 1024;
const catalogueFolder = new URL('../config/applications/', import.meta.url).pathname;

export const startCtx = (log: Logger): Ctx => ({
  actor: { kind: 'system', id: 'start', label: 'Mandate' },
  requestId: 'start',
  now: new Date(),
  log,
});

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve((server.address() as AddressInfo).port));
  });

/**
 * Stops listening, lets requests under way finish, and cuts what is left after 25 seconds. A kept connection ends with its
 * next answer, which says so: closed by itself it could meet a request that is on its way. What stays quiet is closed.
 */
const drain = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.prependListener('request', (_req, res: ServerResponse) => res.setHeader('Connection', 'close'));
    const quiet = setTimeout(() => server.closeIdleConnections(), QUIET_MS);
    const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    // Of an HTTP server it would close the quiet ones at once.
    NetServer.prototype.close.call(server, () => {
      clearTimeout(quiet);
      clearTimeout(late);
      // Ends its own watch over the connections.
      server.close();
      resolve();
    });
  });

async function openStore(config: Config, log: Logger): Promise<void> {
  await startCatalogue(catalogueFolder);
  setTokenIssuer(issuerOf(config.public_url));
  await openSecrets(config);
  await openDatabase(
    { databaseUrl: config.database_url, dataDir: config.data_dir, poolSize: config.database_pool },
    log,
  );
  const applied = await migrate();
  if (applied.length > 0) log.info({ migrations: applied }, 'migrations applied');
  await refreshCatalogue();
  await checkSealedSecrets();
  await loadFormerPeppers();
  const ctx = startCtx(log);
  await ensureOperatorOrganization(ctx, config.brand.name);
  await startPasswordHashing(config.password);
  giveWay(log);
}

/** Until everything is open, only "not ready" is answered. */
const notReady: RequestListener = (_req, res) => void res.writeHead(503, { 'Retry-After': '1' }).end('not ready\n');

/** What an entry adds: its own pages, and what else must be there before the hub calls itself ready. */
type Additions = {
  readonly extend?: Extend;
  readonly ready?: () => boolean;
  /** Of several processes on one machine, one looks after the operator's first steps. */
  readonly greets?: boolean;
};

/** What it throws where the operator can mend it, start-fault.ts says in words. */
export async function startHub(given: Config, log: Logger, additions: Additions = {}): Promise<Hub> {
  const { extend = () => Promise.resolve(), ready = () => true, greets = true } = additions;
  let handle = notReady;
  let stopping = false;
  const server = createServer({ maxHeaderSize: HEADER_BYTES, requestTimeout: REQUEST_MS }, (req, res) =>
    handle(req, res),
  );
  const port = await listen(server, given.port);
  const config = given.public_url_given ? given : { ...given, public_url: new URL(localUrl(port)) };
  let steps: string[] = [];
  try {
    await openStore(config, log);
    const { app, handlers } = await createApp({
      config,
      log,
      ready: async () => !stopping && ready() && (await databaseAnswers()),
      extend,
    });
    await startJobs(handlers, config.database_url, log);
    if (greets) steps = await firstSteps(startCtx(log), config);
    handle = app;
  } catch (error) {
    server.close();
    await closeDatabase().catch(() => undefined);
    throw error;
  }
  log.info({ port, publicUrl: config.public_url.origin }, 'listening');
  return {
    config,
    firstSteps: steps,
    stop: async () => {
      stopping = true;
      await drain(server);
      await stopJobs();
      await flushRequests(log);
      await flushActivity(log);
      await flushRefusals(log);
      await closeDatabase();
    },
  };
}
