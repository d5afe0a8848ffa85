// Mandates and requests for access as people meet them in Chromium: every page inspected in four languages, at a desk and on
// a telephone, light and dark; and both journeys from end to end, one with script and one without.
import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { click, LANGUAGES } from '../support/chromium.ts';
import { SERVER, useDemoStage } from '../support/demo-stage.ts';
import { inspect } from '../support/inspect-page.ts';

const stage = useDemoStage(SERVER);

type Look = () => Promise<void>;
const goTo = async (page: Page, path: string, look: Look): Promise<void> => {
  await page.goto(`${stage.hub.origin}${path}`);
  await look();
};
const firstRow = 'main .table tbody th a';

async function lookAtMandates(page: Page, look: Look): Promise<void> {
  await goTo(page, '/portal/mandates', look);
  await goTo(page, '/portal/mandates?q=nobody+at+all', look);
  await page.goto(`${stage.hub.origin}/portal/mandates`);
  await click(page, firstRow);
  await look();
  await click(page, firstRow);
  await look();
  const mandate = page.url();
  await click(page, 'main .table tbody td a');
  await look();
  await page.locator('[data-list=products] input[type=checkbox]:not(:checked)').nth(1).check();
  await click(page, 'button[value=preview]');
  await look();
  await page.goto(`${mandate}/withdraw`);
  await look();
  await goTo(page, '/portal/mandates/given', look);
}

async function lookAtReceived(page: Page, look: Look): Promise<void> {
  await goTo(page, '/portal/mandates/received', look);
  await click(page, firstRow);
  await look();
}

async function lookAtAsking(page: Page, look: Look): Promise<void> {
  await goTo(page, '/portal/ask?application=emasspost&rights=view_prices', look);
  await page.locator('#reason').fill(' ');
  expect(await click(page, 'main form.form button.primary')).toBe(422);
  await look();
  await goTo(page, '/portal/requests', look);
}

describe('the pages about mandates and requests', () => {
  it.each(LANGUAGES)(
    'have nothing to object to: %s',
    async (language) => {
      const wrong: string[] = [];
      for (const [userName, walk] of [
        ['anke.smets', lookAtMandates],
        ['hendrik.vermeer', lookAtReceived],
        ['yves.collard', lookAtAsking],
      ] as const) {
        const { page, problems, leave } = await stage.as(userName, language);
        await walk(page, async () => {
          wrong.push(...(await inspect(page)));
          const text = await page.locator('body').innerText();
          if (/(mandates|requests|rights|shell|reasons):[a-z]|\{\{|undefined/.test(text))
            wrong.push(`${page.url()}: a text is missing`);
        });
        expect(problems).toEqual([]);
        await leave();
      }
      expect(wrong).toEqual([]);
    },
    240_000,
  );
});

describe('a request', () => {
  it('goes from a locked tile to an active one, without script on the asker’s side', async () => {
    const asker = await stage.as('yves.collard', 'fr', false);
    await click(asker.page, 'main a[href="/portal/ask?application=invoice_reporter"]');
    await asker.page.locator('input[name=number]').fill('0003456789');
    await asker.page.locator('input[name=account][value=other]').check();
    await asker.page.locator('#reason').fill('Les factures d’octobre');
    await click(asker.page, 'main form.form button.primary');
    expect(new URL(asker.page.url()).pathname).toMatch(/^\/portal\/requests\//);

    const chief = await stage.as('hendrik.vermeer', 'nl');
    await click(chief.page, 'nav.wide a[href="/portal/requests"]');
    await click(chief.page, firstRow);
    expect(await inspect(chief.page)).toEqual([]);
    await click(chief.page, 'main form.form button.primary');
    await chief.page.locator('[data-list=billing_addresses] .rows:not(.all) input[type=checkbox]').first().check();
    await click(chief.page, 'button[value=preview]');
    await click(chief.page, 'button[value=save]');
    expect(new URL(chief.page.url()).pathname).toBe('/portal/requests');

    await asker.page.reload();
    expect(await asker.page.locator('main .state.ok').count()).toBe(1);
    await asker.page.goto(`${stage.hub.origin}/portal`);
    expect(await asker.page.locator('main a[href="/portal/ask?application=invoice_reporter"]').count()).toBe(0);
    expect([...asker.problems, ...chief.problems]).toEqual([]);
    await asker.leave();
    await chief.leave();
  }, 120_000);
});

describe('a mandate', () => {
  it('is given and withdrawn in two agents, and what the other side sees follows at once', async () => {
    const giver = await stage.as('anke.smets', 'en');
    const receiver = await stage.as('hendrik.vermeer', 'en', false);
    await receiver.page.goto(`${stage.hub.origin}/portal/mandates/received`);
    const before = await receiver.page.locator(firstRow).count();
    await giver.page.goto(`${stage.hub.origin}/portal/mandates`);
    await click(giver.page, firstRow);
    await giver.page.locator('select[name=application]').first().selectOption('invoice_reporter');
    await click(giver.page, 'main form.tools button');
    await giver.page.locator('[data-list=billing_addresses] .rows.all input[type=checkbox]').check();
    await giver.page.locator('input[name=onward][value="1"]').check();
    await click(giver.page, 'button[value=preview]');
    await click(giver.page, 'button[value=save]');
    const mandate = giver.page.url().split('?')[0] ?? '';
    await receiver.page.reload();
    expect(await receiver.page.locator(firstRow).count()).toBe(before + 1);
    await giver.page.goto(`${mandate}/withdraw`);
    await click(giver.page, 'main form button.dangerous');
    await receiver.page.reload();
    expect(await receiver.page.locator(firstRow).count()).toBe(before);
    expect([...giver.problems, ...receiver.problems]).toEqual([]);
    await giver.leave();
    await receiver.leave();
  }, 120_000);
});
