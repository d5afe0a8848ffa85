// What a token says is what the application lets a person do: of two entitlements each is honored, and no mixture of them.
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { click, signIn, SUBMIT, type Visitor } from '../support/chromium.ts';
import { STAGE_MS, useDemoStage } from '../support/demo-stage.ts';

const ACCOUNT = '0001234567';
type Deposit = { product: string; billing_address: string };
/** One entitlement holds letters for Sales, the other periodicals for Finance. */
const LETTERS_FOR_SALES = { product: 'letter', billing_address: 'NM-SALES' };
const PERIODICALS_FOR_FINANCE = { product: 'periodical', billing_address: 'NM-FINANCE' };
const LETTERS_FOR_FINANCE = { product: 'letter', billing_address: 'NM-FINANCE' };
const PERIODICALS_FOR_SALES = { product: 'periodical', billing_address: 'NM-SALES' };
/** Nobody gave her this address at all, so the form does not offer it. */
const LETTERS_FOR_EVENTS = { product: 'letter', billing_address: 'NM-EVENTS' };

const stage = useDemoStage();
let visitor: Visitor;

beforeAll(async () => {
  visitor = await stage.visit();
  const { page } = visitor;
  await page.goto(`${stage.hub.exampleUrl}/sign-in`);
  await signIn(page, stage.person('carla.dewit'));
}, STAGE_MS);

async function fillIn(page: Page, { product, billing_address }: Deposit): Promise<void> {
  await page.goto(`${stage.hub.exampleUrl}/deposits/new`);
  await page.selectOption('#customer_account', ACCOUNT);
  await page.selectOption('#product', product);
  await page.selectOption('#billing_address', billing_address);
  await page.fill('#items', '250');
}

const send = (page: Page): Promise<number> => click(page, SUBMIT);

/** Sends what no form offers, with the session's cookies and the form's own token. */
async function forge(page: Page, deposit: Deposit): Promise<number> {
  await page.goto(`${stage.hub.exampleUrl}/deposits/new`);
  const csrf = await page.inputValue('main input[name=csrf]');
  const form = { csrf, customer_account: ACCOUNT, items: '1', reference: 'forged', ...deposit };
  return (await visitor.context.request.post(`${stage.hub.exampleUrl}/deposits`, { form, maxRedirects: 0 })).status();
}

const registered = async (page: Page): Promise<number> => {
  await page.goto(`${stage.hub.exampleUrl}/deposits`);
  return page.locator('tbody tr').count();
};

describe('a person with two entitlements in one application', () => {
  it('sees exactly the two, each with its own product and its own billing address', async () => {
    const { page } = visitor;
    await page.goto(`${stage.hub.exampleUrl}/rights`);
    const cards = await page.locator('.cards > li').allInnerTexts();
    expect(cards).toHaveLength(2);
    const seen = cards.map((text) =>
      ['NM-SALES', 'NM-FINANCE', 'NM-EVENTS'].filter((address) => text.includes(address)),
    );
    expect(seen.toSorted()).toEqual([['NM-FINANCE'], ['NM-SALES']]);
  });

  it.each([LETTERS_FOR_SALES, PERIODICALS_FOR_FINANCE])('may do $product for $billing_address', async (deposit) => {
    const { page } = visitor;
    const before = await registered(page);
    await fillIn(page, deposit);
    expect(await send(page)).toBe(200);
    expect(await page.locator('[role=status]').count()).toBe(1);
    expect(await registered(page)).toBe(before + 1);
  });

  it.each([LETTERS_FOR_FINANCE, PERIODICALS_FOR_SALES])(
    'may not do $product for $billing_address, which is in neither',
    async (deposit) => {
      const { page } = visitor;
      const before = await registered(page);
      await fillIn(page, deposit);
      expect(await send(page)).toBe(403);
      expect(await page.locator('[role=alert] h1').count()).toBe(1);
      expect(await page.locator('.cards > li').count()).toBe(2);
      expect(await registered(page)).toBe(before);
    },
  );

  it('gains nothing by changing the form in the page', async () => {
    const { page } = visitor;
    const before = await registered(page);
    await fillIn(page, LETTERS_FOR_SALES);
    await page.evaluate((address) => {
      const option = document.querySelector<HTMLOptionElement>('#billing_address option:checked');
      if (option) option.value = address;
    }, LETTERS_FOR_EVENTS.billing_address);
    expect(await send(page)).toBe(403);
    expect(await registered(page)).toBe(before);
  });

  it('gains nothing by sending what the form does not offer', async () => {
    const { page } = visitor;
    const before = await registered(page);
    for (const deposit of [LETTERS_FOR_FINANCE, PERIODICALS_FOR_SALES, LETTERS_FOR_EVENTS])
      expect(await forge(page, deposit)).toBe(403);
    expect(await forge(page, { product: '*', billing_address: '*' })).toBe(403);
    expect(await registered(page)).toBe(before);
    expect(await forge(page, LETTERS_FOR_SALES)).toBe(303);
    expect(visitor.problems).toEqual([]);
  });
});
