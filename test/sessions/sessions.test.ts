import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as client from 'openid-client';
import { shownPrefix } from '../../src/credentials/address-prefix.ts';
import { deviceWords } from '../../src/credentials/user-agent.ts';
import { query } from '../../src/database/query.ts';
import { changePolicy } from '../../src/organizations/change-policy.ts';
import { ask, signIn, type TestUser } from '../oidc/hub.ts';
import { post, textOf } from '../portal/portal-hub.ts';
import { ctxIn } from '../second-factor/world.ts';
import {
  actionsAbout,
  atSignIn,
  FIREFOX,
  idleFor,
  mailsTo,
  openFor,
  SAFARI,
  startSessionHub,
  type SessionHub,
} from './session-hub.ts';

let hub: SessionHub;
beforeAll(async () => {
  hub = await startSessionHub();
});
afterAll(() => hub.hub.stop());

let numbered = 0;
const aPerson = () => hub.person({ email: `person.${++numbered}@noordzee.example` });
const refresh = (tokens: { refresh_token?: string | undefined }) =>
  client.refreshTokenGrant(hub.config, tokens.refresh_token ?? '');
const refused = { error: 'invalid_grant' };

/** Signed in to the portal and to an application, in one browser. */
async function signedIn(user: TestUser, userAgent = FIREFOX) {
  const browser = hub.newBrowser(userAgent);
  const tokens = await signIn(hub.config, browser, user);
  return { browser, tokens };
}

describe('a session', () => {
  it('is shown to its person with browser, network, times and applications, this one marked', async () => {
    const user = await aPerson();
    const { browser } = await signedIn(user);
    await signedIn(user, SAFARI);
    const text = textOf(await browser.open('/portal/security'));
    expect(text).toContain('Firefox on Windows This session');
    expect(text).toContain('Safari on iPhone');
    expect(text).toContain('127.0.0.0/24');
    expect(text).toContain('e-MassPost');
    expect(text).toContain(`You have no second step yet`);
  });

  it('ends with one click in another browser: portal, authorize and refresh; the others stay', async () => {
    const user = await aPerson();
    const mine = await signedIn(user);
    const lost = await signedIn(user, SAFARI);
    const page = await mine.browser.open('/portal/security');
    const [, uid = ''] = /name="session" value="([^"]+)"/.exec(page.html) ?? [];
    const done = await post(mine.browser, page, '/portal/security/sessions/end', { session: uid });
    expect(textOf(done)).toContain('The session has been ended.');
    expect(atSignIn(await lost.browser.open('/portal'))).toBe(true);
    await expect(refresh(lost.tokens)).rejects.toMatchObject(refused);
    await expect(refresh(mine.tokens)).resolves.toBeDefined();
    expect(await actionsAbout(user)).toContain('session.ended');
  });

  it('of somebody else is ended by nobody', async () => {
    const [one, other] = [await aPerson(), await aPerson()];
    const mine = await signedIn(one);
    await signedIn(other);
    const [row] = await query<{ uid: string }>('select uid from sessions where user_id = $1', [other.userId]);
    const page = await mine.browser.open('/portal/security');
    await post(mine.browser, page, '/portal/security/sessions/end', { session: row?.uid ?? '' });
    const [left] = await query('select 1 from sessions where user_id = $1 and ended_at is null', [other.userId]);
    expect(left).toBeDefined();
  });

  it('ends everywhere else at once, and the person is told by mail', async () => {
    const user = await aPerson();
    const mine = await signedIn(user);
    const others = [await signedIn(user, SAFARI), await signedIn(user)];
    const page = await mine.browser.open('/portal/security');
    const done = await post(mine.browser, page, '/portal/security/sessions/end-others');
    expect(textOf(done)).toContain('You have been signed out everywhere else.');
    for (const { browser, tokens } of others) {
      await expect(refresh(tokens)).rejects.toMatchObject(refused);
      expect(atSignIn(await browser.open('/portal'))).toBe(true);
    }
    await expect(refresh(mine.tokens)).resolves.toBeDefined();
    expect((await mailsTo(user)).at(-1)).toBe('sessions_ended');
  });

  it('that ended is not brought back by a request that was still under way', async () => {
    const user = await aPerson();
    const { browser } = await signedIn(user);
    await query('update sessions set ended_at = now() where user_id = $1', [user.userId]);
    expect(atSignIn(await browser.open('/portal'))).toBe(true);
    expect((await browser.open((await ask(hub.config, { prompt: 'none' })).url)).url.searchParams.get('error')).toBe(
      'login_required',
    );
  });
});

describe('the limits of a session', () => {
  it('end a user after eight idle hours at every door, and not before', async () => {
    const user = await aPerson();
    const { browser, tokens } = await signedIn(user);
    await idleFor(user, 479);
    expect((await browser.open('/portal')).status).toBe(200);
    await idleFor(user, 481);
    expect(atSignIn(await browser.open('/portal/details'))).toBe(true);
    await expect(refresh(tokens)).rejects.toMatchObject(refused);
    expect((await browser.open((await ask(hub.config, { prompt: 'none' })).url)).url.searchParams.get('error')).toBe(
      'login_required',
    );
  });

  it('end an administrator after thirty idle minutes, and bring him back to the page he asked for', async () => {
    const user = await hub.withApp({ right: 'manage_users' });
    const { browser } = await hub.visit(user);
    await idleFor(user, 31);
    const asked = await browser.open('/portal/history');
    expect(atSignIn(asked)).toBe(true);
    const back = await hub.through(browser, user, asked);
    expect([back.status, back.url.pathname]).toEqual([200, '/portal/history']);
  });

  it('count from the use of an application as well, but not from asking how long is left', async () => {
    const user = await aPerson();
    const { browser, tokens } = await signedIn(user);
    const used = async () =>
      (
        await query<{ at: Date }>('select used_at as at from sessions where user_id = $1', [user.userId])
      )[0]?.at.getTime() ?? 0;
    await idleFor(user, 100);
    const before = await used();
    const clock = JSON.parse((await browser.open('/portal/session')).html) as { endsIn: number; final: boolean };
    expect(await used()).toBe(before);
    expect(clock.final).toBe(false);
    expect(clock.endsIn).toBeGreaterThan(379 * 60);
    expect(clock.endsIn).toBeLessThanOrEqual(380 * 60);
    await refresh(tokens);
    expect(await used()).toBeGreaterThan(before);
  });

  it('are noted at most once a minute', async () => {
    const user = await aPerson();
    const { browser } = await signedIn(user);
    const version = async () =>
      (await query<{ x: string }>('select xmin::text as x from sessions where user_id = $1', [user.userId]))[0]?.x;
    const before = await version();
    await browser.open('/portal');
    await browser.open('/portal/details');
    expect(await version()).toBe(before);
  });

  it('end everybody after a day, however busy', async () => {
    const user = await aPerson();
    const { browser, tokens } = await signedIn(user);
    await openFor(user, 24 * 60 + 1);
    expect(atSignIn(await browser.open('/portal'))).toBe(true);
    await expect(refresh(tokens)).rejects.toMatchObject(refused);
  });

  it('are the organization’s to set, within bounds, and count at once', async () => {
    const organizationId = hub.hub.organizationId;
    const user = await aPerson();
    const { browser } = await signedIn(user);
    await idleFor(user, 20);
    await changePolicy(ctxIn(organizationId), { idleMinutesUsers: 15 });
    expect(atSignIn(await browser.open('/portal'))).toBe(true);
    await changePolicy(ctxIn(organizationId), { idleMinutesUsers: 480 });
    for (const wrong of [
      { idleMinutesUsers: 4 },
      { idleMinutesAdministrators: 121 },
      { sessionHours: 25 },
      { sessionHours: 1.5 },
    ])
      await expect(changePolicy(ctxIn(organizationId), wrong)).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('are announced on the page, with a way to stay', async () => {
    const user = await aPerson();
    const { browser } = await signedIn(user);
    const page = await browser.open('/portal');
    expect(page.html).toMatch(/data-session="\/portal\/session" data-ends-in="\d+" data-final="false"/);
    expect((await post(browser, page, '/portal/session')).status).toBe(204);
  });
});

describe('the mails about one’s own security', () => {
  it('tell of a sign-in in a new browser, but not of the first one and not twice', async () => {
    const user = await aPerson();
    const first = hub.newBrowser();
    await signIn(hub.config, first, user);
    expect(await mailsTo(user)).toEqual([]);
    const second = hub.newBrowser(SAFARI);
    await signIn(hub.config, second, user);
    expect(await mailsTo(user)).toEqual(['new_device']);
    await signIn(hub.config, second, user, { prompt: 'login' });
    await signIn(hub.config, first, user, { prompt: 'login' });
    expect(await mailsTo(user)).toEqual(['new_device']);
  });
});

describe('what a session is called', () => {
  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0',
      'Edge',
      'Windows',
    ],
    [
      'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
      'Chrome',
      'ChromeOS',
    ],
    [
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
      'Samsung Internet',
      'Android',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
      'Safari',
      'macOS',
    ],
    ['curl/8.14.1', null, null],
  ])('%s', (userAgent, browser, platform) => {
    expect(deviceWords(userAgent)).toEqual({ browser, platform });
  });

  it('never says more of an address than its network', () => {
    expect(shownPrefix('192.0.2.77')).toBe('192.0.2.0/24');
    expect(shownPrefix('::ffff:192.0.2.77')).toBe('192.0.2.0/24');
    expect(shownPrefix('2001:db8:7:99::1')).toBe('2001:db8:7::/48');
    expect(shownPrefix('::1')).toBe('::/48');
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 255 }), (address, last) => {
        const changed = [...address.split('.').slice(0, 3), String(last)].join('.');
        return shownPrefix(address) === shownPrefix(changed);
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.string(), (text) => shownPrefix(text) === null || /\/(24|48)$/.test(shownPrefix(text) ?? '')),
      { numRuns: 200 },
    );
  });
});
