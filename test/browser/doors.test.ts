// Every page at the doors, as people meet them: inspected in four languages, at a desk and on a telephone, light and dark,
// with what it says when something is wrong; with the keyboard alone; and without script.
import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { click, follow, LANGUAGES, signIn, SUBMIT } from '../support/chromium.ts';
import { useDemoStage } from '../support/demo-stage.ts';
import { inspect } from '../support/inspect-page.ts';
import {
  aNewcomer,
  callApi,
  choosePassword,
  codeOf,
  forgetSteps,
  mailedLink,
  PASSWORDS,
  seedOn,
  walkDoors,
  type Look,
} from './walk-doors.ts';

const [FIRST, SECOND] = PASSWORDS;
const stage = useDemoStage();

/** All of them; a page that is left out would be seen by nobody. */
const PAGES = [
  'choose-organization',
  'confirm-email',
  'confirm-email-done',
  'confirm-email-used',
  'enrol-factor',
  'enrol-factor-error',
  'invitation',
  'invitation-asked',
  'invitation-done',
  'invitation-error',
  'invitation-expired',
  'invitation-used',
  'link-invalid',
  'lost-factor',
  'lost-factor-asked',
  'no-access',
  'recover',
  'recover-error',
  'recover-sent',
  'recovery-code',
  'recovery-codes',
  'recovery-done',
  'recovery-expired',
  'recovery-link',
  'recovery-link-error',
  'recovery-used',
  'second-factor',
  'second-factor-error',
  'select-account',
  'sign-in',
  'sign-in-error',
  'sign-in-over',
  'sign-out',
  'signed-out',
  'still-signed-in',
  'temporary-password',
  'temporary-password-error',
  'terms',
  'undo-email',
  'undo-email-done',
  'undo-email-used',
];

describe('the pages at the doors', () => {
  it.each(LANGUAGES)('have no accessibility fault, console error or sideways scroll in %s', async (language) => {
    const wrong: string[] = [];
    const seen: string[] = [];
    const titles = new Map<string, string>();
    const look: Look = async (page, name) => {
      seen.push(name);
      if ((await page.getAttribute('html', 'lang')) !== language) wrong.push(`${name} is not in ${language}`);
      titles.set(name, await page.title());
      wrong.push(...(await inspect(page)).map((fault) => `${name}: ${fault}`));
    };
    const problems = await walkDoors({ ...stage, language, look });
    expect(wrong).toEqual([]);
    expect(problems).toEqual([]);
    expect(seen.toSorted()).toEqual(PAGES);
    // What went wrong is said in the title too, for those who hear the page.
    for (const name of PAGES.filter((one) => one.endsWith('-error')))
      expect(titles.get(name)).not.toBe(titles.get(name.slice(0, -'-error'.length)));
  });
});

/** Tabs to what the selector names; the focus must be seen at each stop. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let stops = 0; stops < 40; stops++) {
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
    expect(stop).toEqual({ ...stop, seen: true });
    if (stop.there) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${selector} cannot be reached on ${page.url()}`);
}

const type = async (page: Page, selector: string, text: string): Promise<void> => {
  await tabTo(page, selector);
  await page.keyboard.type(text);
};
const enter = (page: Page): Promise<number> => follow(page, () => page.keyboard.press('Enter'));

describe('with the keyboard alone', () => {
  it('a person chooses his password, sets his second step up, signs in with it, and out; the focus is seen at each stop', async () => {
    const person = await aNewcomer(stage.hub, 'kim.keyboard', 'Keyboard Works');
    await callApi(stage.hub, `/organizations/${person.organization}/administration-rights`, {
      subjectKind: 'user',
      subjectId: person.id,
      name: 'manage_users',
    });
    const first = await stage.visit();
    await first.page.goto(person.invitation);
    await type(first.page, '#new-password', FIRST);
    await type(first.page, '#confirm-password', FIRST);
    await tabTo(first.page, SUBMIT);
    await enter(first.page);
    await tabTo(first.page, 'main a.primary');
    // Where it leads is the demonstration's own page.
    await first.page.goto(`${stage.hub.origin}/portal`);
    await type(first.page, '#identifier', person.userName);
    await type(first.page, '#password', FIRST);
    await enter(first.page);
    const seed = await seedOn(first.page);
    await type(first.page, '#code', codeOf(seed));
    await enter(first.page);
    await tabTo(first.page, SUBMIT);
    await enter(first.page);
    expect(new URL(first.page.url()).pathname).toBe('/portal');
    await first.leave();

    const { page, leave } = await stage.visit();
    await page.goto(`${stage.hub.origin}/portal/details`);
    await type(page, '#identifier', person.userName);
    await type(page, '#password', FIRST);
    await tabTo(page, SUBMIT);
    await enter(page);
    await type(page, '#code', '000000');
    await enter(page);
    // What is wrong is read first; from there the way to the field is one key.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('error-summary');
    await tabTo(page, '#error-summary a');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('code');
    await forgetSteps(stage.hub, person);
    await page.keyboard.type(codeOf(seed));
    await enter(page);
    expect(new URL(page.url()).pathname).toBe('/portal/details');
    await tabTo(page, 'form[action="/portal/sign-out"] button');
    await enter(page);
    await tabTo(page, SUBMIT);
    await enter(page);
    await page.goto(`${stage.hub.origin}/portal`);
    expect(await page.locator('#password').count()).toBe(1);
    await leave();
  });
});

describe('without script', () => {
  it('every journey at the doors finishes, and no button does nothing', async () => {
    const wrong: string[] = [];
    const look: Look = async (page, name) => {
      const idle = await page.locator('button[type=button]:visible').count();
      if (idle > 0) wrong.push(`${name} has a button that does nothing`);
    };
    const problems = await walkDoors({ ...stage, language: 'fr', look, script: false });
    expect(wrong).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('a recovered password opens the door in the same browser, and what is broken of the rules is said after sending', async () => {
    const person = await aNewcomer(stage.hub, 'pat.plain', 'Plain Pages');
    const { page, leave } = await stage.visit({ script: false });
    await page.goto(person.invitation);
    await choosePassword(page, FIRST);
    await page.goto(`${stage.hub.origin}/recover`);
    await page.fill('#identifier', person.email);
    await click(page, SUBMIT);
    await page.goto(await mailedLink(stage.hub, person.email, 'new-password'));
    await choosePassword(page, 'pat.plain');
    expect(await page.locator('#policy li.unmet').count()).toBeGreaterThan(0);
    expect(await page.locator('#policy li.unmet [data-state]').first().textContent()).not.toBe('');
    await choosePassword(page, SECOND);
    await page.goto(`${stage.hub.origin}/portal/details`);
    await signIn(page, { userName: person.userName, password: FIRST });
    expect(await page.locator('#error-summary').count()).toBe(1);
    await signIn(page, { userName: person.userName, password: SECOND });
    expect(new URL(page.url()).pathname).toBe('/portal/details');
    await leave();
  });
});
