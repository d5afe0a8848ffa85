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
for (const path of paths) {
  const m = /^@([^/]+)(.*)$/.exec(path);
  const target = m ? `${await hrefOf(m[1]!)}${m[2]}` : path;
  const res = await page.goto(`${origin}${target}`);
  const file = path.replace(/[^a-z0-9]+/gi, '_');
  await page.setViewportSize({ width: 1280, height: 1000 });
  await page.screenshot({ path: `/tmp/pu/${lang}-${user}-${file}.png`, fullPage: process.env.FULL !== 'no' });
  await page.setViewportSize({ width: 360, height: 1500 });
  await page.screenshot({ path: `/tmp/pu/${lang}-${user}-${file}-m.png`, fullPage: process.env.FULL !== 'no' });
  console.log(res?.status(), target, await page.title());
  const keys = (await page.innerText('body')).match(/\b(users|history|reasons|portal|shell|administration-rights):[\w.]+|[a-z_]+\.[a-z_]+\.[a-z_]+\b/g);
  if (keys) console.log('KEYS?', keys.slice(0, 8));
  if (axe === 'axe') for (const line of await inspect(page)) console.log('AXE', line);
}
console.log('problems', problems);
await browser.close();
