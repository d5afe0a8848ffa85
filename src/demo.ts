// `npm run demo`: a whole hub with invented companies and people, the example e-application beside it, and a file
// that says how to drive both. What it shows is the product: only the data and these pages are the demonstration's.
import { writeFile } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { pino } from 'pino';
import { startExample, type RunningExample } from '../examples/e-masspost/start-example.ts';
import { changeClientAddresses } from './clients/change-client.ts';
import { loadConfig, type Config } from './config.ts';
import { demoFilePath, type DemoFile } from './demo/demo-file.ts';
import { readDemoData, type DemoData } from './demo/demo-data.ts';
import { demoPages } from './demo/demo-pages.ts';
import { clientUris, describeDemo } from './demo/describe-demo.ts';
import { seed } from './demo/seed.ts';
import { startCtx, startHub } from './hub.ts';
import { listMails } from './mail/list-mails.ts';
import { onStop } from './on-stop.ts';
import { describeStartFault } from './start-fault.ts';

const EXAMPLE_CLIENT = 'emasspost-example';

/** Beside the hub's port where that is free, so that bookmarks keep working. */
async function startBeside(config: Config, file: DemoFile, log: pino.Logger): Promise<RunningExample> {
  const client = file.clients.find((one) => one.client_id === EXAMPLE_CLIENT);
  if (!client?.client_secret) throw new Error(`config/demo.yaml has no client ${EXAMPLE_CLIENT}`);
  const settings = {
    issuer: file.issuer,
    clientId: client.client_id,
    clientSecret: client.client_secret,
    audience: client.audience,
    log,
  };
  const beside = Number(config.public_url.port || 80) + 1;
  return startExample({ ...settings, port: beside }).catch(() => startExample({ ...settings, port: 0 }));
}

/** The example's addresses are known only once it listens. */
async function registerExample(data: DemoData, exampleUrl: string, log: pino.Logger): Promise<void> {
  const client = data.clients.find((one) => one.client_id === EXAMPLE_CLIENT);
  const [logout] = clientUris(
    client?.backchannel_logout_uri === undefined ? [] : [client.backchannel_logout_uri],
    exampleUrl,
  );
  await changeClientAddresses(startCtx(log), EXAMPLE_CLIENT, {
    redirectUris: clientUris(client?.redirect_uris, exampleUrl),
    postLogoutRedirectUris: clientUris(client?.post_logout_redirect_uris, exampleUrl),
    ...(logout === undefined ? {} : { backchannelLogoutUri: logout }),
  });
}

function announce(file: DemoFile, exampleUrl: string, config: Config): void {
  const user = file.users.find((one) => one.userName === 'carla.dewit') ?? file.users[0];
  console.log(`
  Mandate is running with demonstration data.

    Start page            ${config.public_url.origin}/demo
    Example application   ${exampleUrl}
    Sign in as            ${user?.userName ?? ''}   ${user?.password ?? ''}
    Everything else       ${demoFilePath(config.data_dir)}

  In a second terminal: npm run walkthrough
`);
}

async function run(): Promise<void> {
  const log = pino({ level: process.stdout.isTTY ? 'warn' : 'info' });
  const data = await readDemoData();
  const running: { demo?: { file: DemoFile; exampleUrl: string } } = {};
  const given = loadConfig();
  const contact = {
    ...given.contact,
    customer_service: given.contact.customer_service ?? data.contact.customer_service,
  };
  const hub = await startHub({ ...given, contact }, log, {
    extend: ({ app, render }) => {
      app.use(demoPages({ render, demo: () => running.demo, mails: () => listMails(100) }));
      return Promise.resolve();
    },
    ready: () => running.demo !== undefined,
  });
  const { config } = hub;
  await seed(startCtx(log), data);
  const example = await startBeside(config, await describeDemo(data, config.public_url, ''), log);
  await registerExample(data, example.url, log);
  const file = await describeDemo(data, config.public_url, example.url);
  await writeFile(demoFilePath(config.data_dir), `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  running.demo = { file, exampleUrl: example.url };
  announce(file, example.url, config);
  flushCompileCache();
  onStop(() => void Promise.all([example.close(), hub.stop()]).then(() => process.exit(0)));
}

try {
  await run();
} catch (error) {
  console.error(describeStartFault(error) ?? error);
  process.exit(1);
}
