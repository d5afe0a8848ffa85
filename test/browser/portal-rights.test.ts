// The rights screens as an administrator meets them in Chromium: every page inspected in four languages, at a desk and on
// a telephone, light and dark; with script, without it, and by keyboard.
import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { click, follow, LANGUAGES, type Language, type Visitor } from '../support/chromium.ts';
import { SERVER, useDemoStage } from '../support/demo-stage.ts';
import { inspect } from '../support/inspect-page.ts';

const stage = useDemoStage(SERVER);

/** The chief administrator, signed in. */
const administrator = (language: Language, script?: boolean): Promise<Visitor> =>
  stage.as('anke.smets', language, script);

/** The address of somebody's page. */
async function addressOf(page: Page, userName: string): Promise<string> {
  await page.goto(`${stage.hub.origin}/portal/users?q=${encodeURIComponent(userName)}`);
  const href = await page.locator('main a[href$="/rights"]').first().getAttribute('href');
  return `${stage.hub.origin}${(href ?? '').replace(/\/rights$/, '')}`;
}

const firstEdit = 'main a[href*="/edit?"][href*="assignment="]';

/** Every page of the rights screens; each is handed to `look`. */
async function walkThrough(page: Page, look: () => Promise<void>): Promise<void> {
  const carla = await addressOf(page, 'carla.dewit');
  const go = async (address: string): Promise<void> => {
    await page.goto(address);
    await look();
  };
  await go(`${carla}/rights`);
  await go(`${carla}/rights/emasspost`);
  await follow(page, () => page.locator(firstEdit).first().click());
  await look();
  await page.locator('[data-list=rights] input[type=checkbox]:not(:checked)').first().check();
  await page.locator('[data-list=rights] input[type=checkbox]:checked').last().uncheck();
  await click(page, 'button[value=preview]');
  await look();
  await click(page, 'button[value=edit]');
  expect(await page.locator('[data-tag=added]:visible').count()).toBe(1);
  for (const box of await page.locator('[data-list=rights] input[type=checkbox]').all()) await box.uncheck();
  expect(await click(page, 'button[value=preview]')).toBe(422);
  await look();
  await go(`${carla}/rights/emasspost/copy`);
  await page.goto(`${carla}/rights/emasspost`);
  await follow(page, () => page.locator('main a[href*="/end?"]').first().click());
  await look();
  const katrin = await addressOf(page, 'katrin.schaefer');
  await page.goto(`${katrin}/rights/parcels_international`);
  await follow(page, () => page.locator(firstEdit).first().click());
  await look();
  const wim = await addressOf(page, 'wim.decock');
  await go(`${wim}/rights/pickup`);
  await follow(page, () => page.locator('main a[href*="/why?"]').first().click());
  await look();
  await go(`${wim}/why?application=emasspost`);
  await go(`${stage.hub.origin}/portal/why`);
}

/** Somebody else saves while this page is open. */
async function conflict(page: Page, editor: string): Promise<void> {
  const other = await page.context().newPage();
  const free = '[data-list=products] input[type=checkbox]:not(:checked)';
  await page.goto(editor);
  await other.goto(editor);
  await other.locator(free).nth(0).check();
  await click(other, 'button[value=preview]');
  await click(other, 'button[value=save]');
  await page.locator(free).nth(1).check();
  expect(await click(page, 'button[value=preview]')).toBe(409);
  await other.close();
}

describe('the rights screens', () => {
  it.each(LANGUAGES)('have no accessibility fault, console error or sideways scroll in %s', async (language) => {
    const { page, problems, leave } = await administrator(language);
    const wrong: string[] = [];
    await walkThrough(page, async () => {
      expect(await page.getAttribute('html', 'lang')).toBe(language);
      wrong.push(...(await inspect(page)));
    });
    expect(wrong).toEqual([]);
    expect(problems).toEqual([]);
    await leave();
  });

  it.each(['de', 'nl'] as const)('show both versions where two were at work, without fault in %s', async (language) => {
    const { page, problems, leave } = await administrator(language);
    await page.goto(`${await addressOf(page, 'lotte.verhaegen')}/rights/emasspost`);
    const editor = await page.locator(firstEdit).first().getAttribute('href');
    await conflict(page, `${stage.hub.origin}${editor ?? ''}`);
    expect(await inspect(page)).toEqual([]);
    await click(page, '.versions button.primary');
    expect(await page.locator('[data-tag=added]:visible').count()).toBe(1);
    expect(problems).toEqual([]);
    await leave();
  });

  it('work without script, the change of profile too', async () => {
    const { page, problems, leave } = await administrator('en', false);
    await walkThrough(page, () => Promise.resolve());
    const katrin = await addressOf(page, 'katrin.schaefer');
    await page.goto(`${katrin}/rights/parcels_international`);
    await follow(page, () => page.locator(firstEdit).first().click());
    await page.locator('li[data-value=b13] input').check();
    await page.locator('input[name=profile][value=eshipper_pro_2]').check();
    await click(page, 'button[value=profile]');
    expect(await page.locator('li[data-value=b13]').getAttribute('data-state')).toBe('locked');
    expect(await page.locator('li[data-value=eshipper_pro_2] [role=checkbox]').getAttribute('aria-checked')).toBe(
      'true',
    );
    // A locked one cannot be ticked, by mouse or keyboard.
    await page.locator('li[data-value=b13] [role=checkbox]').click({ force: true });
    await page.keyboard.press('Space');
    expect(await page.locator('li[data-value=b13] [role=checkbox]').getAttribute('aria-checked')).toBe('false');
    await page.locator('input[name=profile][value=general_access]').check();
    await click(page, 'button[value=profile]');
    expect(await page.locator('li[data-value=b13] input').isChecked()).toBe(true);
    expect(problems).toEqual([]);
    await leave();
  });

  it('keep what was ticked when the language is switched', async () => {
    const { page, leave } = await administrator('en');
    const carla = await addressOf(page, 'carla.dewit');
    await page.goto(`${carla}/rights/emasspost`);
    await follow(page, () => page.locator(firstEdit).first().click());
    await page.locator('li[data-value=selectapost] input').check();
    await click(page, 'button[value=preview]');
    const shown = await page.locator('.changes .add').count();
    await click(page, '.languages a[hreflang=fr]');
    expect(await page.getAttribute('html', 'lang')).toBe('fr');
    expect(await page.locator('.changes .add').count()).toBe(shown);
    await leave();
  });

  it('find in a list, select what is shown, and count as one goes', async () => {
    const { page, leave } = await administrator('en');
    const carla = await addressOf(page, 'carla.dewit');
    await page.goto(`${carla}/rights/emasspost`);
    await follow(page, () => page.locator(firstEdit).first().click());
    const list = page.locator('[data-list=products]');
    const before = await list.locator('input:checked').count();
    await list.locator('[data-find]').fill('taxipost');
    expect(await list.locator('li[data-item]:visible').count()).toBe(2);
    await list.locator('[data-select-shown]').click();
    expect(await page.locator('[data-changes]').textContent()).toBe('2 added, 0 removed.');
    expect(await list.locator('[data-count]').textContent()).toBe(`${before + 2} of 23`);
    await list.locator('[data-find]').fill('nothing like it');
    expect(await list.locator('[data-none]').isVisible()).toBe(true);
    await list.locator('[data-find]').fill('');
    await page.locator('[data-list=billing_addresses] .all input').check();
    expect(await page.locator('[data-changes]').textContent()).toBe('3 added, 0 removed.');
    await leave();
  });

  it('can be read and changed with the keyboard alone, the locked ones with their reason', async () => {
    const { page, leave } = await administrator('en');
    const carla = await addressOf(page, 'carla.dewit');
    await page.goto(`${carla}/rights/emasspost`);
    await follow(page, () => page.locator(firstEdit).first().click());
    const seen = new Set<string>();
    for (let stops = 0; stops < 120; stops++) {
      await page.keyboard.press('Tab');
      const stop = await page.evaluate(() => {
        const at = document.activeElement as HTMLElement;
        const box = at.getBoundingClientRect();
        const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        const reason = (at.getAttribute('aria-describedby') ?? '')
          .split(' ')
          .map((id) => document.getElementById(id)?.textContent ?? '')
          .join(' ');
        return {
          value: at.closest('[data-item]')?.getAttribute('data-value') ?? at.getAttribute('value') ?? '',
          covered: over !== null && !at.contains(over) && !over.contains(at),
          reason,
        };
      });
      expect([stop.value, stop.covered]).toEqual([stop.value, false]);
      seen.add(stop.value);
      if (stop.value === 'senders_management') expect(stop.reason).toContain('Only for conventional routers.');
      if (stop.value === 'selectapost') await page.keyboard.press('Space');
      if (stop.value === 'preview') break;
    }
    expect(seen).toContain('senders_management');
    expect(seen).toContain('NM-ANTWERP');
    await follow(page, () => page.keyboard.press('Enter'));
    expect(new URL(page.url()).pathname).toMatch(/\/preview$/);
    expect(new URL(page.url()).searchParams.getAll('products')).toContain('selectapost');
    await leave();
  });
});
