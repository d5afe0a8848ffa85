// Debian's Chromium, and a visitor in it: a language, with or without script, and everything that went wrong on his way.
import { Secret, TOTP } from 'otpauth';
import { chromium, type Browser, type BrowserContext, type Page, type Response } from 'playwright-core';

export const LANGUAGES = ['nl', 'fr', 'de', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const EXECUTABLE = '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const STEP_MS = 30_000;

export const openChromium = (): Promise<Browser> => chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });

export type Visitor = {
  context: BrowserContext;
  page: Page;
  /** Errors of scripts, refusals of the content security policy, and parts of pages that did not come. */
  problems: string[];
  leave: () => Promise<void>;
};

const isPage = (response: Response): boolean => response.request().isNavigationRequest();

/** The browser's language is what a visitor's first page goes by. */
export async function visit(
  browser: Browser,
  { language = 'en', script = true }: { language?: Language; script?: boolean } = {},
): Promise<Visitor> {
  const context = await browser.newContext({ locale: language, javaScriptEnabled: script, reducedMotion: 'reduce' });
  context.setDefaultTimeout(STEP_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  const pages = new Set<string>();
  page.on('response', (response) => {
    if (isPage(response)) pages.add(response.url());
    else if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    // Chromium calls a page that is answered 403 or 422 a failed resource; parts of pages are watched above.
    if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
    problems.push(`${message.text()} on ${page.url()}`);
  });
  return { context, page, problems, leave: () => context.close() };
}

/** Does what leads to another page, and waits until that page is there; the status it was answered with. */
export async function follow(page: Page, act: () => Promise<unknown>): Promise<number> {
  const isRedirect = (response: Response) => response.status() >= 300 && response.status() < 400;
  const answered = page.waitForResponse((response) => isPage(response) && !isRedirect(response));
  const loaded = page.waitForEvent('load');
  await act();
  await loaded;
  return (await answered).status();
}

export const click = (page: Page, selector: string): Promise<number> => follow(page, () => page.click(selector));

/** The one main act of the page that is open. */
export const SUBMIT = 'main form button.primary';

/** Signs in on the hub's page, which is open, with a code where one is asked for, and waits for what follows. */
export async function signIn(
  page: Page,
  person: { userName: string; password: string; totp?: string | undefined },
): Promise<void> {
  await page.fill('#identifier', person.userName);
  await page.fill('#password', person.password);
  await click(page, SUBMIT);
  if (person.totp === undefined || (await page.locator('#code').count()) === 0) return;
  await page.fill('#code', new TOTP({ secret: Secret.fromBase32(person.totp) }).generate());
  await click(page, SUBMIT);
}
