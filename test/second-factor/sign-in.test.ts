import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { changePassword, giveTemporaryPassword } from '../../src/credentials/change-password.ts';
import { createLink } from '../../src/credentials/one-time-link.ts';
import { listSessions } from '../../src/credentials/list-sessions.ts';
import { changeSecondFactorPolicy } from '../../src/credentials/second-factor-policy.ts';
import { setPasswordByLink } from '../../src/credentials/set-password-by-link.ts';
import { storePassword } from '../../src/credentials/store-password.ts';
import { hashPassword } from '../../src/credentials/password-hash.ts';
import { query } from '../../src/database/query.ts';
import { addOrganization, PASSWORD, systemCtx, typeIn, type TestUser } from '../oidc/hub.ts';
import {
  atApplication,
  codeNow,
  codesOn,
  ctxIn,
  ctxOf,
  seedOn,
  startWorld,
  timePasses,
  wrongCode,
  type World,
} from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.hub.stop());
beforeEach(() => query('delete from sign_in_throttles'));

describe('somebody with an authenticator app', () => {
  it('gives its code after the password; before that there is no session', async () => {
    const user = await world.withApp();
    const { browser, page, request } = await world.afterPassword(user);
    expect(page.url.pathname).toMatch(/\/second-factor$/);
    expect(browser.cookie('session')).toBeUndefined();
    const done = await browser.submit(page, { code: codeNow(user.seed) });
    const tokens = await world.tokens(done, request);
    expect(tokens.claims()).toMatchObject({ sub: user.sub, acr: 'urn:mandate:acr:2', amr: ['pwd', 'otp', 'mfa'] });
  });

  it('is told that a code is wrong, at its field, and may try again', async () => {
    const user = await world.withApp();
    const { browser, page, request } = await world.afterPassword(user);
    const failed = await browser.submit(page, { code: wrongCode(user.seed) });
    expect(failed.status).toBe(422);
    expect(failed.html).toContain('href="#code"');
    expect((await browser.submit(failed, { code: '' })).status).toBe(422);
    const done = await browser.submit(failed, { code: codeNow(user.seed) });
    expect((await world.tokens(done, request)).claims()?.sub).toBe(user.sub);
  });

  it('types the password again after five wrong codes', async () => {
    const user = await world.withApp();
    const { browser, page } = await world.afterPassword(user);
    let failed = page;
    for (let guess = 0; guess < 5; guess++) failed = await browser.submit(page, { code: wrongCode(user.seed) });
    expect(failed.html).toContain('type="password"');
    const late = await browser.submit(page, { code: codeNow(user.seed) });
    expect(late.html).toContain('type="password"');
    expect(browser.cookie('session')).toBeUndefined();
  });

  it('is slowed down over many sign-ins: a right password does not forgive wrong codes', async () => {
    const user = await world.withApp();
    for (let guess = 0; guess < 6; guess++) {
      const { browser, page } = await world.afterPassword(user);
      await browser.submit(page, { code: wrongCode(user.seed) });
    }
    await query("update sign_in_throttles set blocked_until = now() + interval '1 minute' where kind = 'name'");
    const { browser, page } = await world.afterPassword(user);
    const slowed = await browser.submit(page, { code: codeNow(user.seed) });
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('gives it before he may replace a temporary password', async () => {
    const user = await world.withApp();
    const hash = await hashPassword('for one day only, please');
    await storePassword(systemCtx(), { ...user, hash, temporaryUntil: new Date(Date.now() + 3_600_000) });
    const { browser, page } = await world.open();
    const asked = await typeIn(browser, page, user, 'for one day only, please');
    expect(asked.url.pathname).toMatch(/\/second-factor$/);
    const change = await browser.submit(asked, { code: codeNow(user.seed) });
    expect(change.url.pathname).toMatch(/\/password$/);
    const own = 'seven gulls above grey water';
    expect(atApplication(await browser.submit(change, { new_password: own, confirm_password: own }))).toBe(true);
  });

  it('cannot set up another one with the password alone', async () => {
    const user = await world.withApp();
    const { browser, page } = await world.afterPassword(user);
    const path = page.url.pathname.replace('/second-factor', '');
    expect((await browser.open(`${path}/enrol`)).url.pathname).toMatch(/\/second-factor$/);
    const posted = await browser.submit(
      { ...page, html: page.html.replace('/second-factor"', '/enrol"') },
      { code: '1' },
    );
    expect(posted.url.pathname).toMatch(/\/second-factor$/);
  });
});

describe('a sign-in under way', () => {
  const NEW = 'lighthouse keepers count waves';
  const recover = async ({ organizationId, userId }: TestUser) => {
    const { token } = await createLink(systemCtx(), { organizationId, userId, purpose: 'recovery' });
    await setPasswordByLink(systemCtx(), { token, password: NEW });
  };

  it('that waits for the second factor ends with a new password', async () => {
    const user = await world.withApp();
    const { browser, page } = await world.afterPassword(user);
    await recover(user);
    await timePasses(user);
    const refused = await browser.submit(page, { code: codeNow(user.seed) });
    expect(refused.html).toContain('type="password"');
    expect(browser.cookie('session')).toBeUndefined();
  });

  it('that waits for the organization does so too', async () => {
    const user = await world.person({ userName: 'in.two.companies' });
    await world.person({ userName: user.userName, organizationId: await addOrganization('The other company') });
    const { browser, page } = await world.afterPassword(user);
    expect(page.url.pathname).toMatch(/\/organization$/);
    await recover(user);
    const refused = await browser.submit(page, { organization: user.organizationId });
    expect(refused.html).toContain('type="password"');
    expect(browser.cookie('session')).toBeUndefined();
  });

  it('whose browser has only to go back to the application does so too', async () => {
    const user = await world.person();
    const { browser, page } = await world.open();
    const answer = await browser.send(page, { identifier: user.userName, password: PASSWORD });
    const back = answer.headers.get('location') ?? '';
    expect(back).toContain('/oidc/auth/');
    await recover(user);
    expect((await browser.open(back)).html).toContain('type="password"');
    expect((await browser.open('/portal/security')).html).not.toContain(user.userName);
  });

  it('with a temporary password ends when another one is given', async () => {
    const user = await world.person();
    const { password } = await giveTemporaryPassword(systemCtx(), user);
    const { browser, page } = await world.open();
    const change = await browser.submit(page, { identifier: user.userName, password });
    expect(change.url.pathname).toMatch(/\/password$/);
    await giveTemporaryPassword(systemCtx(), user);
    await browser.submit(change, { new_password: NEW, confirm_password: NEW });
    const [row] = await query('select 1 from passwords where user_id = $1 and temporary', [user.userId]);
    expect(row).toBeDefined();
  });
});

describe('a remembered device', () => {
  it('is not asked for 30 days, and says one factor only', async () => {
    const user = await world.withApp();
    const { browser } = await world.signInWithApp(user, undefined, { remember: 'yes' });
    const again = await world.afterPassword(user, { prompt: 'login' }, browser);
    const tokens = await world.tokens(again.page, again.request);
    expect(tokens.claims()).toMatchObject({ acr: 'urn:mandate:acr:1', amr: ['pwd'] });
    const other = await world.afterPassword(user);
    expect(other.page.url.pathname).toMatch(/\/second-factor$/);
  });

  it('is forgotten when the password changes, and is nobody else’s', async () => {
    const user = await world.withApp();
    const colleague = await world.withApp();
    const { browser } = await world.signInWithApp(user, undefined, { remember: 'yes' });
    expect((await world.afterPassword(colleague, { prompt: 'login' }, browser)).page.url.pathname).toMatch(
      /\/second-factor$/,
    );
    const sessionUid = (await listSessions(ctxOf(user), user.userId))[0]?.uid ?? '';
    const next = 'lighthouse keepers count waves';
    await changePassword(ctxOf(user), { ...user, current: PASSWORD, next, sessionUid });
    const { page } = await world.open({ prompt: 'login' }, browser);
    const typed = await browser.submit(page, { identifier: user.userName, password: next });
    expect(typed.url.pathname).toMatch(/\/second-factor$/);
  });

  it('does not exist for the operator’s staff', async () => {
    const user = await world.withApp({ organizationId: world.hub.operator });
    const { page } = await world.afterPassword(user);
    expect(page.html).not.toContain('name="remember"');
    const { browser } = await world.signInWithApp(user, undefined, { remember: 'yes' });
    const again = await world.afterPassword(user, { prompt: 'login' }, browser);
    expect(again.page.url.pathname).toMatch(/\/second-factor$/);
  });

  it('cannot be made up', async () => {
    const user = await world.withApp();
    const { browser } = await world.signInWithApp(user, undefined, { remember: 'yes' });
    const stolen = browser.cookie('remembered') ?? '';
    const other = world.hub.browser();
    other.setCookie(
      'remembered',
      stolen.replace(/^./, (first) => (first === 'z' ? 'y' : 'z')),
    );
    expect((await world.afterPassword(user, {}, other)).page.url.pathname).toMatch(/\/second-factor$/);
  });
});

describe('who must give a second factor and has none', () => {
  it.each(['chief_administrator', 'manage_administrators', 'manage_users'] as const)(
    '%s: sets one up before there is a code',
    async (right) => {
      const user = await world.person({ right });
      const { browser, page, request } = await world.afterPassword(user);
      expect(page.url.pathname).toMatch(/\/enrol$/);
      expect(browser.cookie('session')).toBeUndefined();
      expect((await browser.submit(page, { choice: 'skip' })).url.pathname).toMatch(/\/enrol$/);
      const seed = seedOn(page);
      const failed = await browser.submit(page, { code: wrongCode(seed) });
      expect(failed.status).toBe(422);
      expect(seedOn(failed)).toBe(seed);
      const codes = await browser.submit(failed, { code: codeNow(seed) });
      expect(codesOn(codes)).toHaveLength(10);
      const again = await browser.open(`${codes.url.pathname}?language=de`);
      expect(codesOn(again)).toEqual(codesOn(codes));
      const stored = JSON.stringify(await query('select payload from oidc_artefacts'));
      expect(stored).not.toContain(codesOn(codes)[0]);
      const tokens = await world.tokens(await browser.submit(codes), request);
      expect(tokens.claims()).toMatchObject({ sub: user.sub, acr: 'urn:mandate:acr:2' });
      const later = await world.afterPassword(user);
      expect(later.page.url.pathname).toMatch(/\/second-factor$/);
    },
  );

  it('the operator’s staff as well', async () => {
    const user = await world.person({ organizationId: world.hub.operator });
    expect((await world.afterPassword(user)).page.url.pathname).toMatch(/\/enrol$/);
  });

  it('an ordinary user not, unless his organization says so, for all or for one application', async () => {
    const organizationId = await addOrganization('Strict');
    const user = await world.person({ organizationId });
    expect(atApplication((await world.afterPassword(user)).page)).toBe(true);
    const ctx = ctxIn(organizationId);
    await changeSecondFactorPolicy(ctx, { rule: 'everyone' });
    expect((await world.afterPassword(user)).page.url.pathname).toMatch(/\/enrol$/);
    await changeSecondFactorPolicy(ctx, { rule: 'administrators', applications: { emasspost: 'everyone' } });
    expect((await world.afterPassword(user)).page.url.pathname).toMatch(/\/enrol$/);
    await changeSecondFactorPolicy(ctx, { applications: { emasspost: null, distriplanner: 'everyone' } });
    expect(atApplication((await world.afterPassword(user)).page)).toBe(true);
  });

  it('a session from before the rule is led there too, without the password again', async () => {
    const user = await world.person();
    const { browser } = await world.afterPassword(user);
    await world.giveRight(user, 'manage_users');
    const { page, request } = await world.open({}, browser);
    expect(page.url.pathname).toMatch(/\/enrol$/);
    const codes = await browser.submit(page, { code: codeNow(seedOn(page)) });
    expect((await world.tokens(await browser.submit(codes), request)).claims()?.acr).toBe('urn:mandate:acr:2');
    const silent = await world.open({ prompt: 'none' }, browser);
    expect(atApplication(silent.page)).toBe(true);
  });

  it('is refused without pages: prompt=none says interaction_required', async () => {
    const user = await world.person();
    const { browser } = await world.afterPassword(user);
    await world.giveRight(user, 'manage_users');
    const { page } = await world.open({ prompt: 'none' }, browser);
    expect(page.url.searchParams.get('error')).toBe('interaction_required');
  });

  it('finds the same seed when the page is loaded again, in another language or after a wrong code', async () => {
    const user = await world.person({ right: 'manage_users' });
    const { browser, page, request } = await world.afterPassword(user);
    const seed = seedOn(page);
    expect(seed).toMatch(/^[A-Z2-7]{32}$/);
    const french = await browser.open(`${page.url.pathname}?language=fr`);
    expect([french.html.includes('lang="fr"'), seedOn(french)]).toEqual([true, seed]);
    const wrong = await browser.submit(french, { code: wrongCode(seed) });
    expect([wrong.status, seedOn(wrong)]).toEqual([422, seed]);
    const codes = await browser.submit(wrong, { code: codeNow(seed) });
    expect((await world.tokens(await browser.submit(codes), request)).claims()?.acr).toBe('urn:mandate:acr:2');
  });

  it('is shown a seed of his own each time, which nobody else gets', async () => {
    const [one, other] = [await world.person({ right: 'manage_users' }), await world.person({ right: 'manage_users' })];
    const pages = [await world.afterPassword(one), await world.afterPassword(one), await world.afterPassword(other)];
    expect(new Set(pages.map(({ page }) => seedOn(page))).size).toBe(3);
    const [first, , third] = pages;
    const refused = await third?.browser.submit(third.page, { code: codeNow(seedOn(first?.page ?? third.page)) });
    expect(refused?.status).toBe(422);
  });
});

describe('a recovery code', () => {
  it('signs in once, and offers to set up a new app at once, or later', async () => {
    const admin = await world.person({ right: 'manage_users' });
    const enrolled = await world.afterPassword(admin);
    const shown = await enrolled.browser.submit(enrolled.page, { code: codeNow(seedOn(enrolled.page)) });
    const [first = '', second = ''] = codesOn(shown);
    expect(shown.headers.get('cache-control')).toBe('no-store');

    const { browser, page, request } = await world.afterPassword(admin);
    const asked = await browser.open(`${page.url.pathname}?method=recovery`);
    const offered = await browser.submit(asked, { code: first });
    expect(offered.url.pathname).toMatch(/\/enrol$/);
    const done = await browser.submit(offered, { choice: 'skip' });
    expect((await world.tokens(done, request)).claims()?.acr).toBe('urn:mandate:acr:2');

    const again = await world.afterPassword(admin);
    const refused = await again.browser.submit(await again.browser.open(`${again.page.url.pathname}?method=recovery`), {
      code: first,
    });
    expect(refused.status).toBe(422);
    const replace = await again.browser.submit(refused, { code: second });
    const codes = await again.browser.submit(replace, { code: codeNow(seedOn(replace)) });
    expect(codesOn(codes)).toHaveLength(10);
    expect(codesOn(codes)).not.toContain(first);
    expect(atApplication(await again.browser.submit(codes))).toBe(true);
  });
});

describe('the tokens', () => {
  it('say how and when the person was recognized, at refresh too', async () => {
    const user = await world.withApp();
    const { tokens } = await world.signInWithApp(user);
    const access = decodeJwt(tokens.access_token);
    expect(access).toMatchObject({ acr: 'urn:mandate:acr:2', amr: ['pwd', 'otp', 'mfa'] });
    expect(access['auth_time']).toBe(tokens.claims()?.auth_time);
    const { refreshTokenGrant } = await import('openid-client');
    const refreshed = await refreshTokenGrant(world.config, tokens.refresh_token ?? '');
    expect(decodeJwt(refreshed.access_token)).toMatchObject({
      acr: 'urn:mandate:acr:2',
      auth_time: access['auth_time'],
    });
  });

  it('say one factor after a password', async () => {
    const user = await world.person();
    const { page, request } = await world.afterPassword(user);
    expect((await world.tokens(page, request)).claims()).toMatchObject({ acr: 'urn:mandate:acr:1', amr: ['pwd'] });
    await timePasses(user);
  });
});
