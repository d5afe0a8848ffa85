// A company's way in as people meet it in Chromium: the public form, the mail, the operator's approval, and each of their pages
// inspected (axe, no sideways scrolling, nothing refused), in four languages, at a desk and on a telephone.
import { describe, expect, it } from '@jest/globals';
import { click, LANGUAGES, SUBMIT, type Visitor } from '../support/chromium.ts';
import { SERVER, useDemoStage } from '../support/demo-stage.ts';
import { inspect } from '../support/inspect-page.ts';

const stage = useDemoStage(SERVER);

/** A member of staff with this role, signed in at the overview. */
function staff(role: string): Promise<Visitor> {
  const person = stage.hub.demo.staff.find(({ roles }) => roles.includes(role));
  if (!person) throw new Error(`The demonstration lacks somebody with the role ${role}`);
  return stage.as(person.userName);
}

/** The address of the newest mail's link to this path. */
async function linkTo(path: string): Promise<string> {
  const html = await (await fetch(stage.hub.demo.mailbox)).text();
  const found = new RegExp(`${stage.hub.origin}${path}/[\\w.-]+`).exec(html)?.[0];
  if (found === undefined) throw new Error(`No mail leads to ${path}`);
  return found;
}

describe('the registration of a company in Chromium', () => {
  it('leads from the public form over the approval to the invitation', async () => {
    const { page, problems, leave } = await stage.visit();
    await page.goto(`${stage.hub.origin}/register`);
    await page.fill('#company', 'Bakkerij Zeezicht');
    await page.fill('#customerNumber', '0007700123');
    await page.fill('#proof', 'Managing director; the invoice of 3 March was over 412 euro.');
    await page.fill('#givenName', 'Lotte');
    await page.fill('#familyName', 'Vermeulen');
    await page.fill('#email', 'lotte@zeezicht.example');
    await page.check('input[value=emasspost]');
    // As long as the form must be open at least: a person takes longer.
    await page.waitForFunction(() => performance.now() > 3500);
    await click(page, SUBMIT);
    expect(new URL(page.url()).pathname).toBe('/register/sent');
    await page.goto(await linkTo('/register/confirm'));
    await click(page, SUBMIT);
    expect(new URL(page.url()).pathname).toBe('/register/confirmed');

    const support = await staff('support');
    await support.page.goto(`${stage.hub.origin}/operator/registrations`);
    await click(support.page, 'main tbody a:has-text("Bakkerij Zeezicht")');
    await support.page.fill('#note', 'Called the number on the contract.');
    await click(support.page, SUBMIT);
    expect(await support.page.textContent('main')).toContain('Lotte Vermeulen');

    await page.goto(await linkTo('/welcome'));
    expect(await page.textContent('main')).toContain('lotte@zeezicht.example');
    expect([...problems, ...support.problems]).toEqual([]);
    await Promise.all([leave(), support.leave()]);
  }, 120_000);

  it.each(LANGUAGES)(
    'shows sound pages in %s',
    async (language) => {
      const { page, leave } = await stage.visit({ language });
      for (const path of ['/register', '/register/sent', '/register/confirmed', '/register/confirm/x']) {
        await page.goto(`${stage.hub.origin}${path}?language=${language}`);
        expect([path, await inspect(page)]).toEqual([path, []]);
      }
      await leave();
    },
    120_000,
  );
});

describe("the operator's pages in Chromium", () => {
  it('are sound', async () => {
    const { page, problems, leave } = await staff('owner');
    const at = (path: string) => `${stage.hub.origin}/operator${path}`;
    const paths = [
      '',
      '?span=quarter',
      '/registrations',
      '/organizations',
      '/organizations/new',
      '/applications',
      '/applications/emasspost',
    ];
    await page.goto(at('/organizations?q=Noordzee'));
    const organization = (await page.locator('main tbody a').first().getAttribute('href')) ?? '';
    await page.goto(`${stage.hub.origin}${organization}`);
    const account = (await page.locator('main a[href*="/accounts/"]').first().getAttribute('href')) ?? '';
    const own = [
      organization,
      `${organization}/suspend`,
      `${organization}/close`,
      account,
      `${account}/move?q=Kempen`,
      `${account}/subscriptions/new?application=emasspost`,
    ];
    const lists = ['/applications/new', '/approvals', '/clients', '/keys', '/mails', '/jobs', '/tokens', '/staff'];
    for (const address of [...[...paths, ...lists].map(at), ...own.map((path) => `${stage.hub.origin}${path}`)]) {
      await page.goto(address);
      expect([address, await inspect(page)]).toEqual([address, []]);
    }
    expect(problems).toEqual([]);
    await leave();
  }, 180_000);
});
