// From the example application to the hub's sign-in page, back, and out again, as people meet it: four languages, at a desk
// and on a telephone, light and dark, with and without script. Every page on the way is inspected.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { click, follow, LANGUAGES, signIn, SUBMIT, type Language, type Visitor } from '../support/chromium.ts';
import { useDemoStage } from '../support/demo-stage.ts';
import { createHome, startMain, type Home, type RunningHub } from '../support/hub-process.ts';
import { inspect } from '../support/inspect-page.ts';

/** Holds invoices and pick-up, and nothing in e-MassPost. */
const WITHOUT_RIGHTS = 'greet.ost';
const WITH_RIGHTS = 'carla.dewit';
const NEW_PASSWORD = 'three blue boats in the harbour';

const stage = useDemoStage();

const atHub = (page: Page) => new URL(page.url()).origin === stage.hub.origin;
const atExample = (page: Page) => new URL(page.url()).origin === stage.hub.exampleUrl;

/** Opens the example and asks to sign in. */
async function askToSignIn(page: Page): Promise<void> {
  await page.goto(stage.hub.exampleUrl);
  await click(page, 'a[href="/sign-in"]');
  expect(new URL(page.url()).pathname).toMatch(/^\/sign-in\//);
}

async function onEachPage(visitor: Visitor, language: Language, look: (page: Page) => Promise<string[]>) {
  const { page } = visitor;
  const wrong: string[] = [];
  return {
    wrong,
    look: async () => {
      const said = await page.getAttribute('html', 'lang');
      if (said !== language) wrong.push(`${page.url()} is in ${said}`);
      wrong.push(...(await look(page)));
    },
  };
}

/** The whole way of somebody who may come in: every page of it is looked at. */
async function walkThrough(page: Page, look: () => Promise<void>): Promise<void> {
  const { userName, password } = stage.person(WITH_RIGHTS);
  await page.goto(stage.hub.exampleUrl);
  await look();
  await click(page, 'a[href="/sign-in"]');
  await look();
  await signIn(page, { userName, password: 'not the password' });
  expect(await page.locator('#error-summary').count()).toBe(1);
  expect(await page.inputValue('#identifier')).toBe(userName);
  expect(await page.inputValue('#password')).toBe('');
  await look();
  await signIn(page, { userName, password });
  expect(page.url()).toBe(`${stage.hub.exampleUrl}/rights`);
  await look();
  await click(page, 'header a[href="/deposits"]');
  await look();
  await click(page, 'header a[href="/deposits/new"]');
  await look();
  await click(page, 'form[action="/sign-out"] button');
  expect(atHub(page)).toBe(true);
  await look();
  await click(page, SUBMIT);
  expect(page.url()).toContain(`${stage.hub.exampleUrl}/signed-out`);
  await look();
  // Out at the hub too: it asks again.
  await click(page, 'main a[href="/sign-in"]');
  expect(await page.locator('#password').count()).toBe(1);
}

describe('the inspection itself', () => {
  it('sees low contrast, a field without a label, small targets and a page that is too wide', async () => {
    const { page, leave } = await stage.visit();
    await page.setContent(
      '<main style="width:2000px"><p style="color:#bbb;background:#fff">pale</p><input><button style="width:9px;height:9px;padding:0">a</button><button style="width:9px;height:9px;padding:0">b</button></main>',
    );
    const wrong = (await inspect(page)).join('\n');
    for (const fault of ['color-contrast', 'label', 'target-size', 'html-has-lang', 'scrolls sideways'])
      expect(wrong).toContain(fault);
    await leave();
  });
});

describe('signing in to the example and out again', () => {
  it.each(LANGUAGES)(
    'has no accessibility fault, console error or sideways scroll on any page in %s',
    async (language) => {
      const visitor = await stage.visit({ language });
      const { look, wrong } = await onEachPage(visitor, language, inspect);
      await walkThrough(visitor.page, look);
      expect(wrong).toEqual([]);
      expect(visitor.problems).toEqual([]);
      await visitor.leave();
    },
  );

  it.each(LANGUAGES)('works without script in %s', async (language) => {
    const visitor = await stage.visit({ language, script: false });
    const { look, wrong } = await onEachPage(visitor, language, async (page) =>
      (await page.locator('button[type=button]:visible').count()) > 0
        ? [`${page.url()} has a button that does nothing`]
        : [],
    );
    await walkThrough(visitor.page, look);
    expect(wrong).toEqual([]);
    expect(visitor.problems).toEqual([]);
    await visitor.leave();
  });

  it('works with the keyboard alone, and the focus is seen at each stop', async () => {
    const { page, leave } = await stage.visit();
    const { userName, password } = stage.person(WITH_RIGHTS);
    const tabTo = async (selector: string) => {
      for (let stops = 0; stops < 30; stops++) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate((wanted) => {
          const at = document.activeElement;
          if (!at || at === document.body) return { there: false, seen: true };
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
          const box = at.getBoundingClientRect();
          const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
          const covered = over !== null && !at.contains(over) && !over.contains(at);
          return {
            there: at.matches(wanted),
            seen: ((outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none') && !covered,
            html: at.outerHTML.slice(0, 120),
          };
        }, selector);
        expect(stop).toMatchObject({ seen: true });
        if (stop.there) return;
      }
      throw new Error(`${selector} cannot be reached on ${page.url()}`);
    };
    await page.goto(stage.hub.exampleUrl);
    await tabTo('main a[href="/sign-in"]');
    await follow(page, () => page.keyboard.press('Enter'));
    await tabTo('#identifier');
    await page.keyboard.type(userName);
    await tabTo('#password');
    await page.keyboard.type(password);
    await tabTo(SUBMIT);
    await follow(page, () => page.keyboard.press('Enter'));
    expect(page.url()).toBe(`${stage.hub.exampleUrl}/rights`);
    await tabTo('form[action="/sign-out"] button');
    await follow(page, () => page.keyboard.press('Enter'));
    await tabTo(SUBMIT);
    await follow(page, () => page.keyboard.press('Enter'));
    expect(atExample(page)).toBe(true);
    await leave();
  });

  it('leads the focus to what went wrong, and says it in the title', async () => {
    const { page, leave } = await stage.visit();
    await askToSignIn(page);
    const title = await page.title();
    await click(page, SUBMIT);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('error-summary');
    expect(await page.title()).not.toBe(title);
    await page.click('#error-summary a[href="#password"]');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('password');
    await leave();
  });
});

describe('the sign-in page', () => {
  it('keeps the pending request and the typed name when the language is switched', async () => {
    const { page, leave } = await stage.visit({ language: 'en' });
    const { userName, password } = stage.person(WITH_RIGHTS);
    await askToSignIn(page);
    const address = new URL(page.url()).pathname;
    await page.fill('#identifier', userName);
    for (const language of ['de', 'fr', 'nl']) {
      await click(page, `.languages a[hreflang="${language}"]`);
      expect(await page.getAttribute('html', 'lang')).toBe(language);
      expect(new URL(page.url()).pathname).toBe(address);
      expect(await page.inputValue('#identifier')).toBe(userName);
    }
    await signIn(page, { userName, password });
    expect(page.url()).toBe(`${stage.hub.exampleUrl}/rights`);
    await leave();
  });

  it('shows and hides the password, and never leaves it shown when the form is sent', async () => {
    const { page, leave } = await stage.visit();
    await askToSignIn(page);
    await page.fill('#password', 'seen');
    const button = page.locator('button[aria-controls="password"]');
    const name = await button.getAttribute('aria-label');
    await button.click();
    expect(await page.getAttribute('#password', 'type')).toBe('text');
    expect(await button.getAttribute('aria-label')).not.toBe(name);
    await button.click();
    expect(await page.getAttribute('#password', 'type')).toBe('password');
    await button.click();
    await page.evaluate(() =>
      document.querySelector('main form')?.addEventListener('submit', (event) => event.preventDefault()),
    );
    await page.press('#password', 'Enter');
    expect(await page.getAttribute('#password', 'type')).toBe('password');
    await leave();
  });

  it('lets a password manager and the clipboard in', async () => {
    const { page, leave } = await stage.visit();
    await askToSignIn(page);
    expect(await page.getAttribute('#identifier', 'autocomplete')).toMatch(/^username\b/);
    expect(await page.getAttribute('#password', 'autocomplete')).toBe('current-password');
    await page.focus('#password');
    const pasted = await page.evaluate(() =>
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { cancelable: true, bubbles: true })),
    );
    expect(pasted).toBe(true);
    await leave();
  });
});

describe('a person without rights in the application', () => {
  it.each(LANGUAGES)('is told who can give access, on a page without fault in %s, and goes back', async (language) => {
    const visitor = await stage.visit({ language });
    const { page } = visitor;
    const { look, wrong } = await onEachPage(visitor, language, inspect);
    await askToSignIn(page);
    await signIn(page, stage.person(WITHOUT_RIGHTS));
    expect(atHub(page)).toBe(true);
    expect(await page.locator('.people li').count()).toBeGreaterThan(0);
    await look();
    await click(page, 'button[name=choice][value=back]');
    expect(atExample(page)).toBe(true);
    expect(await page.locator('#password').count()).toBe(0);
    await look();
    expect(wrong).toEqual([]);
    expect(visitor.problems).toEqual([]);
    await visitor.leave();
  });
});

describe('the first password', () => {
  let fresh: RunningHub;
  let freshHome: Home;
  let link: string;
  beforeAll(async () => {
    freshHome = await createHome();
    fresh = await startMain(freshHome);
    link = await fresh.said(/http:\S+\/welcome\/\S+/);
  }, 120_000);
  afterAll(async () => {
    await fresh.kill();
    await freshHome.remove();
  });

  it('is set through the link on pages without fault in four languages; the rules stand before the fields; the link works once', async () => {
    for (const language of LANGUAGES) {
      const visitor = await stage.visit({ language });
      const { page } = visitor;
      const { look, wrong } = await onEachPage(visitor, language, inspect);
      await page.goto(link);
      expect(page.url()).toBe(`${fresh.origin}/welcome`);
      const order = await page.evaluate(() => {
        const [policy, field] = [document.getElementById('policy'), document.getElementById('new-password')];
        return policy && field ? policy.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING : 0;
      });
      expect(order).toBeGreaterThan(0);
      await look();
      await page.fill('#new-password', 'short');
      await page.fill('#confirm-password', 'short');
      await click(page, SUBMIT);
      expect(await page.locator('#error-summary').count()).toBe(1);
      await look();
      if (language === LANGUAGES.at(-1)) {
        await page.fill('#new-password', NEW_PASSWORD);
        await page.fill('#confirm-password', NEW_PASSWORD);
        await click(page, SUBMIT);
        expect(await page.locator('#new-password').count()).toBe(0);
        await look();
        const again = await page.goto(link);
        expect(again?.status()).toBe(410);
        await look();
      }
      expect(wrong).toEqual([]);
      expect(visitor.problems).toEqual([]);
      await visitor.leave();
    }
  });
});
