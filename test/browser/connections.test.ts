// Connecting a directory as people meet it in Chromium: every page inspected in four languages, at a desk and on a telephone,
// light and dark; and a colleague in IT who has only a set-up link, with script and without.
import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { click, LANGUAGES } from '../support/chromium.ts';
import { SERVER, useDemoStage } from '../support/demo-stage.ts';
import { inspect } from '../support/inspect-page.ts';

const stage = useDemoStage(SERVER);
const CHIEF = 'anke.smets';

/** Makes a connection by the form; its address. */
async function connect(page: Page, product: string): Promise<string> {
  await page.goto(`${stage.hub.origin}/portal/connections/new`);
  await page.locator(`#product-${product}`).check();
  await click(page, 'main form button.primary');
  return page.url().replace(/\/setup.*$/, '');
}

const scim = (token: string, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${stage.hub.origin}/scim/v2${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });

type Look = () => Promise<void>;

/** Every page of one connection, filled and empty. */
async function walk(page: Page, language: string, look: Look): Promise<string> {
  const at = async (path: string) => {
    await page.goto(path);
    await look();
  };
  await at(`${stage.hub.origin}/portal/connections`);
  await at(`${stage.hub.origin}/portal/connections/new`);
  await click(page, 'main form button.primary');
  await look();
  const one = await connect(page, 'entra');
  await look();
  await click(page, 'form.issue button');
  await look();
  const token = (await page.locator('.copy.once code').textContent()) ?? '';
  await scim(token, '/Users?filter=shoeSize%20eq%201');
  await scim(token, '/Users');
  await at(one);
  await page.fill('#holder', `Jan ${language}`);
  await click(page, 'form[action$="/links"] button');
  await look();
  const link = (await page.locator('.copy.once code').textContent()) ?? '';
  await page.goto(one);
  await click(page, 'form[action$="/clients"] button');
  await look();
  await page.goto(one);
  const hrefs = await page
    .locator('main a[href$="/revoke"], main a[href$="/end"]')
    .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
  for (const href of hrefs) await at(href);
  await at(`${one}/requests`);
  await at(`${one}/requests?show=all`);
  await at(`${one}/existing`);
  await at(`${one}/existing?kind=groups&q=nothing+at+all`);
  await page.goto(`${one}/existing`);
  await page.locator('main input[name=user]:not(:disabled)').first().check();
  await click(page, 'button[value=preview]');
  await look();
  await at(`${one}/openings`);
  await click(page, 'main form.tools a.button');
  await look();
  await click(page, 'main .table td a');
  await look();
  await page.locator('#consent').check();
  await click(page, 'main form button.primary');
  await look();
  await click(page, 'main .table td a');
  await look();
  await page.goto(`${one}/settings`);
  await page.locator('input[name=on]').first().check();
  await click(page, 'main form button.primary');
  await look();
  return link;
}

describe('the pages about connections', () => {
  it.each(LANGUAGES)(
    'have nothing to object to: %s',
    async (language) => {
      const wrong: string[] = [];
      const looking = (page: Page) => async (): Promise<void> => {
        wrong.push(...(await inspect(page)));
        const text = await page.locator('body').innerText();
        if (/(connections|users|rights|shell|reasons|history):[a-z]|\{\{|undefined/.test(text))
          wrong.push(`${page.url()}: a text is missing`);
      };
      const chief = await stage.as(CHIEF, language);
      const link = await walk(chief.page, language, looking(chief.page));
      const colleague = await stage.visit({ language });
      const look = looking(colleague.page);
      for (const path of [
        link,
        `${stage.hub.origin}/connect/requests`,
        `${stage.hub.origin}/connect/x`,
        `${stage.hub.origin}/connect`,
      ]) {
        await colleague.page.goto(path);
        await look();
      }
      expect([...chief.problems, ...colleague.problems]).toEqual([]);
      expect(wrong).toEqual([]);
      await chief.leave();
      await colleague.leave();
    },
    400_000,
  );
});

describe('a colleague with a set-up link', () => {
  it.each([true, false])(
    'issues a token and sees the first request arrive; with script: %s',
    async (script) => {
      const chief = await stage.as(CHIEF);
      const one = await connect(chief.page, 'okta');
      await chief.page.goto(one);
      await chief.page.fill('#holder', 'Jan');
      await click(chief.page, 'form[action$="/links"] button');
      const link = (await chief.page.locator('.copy.once code').textContent()) ?? '';
      const { page, problems, leave } = await stage.visit({ script });
      await page.goto(link);
      expect(new URL(page.url()).pathname).toBe('/connect');
      await click(page, 'form.issue button');
      const token = (await page.locator('.copy.once code').textContent()) ?? '';
      await page.goto(`${stage.hub.origin}/connect`);
      expect(await page.locator('button[data-copy]:visible').count()).toBe(script ? 1 : 0);
      expect((await scim(token, '/Users')).status).toBe(200);
      // The page finds out by itself: by its script, or by showing itself anew.
      await page.locator('.live .state.ok').waitFor();
      expect(problems).toEqual([]);
      await leave();
      await chief.leave();
    },
    120_000,
  );
});
