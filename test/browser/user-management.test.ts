// User management as a chief administrator meets it in Chromium, beside the rights screens: people, groups, roles, imports,
// who can do what, substitutes, reviews and his own pages. Every page is inspected in four languages, at a desk and on a
// telephone, light and dark; the journeys are gone with script and without it.
import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { click, follow, SUBMIT, type Language, type Visitor } from '../support/chromium.ts';
import { SERVER, useDemoStage } from '../support/demo-stage.ts';
import { until } from '../support/hub-process.ts';
import { inspect } from '../support/inspect-page.ts';
import { dayIn } from '../web/days.ts';

const stage = useDemoStage(SERVER);

/** The chief administrator, signed in. */
const administrator = (language: Language, script?: boolean): Promise<Visitor> =>
  stage.as('anke.smets', language, script);

type Look = (page: Page) => Promise<void>;
/** One way through pages that belong together; `tag` makes the names of what it creates its own. */
type Walk = { page: Page; tag: string; look: Look };

const visitAll = async ({ page, look }: Walk, paths: readonly string[]): Promise<void> => {
  for (const path of paths) {
    await page.goto(new URL(path, stage.hub.origin).href);
    await look(page);
  }
};

/** The address of the thing with this name in a list of the portal. */
async function addressOf(page: Page, list: string, name: string): Promise<string> {
  await page.goto(`${stage.hub.origin}/portal/${list}?q=${encodeURIComponent(name)}`);
  const href = await page.locator(`main th[scope=row] a:text-is("${name}")`).first().getAttribute('href');
  return href ?? '';
}

const fileOf = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

async function people(walk: Walk): Promise<void> {
  const { page, look, tag } = walk;
  const carla = await addressOf(page, 'users', 'carla.dewit');
  await visitAll(walk, [
    '/portal/users?state=active&administrators=yes',
    '/portal/users/new',
    carla,
    `${carla}/deactivate`,
    `${carla}/administration-rights`,
    `${carla}/temporary-password`,
    `${carla}/second-factor`,
  ]);
  await page.goto(`${stage.hub.origin}/portal/users`);
  await page.locator('main input[name=user]').nth(5).check();
  await page.locator('main input[name=user]').nth(6).check();
  await click(page, 'button[value=role]');
  await look(page);
  await click(page, SUBMIT);
  await look(page);
  await page.goto(`${stage.hub.origin}/portal/users`);
  for (const nth of [5, 6]) await page.locator('main input[name=user]').nth(nth).check();
  await click(page, 'button[value=give]');
  await look(page);
  await page.selectOption('#application', 'emasspost');
  await click(page, SUBMIT);
  await look(page);
  for (const list of ['products', 'billing_addresses', 'rights'])
    await page.locator(`[data-list=${list}] input[type=checkbox]`).first().check();
  await click(page, 'button[value=preview]');
  await look(page);
  await page.goto(`${stage.hub.origin}/portal/users/import`);
  await page.setInputFiles('#file', fileOf('people.csv', 'voornaam,colour\nA,b\n'));
  expect(await click(page, SUBMIT)).toBe(422);
  await look(page);
  const rows = [
    'voornaam,achternaam,e-mailadres,gebruikersnaam,groepen',
    `Nora,Claes,nora.${tag}@example.com,nora.${tag},Mail room`,
    `Piet,,piet,piet.${tag},`,
    `Carla,De Wit,carla.${tag}@example.com,carla.dewit,No such group`,
  ];
  await page.setInputFiles('#file', fileOf(`people-${tag}.csv`, rows.join('\r\n')));
  await click(page, SUBMIT);
  await look(page);
  await click(page, 'button[value=confirm]');
  await until('the import is done', async () => {
    await page.reload();
    return (await page.locator('[data-import-progress]').count()) === 0 || undefined;
  });
  await look(page);
  await visitAll(walk, ['/portal/users/import']);
}

async function groups(walk: Walk): Promise<void> {
  const { page, look, tag } = walk;
  const oostende = await addressOf(page, 'groups', 'Everyone in Oostende');
  const desk = await addressOf(page, 'groups', 'Mail desk');
  await visitAll(walk, [
    '/portal/groups',
    oostende,
    desk,
    `${desk}/administration-rights`,
    `${oostende}/delete`,
    `${oostende}/members?q=la`,
  ]);
  await page.locator('main input[name=member]').first().check();
  await click(page, 'main button[value=add]');
  await look(page);
  await page.goto(`${stage.hub.origin}/portal/groups/new`);
  await page.fill('#name', `Group ${tag}`);
  await click(page, SUBMIT);
  await look(page);
}

async function roles(walk: Walk): Promise<void> {
  const { page, look, tag } = walk;
  const depositor = await addressOf(page, 'roles', 'Depositor');
  await visitAll(walk, ['/portal/roles', '/portal/roles/new', depositor, `${depositor}/end`]);
  await visitAll(walk, [`${depositor}/rights`, `${depositor}/rights/emasspost`]);
  await follow(page, () => page.locator('main a[href*="/edit?"][href*="assignment="]').first().click());
  await look(page);
  await page.locator('[data-list=rights] input[type=checkbox]:not(:checked)').first().check();
  await click(page, 'button[value=preview]');
  await look(page);
  await visitAll(walk, [`${depositor}/assign?q=wim`]);
  await page.locator('main input[name=receiver]').first().check();
  await click(page, 'button[value=preview]');
  await look(page);
  await page.goto(`${stage.hub.origin}/portal/roles/new`);
  await page.fill('#name', `Role ${tag}`);
  await click(page, SUBMIT);
  await look(page);
}

async function access(walk: Walk): Promise<void> {
  const { page, look } = walk;
  await visitAll(walk, [
    '/portal/access?application=emasspost&rights=create_deposit',
    '/portal/access/matrix',
    '/portal/access/on-day',
    '/portal/administrators',
    '/portal/account-settings/access',
    '/portal/substitutes',
  ]);
  await page.fill('#absent', 'carla.dewit');
  await page.fill('#substitute', 'wim.decock');
  await page.fill('#until', dayIn(30));
  await click(page, SUBMIT);
  await look(page);
  await visitAll(walk, ['/portal/reviews']);
  await page.locator('main input[name=scope][value=all]').check();
  await click(page, SUBMIT);
  await look(page);
}

const own = (walk: Walk): Promise<void> =>
  visitAll(walk, [
    '/portal',
    '/portal/my-rights',
    '/portal/accounts',
    '/portal/details',
    '/portal/details/email',
    '/portal/security',
    '/portal/policy',
    '/portal/policy/terms',
    '/portal/history',
  ]);

const WALKS = { people, groups, roles, access, own };

describe('user management', () => {
  // Two at a time: one page is drawn while the hub answers the other.
  it.each([
    ['nl', 'fr'],
    ['de', 'en'],
  ] as const)('has no accessibility fault, console error or sideways scroll in %s and %s', async (...languages) => {
    const walked = languages.map(async (language) => {
      const { page, problems, leave } = await administrator(language);
      const wrong: string[] = [];
      const look: Look = async (seen) => {
        expect(await seen.getAttribute('html', 'lang')).toBe(language);
        wrong.push(...(await inspect(seen)));
      };
      for (const walk of Object.values(WALKS)) await walk({ page, tag: language, look });
      await leave();
      return [...wrong, ...problems];
    });
    expect((await Promise.all(walked)).flat()).toEqual([]);
  });

  it('works without script', async () => {
    const { page, problems, leave } = await administrator('en', false);
    const look: Look = async (seen) => {
      expect(await seen.locator('main h1').count()).toBe(1);
    };
    for (const walk of Object.values(WALKS)) await walk({ page, tag: 'plain', look });
    expect(problems).toEqual([]);
    await leave();
  });
});
