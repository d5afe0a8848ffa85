import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFileSync, mkdirSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { publishTerms } from '../../src/credentials/terms.ts';
import { makeRecoveryCodes } from '../../src/credentials/recovery-codes.ts';
import { addOrganization, ask, CALLBACK, PASSWORD, systemCtx } from '../oidc/hub.ts';
import { codeNow, ctxIn, startWorld, timePasses, wrongCode, type World } from '../second-factor/world.ts';
const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const OUT = '/tmp/shots-2fa/';
mkdirSync(OUT, { recursive: true });
let world: World;
let browser: Browser;
beforeAll(async () => {
  world = await startWorld();
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(async () => {
  await browser.close();
  await world.hub.stop();
});
const problems: string[] = [];
async function look(page: Page, name: string) {
  for (const language of ['nl', 'fr', 'de', 'en'])
    for (const [w, h] of [
      [1280, 900],
      [360, 780],
    ] as const)
      for (const theme of ['light', 'dark'] as const) {
        await page.context().addCookies([
          { name: 'language', value: language, url: world.hub.origin },
          { name: 'theme', value: theme, url: world.hub.origin },
        ]);
        await page.setViewportSize({ width: w, height: h });
        await page.evaluate((t) => {
          document.documentElement.dataset['theme'] = t;
        }, theme);
        if (!name.includes('error') && !name.includes('sign-in')) await page.reload();
        await page.evaluate(axe);
        const result = await page.evaluate(async () => {
          const r = await (
            window as unknown as {
              axe: {
                run: (
                  d: Document,
                  o: object,
                ) => Promise<{
                  violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
                  incomplete: { id: string; nodes: { html: string }[] }[];
                }>;
              };
            }
          ).axe.run(document, {
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
            rules: {
              'target-size': { enabled: true },
              'label-content-name-mismatch': { enabled: true },
              'p-as-heading': { enabled: true },
            },
          });
          return {
            v: r.violations.map(
              (v) =>
                v.id +
                ': ' +
                v.nodes.map((n) => n.html.slice(0, 160) + ' | ' + n.failureSummary.slice(0, 300)).join(' ;; '),
            ),
            i: r.incomplete.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 100)).join(';')),
            wide: document.documentElement.scrollWidth > innerWidth,
          };
        });
        for (const v of result.v) problems.push(`${name} ${language} ${w} ${theme} V ${v}`);
        for (const v of result.i.filter((x) => !name.includes('terms'))) problems.push(`${name} ${w} ${theme} I ${v}`);
        if (result.wide) problems.push(`${name} ${language} ${w} overflows`);
        if (language === 'nl' || (language === 'de' && w === 360 && theme === 'light'))
          await page.screenshot({ path: `${OUT}${name}-${language}-${w}-${theme}.png`, fullPage: true });
        if (language !== 'en' || w !== 360 || theme !== 'dark') continue;
      }
}
const fresh = async () => {
  const c = await browser.newContext({ reducedMotion: 'reduce' });
  const p = await c.newPage();
  await p.route(`${CALLBACK}*`, (r) => r.fulfill({ body: 'app' }));
  return p;
};
const login = async (p: Page, user: { userName: string }, params = {}) => {
  await p.goto((await ask(world.config, params)).url.href);
  await p.locator('#identifier').fill(user.userName);
  await p.locator('#password').fill(PASSWORD);
  await p.locator('button.primary').click();
  await p.waitForLoadState();
};
it('shoots', async () => {
  const org = await addOrganization('Noordzee Media');
  await world.person({ organizationId: org, right: 'chief_administrator', email: 'anke@noordzee.example' });
  const admin = await world.person({ organizationId: org, right: 'manage_users' });
  const user = await world.withApp({ organizationId: org, right: 'manage_users' });
  await makeRecoveryCodes(systemCtx(), user);
  let p = await fresh();
  await p.goto((await ask(world.config)).url.href);
  await look(p, 'sign-in');
  p = await fresh();
  await login(p, admin);
  await look(p, 'enrol');
  await p.locator('#code').fill('000000');
  await p.locator('button.primary').click();
  await p.waitForLoadState();
  await look(p, 'enrol-error');
  const seed = (await p.locator('.seed span').allTextContents()).join('');
  await p.locator('#code').fill(codeNow(seed));
  await p.locator('button.primary').click();
  await p.waitForLoadState();
  await look(p, 'codes');
  await p.emulateMedia({ media: 'print' });
  await p.screenshot({ path: OUT + 'codes-print.png', fullPage: true });
  p = await fresh();
  await login(p, user);
  await look(p, 'code');
  await p.locator('#code').fill(wrongCode(user.seed));
  await p.locator('button.primary').click();
  await p.waitForLoadState();
  await look(p, 'code-error');
  await p.goto(p.url().split('?')[0] + '?method=recovery');
  await look(p, 'recovery');
  await p.goto(p.url().replace(/\/second-factor.*/, '/lost-factor'));
  await look(p, 'lost');
  await p.locator('button.primary').click();
  await p.waitForLoadState();
  await look(p, 'lost-asked');
  p = await fresh();
  await login(p, user);
  await timePasses(user);
  await p.locator('#code').fill(codeNow(user.seed));
  await p.locator('button.primary').click();
  await p.waitForLoadState();
  await p.goto((await ask(world.config, { prompt: 'select_account' })).url.href);
  await look(p, 'select');
  await p.goto((await ask(world.config, { prompt: 'enrol_factor' })).url.href);
  await look(p, 'enrol-optional');
  await p.goto((await ask(world.config, { acr_values: 'phr' })).url.href);
  await look(p, 'enrol-phr');
  const text = Array.from(
    { length: 8 },
    (_, i) =>
      `${i + 1}. De gebruiker houdt zijn aanmeldgegevens geheim en meldt elk vermoeden van misbruik meteen aan zijn administrator. De portal wordt alleen gebruikt voor opdrachten van het eigen bedrijf.`,
  ).join('\n\n');
  await publishTerms(ctxIn(org), { nl: text, fr: text, de: text, en: text });
  await p.goto((await ask(world.config)).url.href);
  await look(p, 'terms');
  console.log(problems.join('\n') || 'none');
  expect(1).toBe(1);
});
