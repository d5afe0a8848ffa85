// A demonstration and a browser for the tests in Chromium, and visitors who are signed in: each person signs in once, as
// a code works once, and whoever comes as him again gets his session.
import { afterAll, beforeAll } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { DemoFile } from '../../src/demo/demo-file.ts';
import { openChromium, signIn, visit, type Language, type Visitor } from './chromium.ts';
import { createHome, startDemo, type RunningDemo } from './hub-process.ts';

/** An empty folder takes a while, above all on a busy machine. */
export const STAGE_MS = 180_000;

type Cookies = Awaited<ReturnType<Visitor['context']['cookies']>>;
type DemoPerson = DemoFile['users'][number] | DemoFile['staff'][number];

type DemoStage = {
  hub: RunningDemo;
  browser: Browser;
  /** Somebody whom nobody knows yet. */
  visit: (options?: { language?: Language; script?: boolean }) => Promise<Visitor>;
  /** Throws where the demonstration has nobody of that name. */
  person: (userName: string) => DemoPerson;
  /** Signed in, on his first page: the portal's, for staff the operator's. */
  as: (userName: string, language?: Language, script?: boolean) => Promise<Visitor>;
};

async function signedIn(browser: Browser, address: string, person: DemoPerson): Promise<Cookies> {
  const { page, context, leave } = await visit(browser);
  await page.goto(address);
  await signIn(page, person);
  if (new URL(page.url()).pathname !== new URL(address).pathname)
    throw new Error(`${person.userName} was led to ${page.url()}`);
  const cookies = await context.cookies();
  await leave();
  return cookies;
}

/** Where the tests have a PostgreSQL server, the journeys that lead through most statements go there; else all are embedded. */
export const SERVER = process.env['TEST_DATABASE_URL'];

/** For the whole file: it is there from its first beforeAll on. @param server without it the embedded engine */
export function useDemoStage(server?: string): DemoStage {
  let open: { hub: RunningDemo; browser: Browser } | undefined;
  const opened = () => {
    if (!open) throw new Error('The demonstration has not begun');
    return open;
  };
  beforeAll(async () => {
    const home = await createHome(server);
    open = { hub: await startDemo(home), browser: await openChromium() };
  }, STAGE_MS);
  afterAll(async () => {
    await open?.browser.close();
    await open?.hub.kill();
    await open?.hub.home.remove();
  });
  const sessions = new Map<string, Promise<Cookies>>();
  const person = (userName: string): DemoPerson => {
    const { users, staff } = opened().hub.demo;
    const found = [...users, ...staff].find((one) => one.userName === userName);
    if (!found) throw new Error(`The demonstration lacks ${userName}`);
    return found;
  };
  return {
    get hub() {
      return opened().hub;
    },
    get browser() {
      return opened().browser;
    },
    person,
    visit: (options) => visit(opened().browser, options),
    as: async (userName, language = 'en', script = true) => {
      const { hub, browser } = opened();
      const address = `${hub.origin}/${hub.demo.staff.some((one) => one.userName === userName) ? 'operator' : 'portal'}`;
      const session = sessions.get(userName) ?? signedIn(browser, address, person(userName));
      sessions.set(userName, session);
      const visitor = await visit(browser, { language, script });
      await visitor.context.addCookies(await session);
      await visitor.page.goto(`${address}?language=${language}`);
      return visitor;
    },
  };
}
