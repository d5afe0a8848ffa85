import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import type { Browser, Page } from '../oidc/browser.ts';
import { addOrganization, typeIn, type TestUser } from '../oidc/hub.ts';
import { optionsOf, passkeyForm, SoftwareAuthenticator } from './software-authenticator.ts';
import { atApplication, codeNow, codesOn, startWorld, timePasses, wrongCode, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.hub.stop());

/** An administrator who sets up a passkey as his first second factor. */
async function withPasskey(input: Parameters<World['person']>[0] = {}) {
  const user = await world.person({ right: 'manage_users', ...input });
  const device = new SoftwareAuthenticator(world.hub.origin);
  const { browser, page, request } = await world.afterPassword(user);
  const codes = await browser.submit(passkeyForm(page), { credential: device.create(page) });
  expect(codesOn(codes)).toHaveLength(10);
  return { user, device, browser, tokens: await world.tokens(await browser.submit(codes), request) };
}

const give = (browser: Browser, page: Page, credential: string): Promise<Page> =>
  browser.submit(passkeyForm(page), { credential });

describe('a passkey', () => {
  it('is set up with user verification, as a discoverable credential, without attestation', async () => {
    const user = await world.person({ right: 'manage_users' });
    const { page } = await world.afterPassword(user);
    expect(optionsOf(page, 'create')).toMatchObject({
      rp: { id: 'localhost', name: 'Business Portal' },
      user: { id: user.sub, name: user.userName, displayName: 'Anke Smets' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
  });

  it('counts as both factors when it is set up', async () => {
    const { user, tokens } = await withPasskey();
    expect(tokens.claims()).toMatchObject({ sub: user.sub, acr: 'phr' });
  });

  it('signs in alone: no username, no password', async () => {
    const { user, device } = await withPasskey();
    const { browser, page, request } = await world.open();
    expect(page.html).toContain('autocomplete="username webauthn"');
    expect(optionsOf(page, 'get')).toMatchObject({ userVerification: 'required', rpId: 'localhost' });
    const done = await give(browser, page, device.get(page));
    const tokens = await world.tokens(done, request);
    expect(tokens.claims()).toMatchObject({ sub: user.sub, acr: 'phr', amr: ['pop', 'user', 'mfa'] });
  });

  it('confirms a password as well', async () => {
    const { user, device } = await withPasskey();
    const { browser, page, request } = await world.afterPassword(user);
    expect(page.url.pathname).toMatch(/\/second-factor$/);
    const done = await give(browser, page, device.get(page));
    expect((await world.tokens(done, request)).claims()?.amr).toEqual(['pwd', 'pop', 'user', 'mfa']);
  });

  it.each([
    ['of another origin', { origin: 'https://portal.evil.example' }],
    ['for another host', { rpId: 'evil.example' }],
    ['without user verification', { verified: false }],
    ['with a challenge of its own', { challenge: Buffer.alloc(54, 1).toString('base64url') }],
    ['that counts backwards', { counter: 1 }],
  ])('%s is refused', async (_what, bent) => {
    const { device } = await withPasskey();
    const { browser, page } = await world.open();
    const refused = await give(browser, page, device.get(page, bent));
    expect(refused.status).toBe(422);
    expect(browser.cookie('session')).toBeUndefined();
  });

  it('that is broken or unknown is refused on the same page', async () => {
    const { browser, page } = await world.open();
    const stranger = new SoftwareAuthenticator(world.hub.origin);
    for (const credential of ['', '{', 'null', '{"id":1}', stranger.get(page)]) {
      const refused = await give(browser, page, credential);
      expect([credential.slice(0, 8), refused.status]).toEqual([credential.slice(0, 8), 422]);
    }
  });

  it('answers a challenge once, and only in the interaction that asked', async () => {
    const { device } = await withPasskey();
    const [one, other] = [await world.open(), await world.open()];
    const answer = device.get(one.page);
    expect((await give(other.browser, other.page, answer)).status).toBe(422);
    expect(atApplication(await give(one.browser, one.page, answer))).toBe(true);
    const third = await world.open();
    expect((await give(third.browser, third.page, answer)).status).toBe(422);
  });

  it('of two who answer the same challenge at once lets one in at most', async () => {
    const { device } = await withPasskey();
    const { browser, page } = await world.open();
    const answer = device.get(page);
    const pages = await Promise.all([
      give(browser, page, answer),
      give(browser, page, answer),
      give(browser, page, answer),
    ]);
    // The third may come when the sign-in is over already, which is not being let in.
    expect(pages.filter(atApplication).length).toBeLessThanOrEqual(1);
  });

  it('of a deactivated person, or of another organization than the link names, is refused', async () => {
    const { user, device } = await withPasskey();
    const elsewhere = await addOrganization('Passkeys elsewhere');
    const named = await world.open({ organization: elsewhere });
    expect((await give(named.browser, named.page, device.get(named.page))).status).toBe(422);
    await query('update users set active = false where id = $1', [user.userId]);
    const { browser, page } = await world.open();
    expect((await give(browser, page, device.get(page))).status).toBe(422);
  });

  it('of a colleague does not confirm somebody else’s password', async () => {
    const [{ user }, colleague] = [await withPasskey(), await withPasskey()];
    const { browser, page } = await world.afterPassword(user);
    expect((await give(browser, page, colleague.device.get(page))).status).toBe(422);
  });

  it('is registered once, whoever comes with it', async () => {
    const { user, device, browser } = await withPasskey();
    const { page } = await world.open({ prompt: 'enrol_factor' }, browser);
    const again = await give(browser, page, device.create(page));
    expect(again.status).toBe(422);
    const other: TestUser = await world.person({ right: 'manage_users' });
    const second = await world.afterPassword(other);
    expect((await give(second.browser, second.page, device.create(second.page))).status).toBe(422);
    expect(await query('select 1 from passkeys where user_id = $1', [user.userId])).toHaveLength(1);
  });
});

describe('an application that asks for more', () => {
  const stepUp = { acr_values: 'urn:mandate:acr:2' };

  it('lifts a session by the second factor alone, and keeps the time of its sign-in', async () => {
    const user = await world.withApp();
    const { browser } = await world.signInWithApp(user, undefined, { remember: 'yes' });
    const low = await world.afterPassword(user, { prompt: 'login' }, browser);
    const before = (await world.tokens(low.page, low.request)).claims();
    expect(before?.acr).toBe('urn:mandate:acr:1');
    await query(
      "update oidc_artefacts set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::int - 600)) where model = 'Session' and user_id = $1",
      [user.userId],
    );
    const lifted = await world.open(stepUp, browser);
    expect(lifted.page.url.pathname).toMatch(/\/second-factor$/);
    await timePasses(user);
    const done = await browser.submit(lifted.page, { code: codeNow(user.seed) });
    const after = (await world.tokens(done, lifted.request)).claims();
    expect(after).toMatchObject({ sub: user.sub, acr: 'urn:mandate:acr:2', amr: ['pwd', 'otp', 'mfa'] });
    expect(after?.auth_time).toBe(Number(before?.auth_time) - 600);
  });

  it('gets the password asked again where the session is old', async () => {
    const user = await world.person();
    const { browser } = await world.afterPassword(user);
    await query(
      "update oidc_artefacts set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::int - 4000)) where model = 'Session' and user_id = $1",
      [user.userId],
    );
    const { page } = await world.open(stepUp, browser);
    expect(page.html).toContain('type="password"');
    expect(atApplication((await world.open({}, browser)).page)).toBe(true);
  });

  it('gets the password asked again sooner where a factor may be added', async () => {
    const [plain, app] = [await world.person(), await world.withApp()];
    const asked: [Browser, Record<string, string>][] = [
      [(await world.afterPassword(plain)).browser, stepUp],
      [(await world.signInWithApp(app)).browser, { acr_values: 'phr' }],
    ];
    const signedIn = (minutesAgo: number) =>
      query(
        `update oidc_artefacts set payload = jsonb_set(payload, '{loginTs}', to_jsonb(extract(epoch from now())::int - $2 * 60))
         where model = 'Session' and user_id = any($1)`,
        [[plain.userId, app.userId], minutesAgo],
      );
    for (const [browser, parameters] of asked) {
      await signedIn(10);
      expect((await world.open(parameters, browser)).page.url.pathname).toMatch(/\/enrol$/);
      await signedIn(20);
      expect((await world.open(parameters, browser)).page.html).toContain('type="password"');
    }
  });

  it('lets somebody without a second factor set one up', async () => {
    const user = await world.person();
    const { page } = await world.afterPassword(user, stepUp);
    expect(page.url.pathname).toMatch(/\/enrol$/);
  });

  it('is told the level by the name that it asked for', async () => {
    const user = await world.withApp();
    const { browser, page, request } = await world.afterPassword(user, {
      acr_values: 'phr https://refeds.org/profile/mfa',
    });
    const done = await browser.submit(page, { code: codeNow(user.seed) });
    expect((await world.tokens(done, request)).claims()?.acr).toBe('https://refeds.org/profile/mfa');
    const silent = await world.open({ prompt: 'none', acr_values: 'urn:mandate:acr:2' }, browser);
    expect((await world.tokens(silent.page, silent.request)).claims()?.acr).toBe('urn:mandate:acr:2');
  });

  it('finds the sign-in page again, also by its address, after five wrong codes', async () => {
    const user = await world.withApp();
    const { browser } = await world.signInWithApp(user, undefined, { remember: 'yes' });
    await world.afterPassword(user, { prompt: 'login' }, browser);
    const { page, request } = await world.open(stepUp, browser);
    for (let guess = 0; guess < 5; guess++) await browser.submit(page, { code: wrongCode(user.seed) });
    const again = await browser.open(`/sign-in/${page.url.pathname.split('/')[2] ?? ''}`);
    expect(again.html).toContain('type="password"');
    await timePasses(user);
    const code = await typeIn(browser, again, user);
    const done = await browser.submit(code, { code: codeNow(user.seed) });
    expect((await world.tokens(done, request)).claims()?.acr).toBe('urn:mandate:acr:2');
  });

  it('gets a passkey and nothing less for phr', async () => {
    const { user, device } = await withPasskey();
    const app = await world.withApp();
    const unphishable = await world.afterPassword(user, { acr_values: 'phr' });
    const done = await give(unphishable.browser, unphishable.page, device.get(unphishable.page));
    expect((await world.tokens(done, unphishable.request)).claims()?.acr).toBe('phr');
    const { browser, page } = await world.afterPassword(app, { acr_values: 'phr' });
    const enrol = await browser.submit(page, { code: codeNow(app.seed) });
    expect(enrol.url.pathname).toMatch(/\/enrol$/);
    expect(enrol.html).not.toContain('name="code"');
    expect(enrol.html).toContain('data-passkey="create"');
  });

  it('is answered interaction_required on prompt=none, and unmet_authentication_requirements for names nobody knows', async () => {
    const user = await world.person();
    const { browser } = await world.afterPassword(user);
    const silent = await world.open({ prompt: 'none', ...stepUp }, browser);
    expect(silent.page.url.searchParams.get('error')).toBe('interaction_required');
    for (const acr_values of ['urn:nobody:knows', 'constructor', '__proto__ toString']) {
      const { url } = (await world.open({ acr_values }, browser)).page;
      expect(url.searchParams.get('error')).toBe('unmet_authentication_requirements');
    }
  });

  it('gets the whole sign-in again once max_age is over', async () => {
    const user = await world.withApp();
    const { browser } = await world.signInWithApp(user);
    await query(
      "update oidc_artefacts set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::int - 120)) where model = 'Session' and user_id = $1",
      [user.userId],
    );
    expect(atApplication((await world.open({ max_age: '600' }, browser)).page)).toBe(true);
    const old = await world.afterPassword(user, { max_age: '60' }, browser);
    await timePasses(user);
    const done = await browser.submit(old.page, { code: codeNow(user.seed) });
    const tokens = await world.tokens(done, old.request);
    expect(Date.now() / 1000 - Number(tokens.claims()?.auth_time)).toBeLessThan(60);
  });

  it('finds the names in discovery', async () => {
    const metadata = world.config.serverMetadata();
    expect(metadata.acr_values_supported).toEqual(
      expect.arrayContaining(['urn:mandate:acr:1', 'urn:mandate:acr:2', 'phr', 'https://refeds.org/profile/mfa']),
    );
    expect(metadata.claims_supported).toEqual(expect.arrayContaining(['acr', 'amr', 'auth_time']));
  });
});
