import { connect, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type * as client from 'openid-client';
import { giveTemporaryPassword } from '../../src/credentials/change-password.ts';
import { createLink } from '../../src/credentials/one-time-link.ts';
import { query } from '../../src/database/query.ts';
import {
  addOrganization,
  addUser,
  ask,
  CALLBACK,
  exchange,
  PASSWORD,
  signIn,
  SOME_RIGHTS,
  startHub,
  systemCtx,
  typeIn,
  type TestHub,
  type TestUser,
} from './hub.ts';

let hub: TestHub;
let config: client.Configuration;

beforeAll(async () => {
  hub = await startHub();
  config = await hub.relyingParty(await hub.register());
});
afterAll(() => hub.stop());

async function person(input: Parameters<TestHub['addUser']>[0] = {}): Promise<TestUser> {
  const user = await hub.addUser(input);
  hub.hold(user.userId, SOME_RIGHTS);
  return user;
}

const open = async (browser = hub.browser(), parameters: Record<string, string> = {}) => {
  const request = await ask(config, parameters);
  return { browser, request, page: await browser.open(request.url) };
};

/** Without what differs between any two pages. */
const bare = (html: string) =>
  html
    .replaceAll(/name="csrf" value="[^"]*"/g, '')
    .replaceAll(/data-options="[^"]*"/g, '')
    .replaceAll(/\/sign-in\/[\w-]+/g, '')
    .replaceAll(/value="[^"]*"/g, '');

describe('the sign-in page', () => {
  it('answers an unknown name, a wrong password and a deactivated user with the same page', async () => {
    const known = await person();
    const gone = await person();
    await query('update users set active = false where id = $1', [gone.userId]);
    const tries = [
      { userName: 'nobody.at.all', password: 'wrong but long enough' },
      { userName: known.userName, password: 'wrong but long enough' },
      { userName: gone.userName, password: PASSWORD },
    ];
    const pages = await Promise.all(
      tries.map(async ({ userName, password }) => {
        const { browser, page } = await open();
        return typeIn(browser, page, { userName }, password);
      }),
    );
    expect(pages.map(({ status }) => status)).toEqual([422, 422, 422]);
    expect(new Set(pages.map(({ html }) => bare(html))).size).toBe(1);
  });

  it('releases every failure at a half second, whatever happened before', async () => {
    const known = await person();
    for (const userName of ['nobody.there', known.userName]) {
      const { browser, page } = await open();
      const started = performance.now();
      await typeIn(browser, page, { userName }, 'wrong but long enough');
      expect(performance.now() - started).toBeGreaterThanOrEqual(499);
    }
  });

  it('takes the e-mail address instead of the username, in any case', async () => {
    const user = await person({ email: 'Jan.Peeters@Noordzee.example' });
    const { browser, page, request } = await open();
    const done = await typeIn(browser, page, { userName: ' jan.peeters@noordzee.EXAMPLE ' });
    expect((await exchange(config, done, request)).claims()?.sub).toBe(user.sub);
  });

  it('keeps what was typed, and never the password, after a failure', async () => {
    const { browser, page } = await open();
    const failed = await typeIn(browser, page, { userName: 'typed.here' }, 'the wrong secret');
    expect(failed.html).toContain('value="typed.here"');
    expect(failed.html).not.toContain('the wrong secret');
  });

  it('speaks the language that the application asks for, and that of the visitor if he chooses one', async () => {
    const french = await open(hub.browser(), { ui_locales: 'fr-BE' });
    expect(french.page.html).toContain('<html lang="fr"');
    const german = await french.browser.open(`${french.page.url.pathname}?language=de`);
    expect(german.html).toContain('<html lang="de"');
  });

  it('refuses a form that another site has sent', async () => {
    const { page } = await open();
    const foreign = hub.browser({ 'sec-fetch-site': 'cross-site' });
    const res = await foreign.submit(page, { identifier: 'x', password: 'y' });
    expect(res.status).toBe(403);
  });

  it('does not serve the interaction of another browser', async () => {
    const { page } = await open();
    const other = await hub.browser().open(page.url);
    expect(other.status).toBe(400);
    expect(other.html).not.toContain('type="password"');
  });

  it('slows down who guesses, but not the browser that has signed in before', async () => {
    const user = await person();
    const own = hub.browser();
    await signIn(config, own, user);
    const stranger = await open();
    let failed = stranger.page;
    for (let attempt = 0; attempt < 6; attempt++)
      failed = await typeIn(stranger.browser, stranger.page, user, 'wrong but long enough');
    expect(failed.status).toBe(422);
    const slowed = await typeIn(stranger.browser, stranger.page, user);
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0);
    const again = await open(own, { prompt: 'login' });
    const done = await typeIn(own, again.page, user);
    expect(done.url.origin + done.url.pathname).toBe(CALLBACK);
  });

  it('is there for others while forms are being sent that never come to their end', async () => {
    const unfinished = (method: string) =>
      new Promise<Socket>((resolve, reject) => {
        const head = `${method} /sign-in/x HTTP/1.1\r\nHost: hub.example\r\nContent-Length: 99\r\n`;
        const type = 'Content-Type: application/x-www-form-urlencoded\r\n\r\n';
        const socket = connect(Number(new URL(hub.origin).port), 'localhost', () =>
          socket.write(head + type, () => resolve(socket)),
        );
        socket.on('error', reject);
      });
    const sockets = await Promise.all([
      ...Array.from({ length: 8 }, () => unfinished('GET')),
      ...Array.from({ length: 32 * availableParallelism() }, () => unfinished('POST')),
    ]);
    const user = await person();
    const { browser, page } = await open();
    expect((await typeIn(browser, page, user)).url.origin).toBe('https://app.example');
    for (const socket of sockets) socket.destroy();
  });

  it('writes into the audit that somebody signed in', async () => {
    const user = await person();
    await signIn(config, hub.browser(), user);
    const rows = await query(
      "select 1 from audit_events where organization_id = $1 and target_id = $2 and action = 'user.signed_in'",
      [user.organizationId, user.userId],
    );
    expect(rows).toHaveLength(1);
  });
});

describe('one name in several organizations', () => {
  it('lets the password decide', async () => {
    const elsewhere = await addOrganization('Elsewhere');
    const here = await person({ userName: 'shared.one' });
    await addUser(elsewhere, { userName: 'shared.one', password: 'another quiet harbour' });
    const { browser, page, request } = await open();
    expect((await exchange(config, await typeIn(browser, page, here), request)).claims()?.sub).toBe(here.sub);
  });

  it('asks for the organization when the password fits several', async () => {
    const elsewhere = await addOrganization('Elsewhere too');
    await person({ userName: 'shared.two' });
    const other = await addUser(elsewhere, { userName: 'shared.two' });
    hub.hold(other.userId, SOME_RIGHTS);
    const { browser, page, request } = await open();
    const choice = await typeIn(browser, page, other);
    expect(choice.url.pathname).toMatch(/\/organization$/);
    expect(choice.html).toContain('Elsewhere too');
    const strange = await browser.submit(choice, { organization: hub.operator });
    expect(strange.status).toBe(422);
    const done = await browser.submit(choice, { organization: elsewhere });
    expect((await exchange(config, done, request)).claims()?.sub).toBe(other.sub);
  });

  it('counts only the organization that the link names', async () => {
    const elsewhere = await addOrganization('Elsewhere three');
    await person({ userName: 'shared.three' });
    const other = await addUser(elsewhere, { userName: 'shared.three' });
    hub.hold(other.userId, SOME_RIGHTS);
    const { browser, page, request } = await open(hub.browser(), { organization: elsewhere });
    expect((await exchange(config, await typeIn(browser, page, other), request)).claims()?.sub).toBe(other.sub);
  });

  it('signs the first person out when another one takes over without an access to the application', async () => {
    const empty = await hub.addUser();
    const other = await person();
    const { browser, page, request } = await open();
    const noAccess = await typeIn(browser, page, empty);
    const again = await browser.submit(noAccess, { choice: 'switch' });
    let next = await typeIn(browser, again, other);
    if (next.html.includes('name="logout"')) next = await browser.submit(next);
    expect((await exchange(config, next, request)).claims()?.sub).toBe(other.sub);
  });
});

describe('a temporary password', () => {
  const inAnHour = () => new Date(Date.now() + 3_600_000);
  const OWN = 'seven gulls above grey water';

  it('must be changed before there is a session or a code', async () => {
    const user = await person({ temporaryUntil: inAnHour() });
    const { browser, page, request } = await open();
    const change = await typeIn(browser, page, user);
    expect(change.url.pathname).toMatch(/\/password$/);
    expect(browser.cookie('session')).toBeUndefined();
    const done = await browser.submit(change, { new_password: OWN, confirm_password: OWN });
    expect((await exchange(config, done, request)).claims()?.sub).toBe(user.sub);
    const second = await open();
    expect((await typeIn(second.browser, second.page, user, OWN)).url.origin).toBe('https://app.example');
  });

  it('is not accepted as the new one, and neither is a weak one', async () => {
    const user = await person({ temporaryUntil: inAnHour() });
    const { browser, page } = await open();
    const change = await typeIn(browser, page, user);
    for (const weak of [PASSWORD, 'short', 'passwordpassword', '']) {
      const refused = await browser.submit(change, { new_password: weak, confirm_password: weak });
      expect([weak, refused.status]).toEqual([weak, 422]);
    }
    const unequal = await browser.submit(change, { new_password: OWN, confirm_password: `${OWN}.` });
    expect(unequal.status).toBe(422);
  });

  it('leaves no other way: every page of the sign-in leads back to the change, no code is issued, and the old one ends', async () => {
    const user = await person({ temporaryUntil: inAnHour() });
    const { browser, page, request } = await open();
    const change = await typeIn(browser, page, user);
    const signInPath = change.url.pathname.replace(/\/password$/, '');
    const resume = signInPath.replace('/sign-in/', '/oidc/auth/');
    const ways = [
      '',
      '/organization',
      '/second-factor',
      '/enrol',
      '/recovery-codes',
      '/lost-factor',
      '/terms',
      '/no-access',
    ];
    for (const address of [...ways.map((way) => signInPath + way), resume, request.url.href]) {
      const led = await browser.open(address);
      expect([address, led.url.origin]).toEqual([address, hub.origin]);
      expect(led.html).not.toMatch(/name="code"|class="codes"|name="choice" value="accept"/);
      const posted = await browser.submit({ ...led, html: '' }, { choice: 'accept' });
      expect([address, posted.url.origin]).toEqual([address, hub.origin]);
    }
    expect(browser.cookie('session')).toBeUndefined();
    const again = await typeIn(browser, await browser.open(request.url), user);
    expect(again.url.pathname).toMatch(/\/password$/);
    await browser.submit(again, { new_password: OWN, confirm_password: OWN });
    const [old, own] = [await open(), await open()];
    expect((await typeIn(old.browser, old.page, user)).status).toBe(422);
    expect((await typeIn(own.browser, own.page, user, OWN)).url.origin).toBe('https://app.example');
  });

  it('given by an administrator works for 72 hours and not a minute longer', async () => {
    const user = await person();
    const ago = (hours: number) => ({ ...systemCtx(), now: new Date(Date.now() - hours * 3_600_000) });
    const late = await giveTemporaryPassword(ago(72.02), user);
    const first = await open();
    expect((await typeIn(first.browser, first.page, user, late.password)).status).toBe(422);
    const inTime = await giveTemporaryPassword(ago(71.9), user);
    const second = await open();
    expect((await typeIn(second.browser, second.page, user, inTime.password)).url.pathname).toMatch(/\/password$/);
  });

  it('is worth nothing after its time', async () => {
    const user = await person({ temporaryUntil: new Date(Date.now() - 1000) });
    const { browser, page } = await open();
    // Who knows it is told, and only he.
    const told = await typeIn(browser, page, user);
    expect([told.status, told.html.includes('Dit tijdelijke wachtwoord is verlopen.')]).toEqual([422, true]);
    const wrong = await typeIn(browser, page, user, 'not the temporary one');
    expect([wrong.status, wrong.html.includes('verlopen')]).toEqual([422, false]);
  });
});

describe('a one-time link', () => {
  const OWN = 'lighthouse keepers count waves';
  const link = (user: TestUser) => createLink(systemCtx(), { ...user, purpose: 'first_password' });
  const save = { new_password: OWN, confirm_password: OWN };

  it('lets somebody without a password choose one, and does not sign him in', async () => {
    const user = await person({ password: null });
    const browser = hub.browser();
    const page = await browser.open(`/welcome/${(await link(user)).token}`);
    expect(page.url.pathname).toBe('/welcome');
    expect(page.html).toContain(user.userName);
    const done = await browser.submit(page, save);
    expect(done.status).toBe(200);
    expect(browser.cookie('session')).toBeUndefined();
    const signing = await open();
    expect((await typeIn(signing.browser, signing.page, user, OWN)).url.origin).toBe('https://app.example');
  });

  it('survives being opened by mail scanners and a password that is too weak', async () => {
    const user = await person({ password: null });
    const { token } = await link(user);
    await hub.browser().open(`/welcome/${token}`);
    const browser = hub.browser();
    const page = await browser.open(`/welcome/${token}`);
    expect((await browser.submit(page, { new_password: 'weak', confirm_password: 'weak' })).status).toBe(422);
    expect((await browser.submit(page, save)).status).toBe(200);
  });

  it('works once, and voids the others', async () => {
    const user = await person({ password: null });
    const [first, second] = [await link(user), await link(user)];
    const browser = hub.browser();
    await browser.submit(await browser.open(`/welcome/${first.token}`), save);
    expect((await hub.browser().open(`/welcome/${first.token}`)).status).toBe(410);
    expect((await hub.browser().open(`/welcome/${second.token}`)).status).toBe(404);
  });

  it('says that it has expired before anybody types a password', async () => {
    const user = await person({ password: null });
    const { token } = await link(user);
    await query("update links set expires_at = created_at - interval '1 second' where user_id = $1", [user.userId]);
    const page = await hub.browser().open(`/welcome/${token}`);
    expect(page.status).toBe(410);
    expect(page.html).not.toContain('type="password"');
  });

  it.each(['/welcome', '/new-password', '/confirm-email', '/undo-email', '/confirm-device'])(
    'that is garbled says so at %s, wherever it is cut short',
    async (path) => {
      for (const garbled of ['%00', `${'a'.repeat(199)}%F0%9F%98%80`, 'b'.repeat(3000)])
        expect((await hub.browser().open(`${path}/${garbled}`)).status).toBe(404);
    },
  );

  it('of a deactivated user does not work', async () => {
    const user = await person({ password: null });
    const { token } = await link(user);
    await query('update users set active = false where id = $1', [user.userId]);
    expect((await hub.browser().open(`/welcome/${token}`)).status).toBe(404);
  });
});
