import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { TOTP, Secret } from 'otpauth';
import { openChromium, visit, signIn } from './chromium.ts';
import { inspect } from './inspect-page.ts';
const demo = JSON.parse(readFileSync('/tmp/pu/data/demo.json', 'utf8'));
const origin = new URL(demo.issuer).origin;
const who = (u: string) => demo.users.find((x: any) => x.userName === u);
const [lang = 'nl', user = 'anke.smets', axe = 'no', ...paths] = process.argv.slice(2);
const browser = await openChromium();
const { page, problems } = await visit(browser, { language: lang as any });
await page.goto(`${origin}/portal?language=${lang}`);
await signIn(page, who(user));
const seedFile = `/tmp/pu/seed-${user}`;
const code = (k: string) => new TOTP({ secret: Secret.fromBase32(k) }).generate();
for (let i = 0; i < 4 && page.url().includes('/sign-in/'); i++) {
  const text = await page.innerText('main');
  const key = /\b([A-Z2-7]{4}(?: [A-Z2-7]{4}){5,}) ?/.exec(text)?.[1]?.replaceAll(' ', '');
  if (key) writeFileSync(seedFile, key);
  const seed = key ?? (existsSync(seedFile) ? readFileSync(seedFile, 'utf8') : '');
  const input = await page.$('main form input[inputmode=numeric], main form input[autocomplete=one-time-code]');
  if (input && seed) { await input.fill(code(seed)); }
  await page.click('main form button.primary, main form button[type=submit]');
  await page.waitForLoadState();
  if (page.url().includes('/sign-in/')) console.log('at', page.url(), (await page.innerText('main')).slice(0, 300));
}
await page.goto(`${origin}/portal?language=${lang}`);
const hrefOf = async (name: string) => { await page.goto(`${origin}/portal/users?q=${encodeURIComponent(name)}`); return page.getAttribute('a.name', 'href'); };

const look = async (name: string) => { await page.setViewportSize({ width: 1280, height: 1000 }); await page.screenshot({ path: `/tmp/pu/flow-${lang}-${name}.png`, fullPage: true }); console.log(name, page.url(), await page.title()); for (const line of await inspect(page)) console.log('AXE', line); };
await page.goto(`${origin}/portal/users?q=c`);
for (const box of await page.$$('input[name=user]')) await box.check();
await page.click('button[value=join]'); await page.waitForLoadState(); await look('join');
await page.goto(`${origin}/portal/users`); for (const box of (await page.$$('input[name=user]')).slice(0, 5)) await box.check();
await page.click('button[value=deactivate]'); await page.waitForLoadState(); await look('bulk');
await page.goto(`${origin}/portal/users`); await page.click('button[value=invite]'); await page.waitForLoadState(); await look('none');
await page.goto(`${origin}/portal/users/new`); await page.click('main form button.primary'); await page.waitForLoadState(); await look('faults');
await page.fill('#userName', `new.${Date.now()}`); await page.fill('#givenName', 'Jef'); await page.fill('#familyName', 'Claes'); await page.fill('#email', 'jef@noordzee-media.example');
await page.click('main form button.primary'); await page.waitForLoadState(); await look('step2');
await page.click('button[value=finish]'); await page.waitForLoadState(); await look('created');
await page.goto(page.url().replace('/created', '')); await look('newuser');
await page.click('button[value=copy]'); await page.waitForLoadState(); await look('copied');
await page.goto(page.url().replace(/\/invitation$/, '/temporary-password')); await page.click('main form button.primary'); await page.waitForLoadState(); await look('temporary');
console.log('problems', problems);
await browser.close();
