// Takes the pictures of the documentation, by hand: `npx node test/browser/take-screenshots.ts`. Starts a demonstration of
// its own, so that they show what anybody sees who follows the README. The passwords in them are of that one run.
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { click, LANGUAGES, openChromium, signIn, SUBMIT, visit, type Language } from '../support/chromium.ts';
import { createHome, startDemo, type RunningDemo } from '../support/hub-process.ts';

const folder = new URL('../../docs/images/', import.meta.url).pathname;
const DESK = { width: 1280, height: 800 };
const CARD = { width: 960, height: 760 };
/** Of a picture in the composed one: small, so that its text can still be read there. */
const PART = { width: 840, height: 720 };
const TELEPHONE = { width: 390, height: 780 };
const MOST_BYTES = 2_000_000;

const file = (name: string) => join(folder, `${name}.png`);

type Picture = { language?: Language; size?: { width: number; height: number }; dark?: boolean; fullPage?: boolean };

async function take(
  browser: Browser,
  name: string,
  picture: Picture,
  go: (page: Page) => Promise<void>,
): Promise<void> {
  const { page, leave } = await visit(browser, { language: picture.language ?? 'en' });
  await page.setViewportSize(picture.size ?? CARD);
  await page.emulateMedia({ colorScheme: picture.dark ? 'dark' : 'light', reducedMotion: 'reduce' });
  await go(page);
  await page.screenshot({ path: file(name), fullPage: picture.fullPage ?? false });
  await leave();
}

/** Three pictures in one, as they follow each other. */
async function compose(
  browser: Browser,
  name: string,
  parts: readonly { picture: string; caption: string }[],
): Promise<void> {
  const shown = await Promise.all(
    parts.map(async ({ picture, caption }) => {
      const source = `data:image/png;base64,${(await readFile(file(picture))).toString('base64')}`;
      return `<figure><img src="${source}" alt=""><figcaption>${caption}</figcaption></figure>`;
    }),
  );
  const style = `body{margin:0;padding:24px;background:#eef0f3;font:15px/1.4 system-ui,sans-serif;color:#333;display:grid;grid-template-columns:repeat(${parts.length},1fr);gap:20px}
    figure{margin:0}img{width:100%;border-radius:8px;box-shadow:0 1px 3px #0003;display:block}figcaption{padding-top:10px}`;
  const { page, leave } = await visit(browser);
  await page.setViewportSize({ width: 1560, height: 200 });
  await page.setContent(`<style>${style}</style>${shown.join('')}`);
  await page.screenshot({ path: file(name), fullPage: true });
  await leave();
}

type SecondStep = { userName: string; password: string; totp?: string };

/** Several pictures in one sign-in: a code works once. */
async function takeSignedIn(
  browser: Browser,
  address: string,
  person: SecondStep,
  go: (page: Page, picture: (name: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { page, leave } = await visit(browser, { language: 'en' });
  await page.setViewportSize(DESK);
  await page.goto(address);
  await signIn(page, person);
  await go(page, async (name) => void (await page.screenshot({ path: file(name) })));
  await leave();
}

async function takeAll(browser: Browser, hub: RunningDemo): Promise<void> {
  const carla = hub.demo.users.find((user) => user.userName === 'carla.dewit');
  const withoutRights = hub.demo.users.find((user) => user.userName === 'greet.ost');
  const chief = hub.demo.users.find((user) => user.userName === 'anke.smets');
  if (!carla || !withoutRights || !chief) throw new Error('The demonstration lacks its people');
  const toSignIn = async (page: Page) => void (await page.goto(`${hub.exampleUrl}/sign-in`));
  const toExample = (path: string) => async (page: Page) => {
    await toSignIn(page);
    await signIn(page, carla);
    await page.goto(`${hub.exampleUrl}${path}`);
  };
  for (const language of LANGUAGES) await take(browser, `sign-in-${language}`, { language }, toSignIn);
  await take(browser, 'sign-in-dark', { dark: true }, toSignIn);
  await take(browser, 'sign-in-phone', { size: TELEPHONE }, toSignIn);
  await take(browser, 'example-rights', { size: DESK }, toExample('/rights'));
  await take(browser, 'example-rights-phone', { size: TELEPHONE, dark: true }, toExample('/rights'));
  await take(browser, 'example-refused', { size: DESK }, async (page) => {
    await toExample('/deposits/new')(page);
    await page.selectOption('#product', 'letter');
    await page.selectOption('#billing_address', 'NM-FINANCE');
    await page.fill('#items', '250');
    await click(page, SUBMIT);
  });
  await take(browser, 'no-access', {}, async (page) => {
    await toSignIn(page);
    await signIn(page, withoutRights);
  });
  await take(browser, 'demo-start', { size: DESK }, async (page) => void (await page.goto(`${hub.origin}/demo`)));
  await take(browser, 'portal-home', { size: DESK }, async (page) => {
    await page.goto(`${hub.origin}/portal`);
    await signIn(page, carla);
    await page.goto(`${hub.origin}/portal?language=en`);
  });
  await takeSignedIn(browser, `${hub.origin}/portal`, chief, async (page, picture) => {
    await page.goto(`${hub.origin}/portal/users?language=en`);
    await picture('portal-users');
    await page.goto(`${hub.origin}/portal/access/matrix`);
    await picture('portal-matrix');
    await page.goto(`${hub.origin}/portal/users`);
    await click(page, 'main table a:text-is("carla.dewit")');
    await click(page, 'main a[href$="/rights"]');
    await click(page, 'main th[scope=row] a[href$="/rights/emasspost"]');
    await click(page, 'main a[href*="/edit?"][href*="assignment="]');
    await picture('portal-rights');
  });
  await takeSignedIn(browser, `${hub.origin}/operator`, hub.demo.operator, async (page, picture) => {
    await page.goto(`${hub.origin}/operator?language=en`);
    await picture('operator-overview');
  });
  await take(browser, 'part-start', { size: PART }, async (page) => void (await page.goto(`${hub.origin}/demo`)));
  await take(browser, 'part-sign-in', { size: PART }, toSignIn);
  await take(browser, 'part-rights', { size: PART }, toExample('/rights'));
  await compose(browser, 'overview', [
    { picture: 'part-start', caption: '1. The demonstration says where everything is' },
    { picture: 'part-sign-in', caption: '2. A person signs in at the hub' },
    { picture: 'part-rights', caption: '3. The application gets exactly his rights' },
  ]);
  for (const part of ['part-start', 'part-sign-in', 'part-rights']) await rm(file(part));
}

await mkdir(folder, { recursive: true });
const home = await createHome();
const hub = await startDemo(home);
const browser = await openChromium();
try {
  await takeAll(browser, hub);
} finally {
  await browser.close();
  await hub.stop();
  await home.remove();
}
const sizes = await Promise.all(
  (await readdir(folder)).map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })),
);
const bytes = sizes.reduce((sum, one) => sum + one.bytes, 0);
console.table(sizes);
if (bytes > MOST_BYTES) throw new Error(`The pictures take ${bytes} bytes, more than ${MOST_BYTES}`);
