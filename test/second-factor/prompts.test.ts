import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listFactors, removeFactor, renamePasskey } from '../../src/credentials/manage-factors.ts';
import {
  approveFactorReset,
  denyFactorReset,
  listFactorResets,
  resetFactors,
} from '../../src/credentials/reset-factors.ts';
import { changeSecondFactorPolicy } from '../../src/credentials/second-factor-policy.ts';
import { acceptTerms, currentTerms, publishTerms } from '../../src/credentials/terms.ts';
import { query } from '../../src/database/query.ts';
import { addOrganization, typeIn } from '../oidc/hub.ts';
import { passkeyForm, SoftwareAuthenticator } from './software-authenticator.ts';
import { atApplication, codeNow, ctxIn, ctxOf, seedOn, startWorld, timePasses, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.hub.stop());

const TEXTS = {
  nl: 'Eerste lid.\n\nTweede <b>lid</b>.',
  fr: 'Premier alinéa.',
  de: 'Erster Absatz.',
  en: 'First paragraph.\n\nSecond <b>paragraph</b>.',
};

describe('the terms of an organization', () => {
  it('are accepted before there is a code, once a version, in the language of the person', async () => {
    const organizationId = await addOrganization('With terms');
    const user = await world.person({ organizationId });
    const ctx = ctxIn(organizationId);
    expect(await currentTerms(ctx)).toBeUndefined();
    expect(await publishTerms(ctx, TEXTS)).toBe(1);
    const { browser, page, request } = await world.afterPassword(user);
    expect(page.html).toContain('Tweede &lt;b&gt;lid&lt;/b&gt;.');
    expect((await world.open({ prompt: 'none' }, browser)).page.url.searchParams.get('error')).toBe(
      'interaction_required',
    );
    const done = await browser.submit(page, { choice: 'accept' });
    expect((await world.tokens(done, request)).claims()?.sub).toBe(user.sub);
    expect(atApplication((await world.open({}, browser)).page)).toBe(true);
    await publishTerms(ctx, { ...TEXTS, nl: 'Nieuw.' });
    expect((await world.open({}, browser)).page.html).toContain('Nieuw.');
    const rows = await query('select version from terms_acceptances where user_id = $1', [user.userId]);
    expect(rows).toEqual([{ version: 1 }]);
  });

  it('may be declined: the application is told', async () => {
    const organizationId = await addOrganization('Declined');
    await publishTerms(ctxIn(organizationId), TEXTS);
    const { browser, page } = await world.afterPassword(await world.person({ organizationId }));
    const back = await browser.submit(page, { choice: 'decline' });
    expect(back.url.searchParams.get('error')).toBe('access_denied');
  });

  it('that were replaced while somebody read them are shown anew', async () => {
    const organizationId = await addOrganization('Replaced');
    const ctx = ctxIn(organizationId);
    await publishTerms(ctx, TEXTS);
    const { browser, page } = await world.afterPassword(await world.person({ organizationId }));
    await publishTerms(ctx, { ...TEXTS, nl: 'Tweede versie.' });
    const anew = await browser.submit(page, { choice: 'accept' });
    expect(anew.status).toBe(409);
    expect(anew.html).toContain('Tweede versie.');
    expect(atApplication(await browser.submit(anew, { choice: 'accept' }))).toBe(true);
  });

  it('need all four languages, and a chief or the operator to publish them', async () => {
    const user = await world.person({ right: 'manage_users' });
    await expect(publishTerms(ctxOf(user), TEXTS)).rejects.toMatchObject({ code: 'not_permitted' });
    const organizationId = await addOrganization('Half');
    await expect(publishTerms(ctxIn(organizationId), { ...TEXTS, de: ' ' })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { issues: [{ path: 'texts.de' }] },
    });
    await expect(
      acceptTerms(ctxIn(organizationId), { organizationId, userId: user.userId, version: 3 }),
    ).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('prompt=select_account', () => {
  it('shows who is signed in and goes on as he', async () => {
    const user = await world.person();
    const { browser } = await world.afterPassword(user);
    const { page, request } = await world.open({ prompt: 'select_account' }, browser);
    expect(page.html).toContain(user.userName);
    expect(page.html).not.toContain('type="password"');
    expect((await world.tokens(await browser.submit(page), request)).claims()?.sub).toBe(user.sub);
  });

  it('lets somebody else sign in instead', async () => {
    const [first, second] = [await world.person(), await world.person()];
    const { browser } = await world.afterPassword(first);
    const { page, request } = await world.open({ prompt: 'select_account' }, browser);
    const form = await browser.open(`${page.url.pathname}?switch=yes`);
    let done = await typeIn(browser, form, second);
    if (done.html.includes('name="logout"')) done = await browser.submit(done);
    expect((await world.tokens(done, request)).claims()?.sub).toBe(second.sub);
  });

  it('is the sign-in page where nobody is signed in, with the name of login_hint in it', async () => {
    const user = await world.person();
    const { browser, page, request } = await world.open({ prompt: 'select_account', login_hint: user.userName });
    expect(page.html).toContain(`value="${user.userName}"`);
    expect((await world.tokens(await typeIn(browser, page, user), request)).claims()?.sub).toBe(user.sub);
  });
});

describe('login_hint', () => {
  it('that names somebody else than who is signed in leaves the choice to him', async () => {
    const [first, second] = [await world.person(), await world.person()];
    const { browser } = await world.afterPassword(first);
    const asked = { login_hint: second.userName };
    const { page, request } = await world.open(asked, browser);
    expect(page.html).toContain('De applicatie verwacht een andere account');
    expect(page.html).not.toContain(second.userName);
    expect((await world.tokens(await browser.submit(page), request)).claims()?.sub).toBe(first.sub);
    const silent = await world.open({ ...asked, prompt: 'none' }, browser);
    expect(silent.page.url.searchParams.get('error')).toBe('account_selection_required');
    const again = await world.open(asked, browser);
    const form = await browser.open(`${again.page.url.pathname}?switch=yes`);
    expect(form.html).toContain(`value="${second.userName}"`);
    let done = await typeIn(browser, form, second);
    if (done.html.includes('name="logout"')) done = await browser.submit(done);
    expect((await world.tokens(done, again.request)).claims()?.sub).toBe(second.sub);
  });

  it('that names who is signed in, by username or address in any case, asks nothing', async () => {
    const user = await world.person();
    const { browser } = await world.afterPassword(user);
    for (const login_hint of [user.userName, ` ${user.userName.toUpperCase()}`, '']) {
      const { page } = await world.open({ login_hint }, browser);
      expect(atApplication(page)).toBe(true);
    }
  });

  it('comes with the name of another organization to one page, that of the sign-in', async () => {
    const [here, organizationId] = [await world.person(), await addOrganization('Hinted')];
    const there = await world.person({ organizationId });
    const { browser } = await world.afterPassword(here);
    const { page, request } = await world.open({ login_hint: there.userName, organization: organizationId }, browser);
    expect(page.html).toContain(`value="${there.userName}"`);
    let done = await typeIn(browser, page, there);
    if (done.html.includes('name="logout"')) done = await browser.submit(done);
    expect((await world.tokens(done, request)).claims()?.sub).toBe(there.sub);
  });

  it('comes with prompt=login to one page, that of the sign-in', async () => {
    const [first, second] = [await world.person(), await world.person()];
    const { browser } = await world.afterPassword(first);
    const { page } = await world.open({ login_hint: second.userName, prompt: 'login' }, browser);
    expect(page.html).toContain('type="password"');
    expect(page.html).toContain(`value="${second.userName}"`);
  });
});

describe('prompt=enrol_factor', () => {
  it('lets somebody who is signed in set up a factor, or leave it', async () => {
    const user = await world.person();
    const { browser } = await world.afterPassword(user);
    const later = await world.open({ prompt: 'enrol_factor' }, browser);
    expect(atApplication(await browser.submit(later.page, { choice: 'skip' }))).toBe(true);
    const { page, request } = await world.open({ prompt: 'enrol_factor' }, browser);
    const codes = await browser.submit(page, { code: codeNow(seedOn(page)) });
    const tokens = await world.tokens(await browser.submit(codes), request);
    expect(tokens.claims()).toMatchObject({ sub: user.sub, acr: 'urn:mandate:acr:2' });
  });

  it('asks for the factor that he has before another one', async () => {
    const user = await world.withApp();
    const { browser } = await world.signInWithApp(user, undefined, { remember: 'yes' });
    await timePasses(user);
    const low = await world.afterPassword(user, { prompt: 'login' }, browser);
    expect(atApplication(low.page)).toBe(true);
    const { page } = await world.open({ prompt: 'enrol_factor' }, browser);
    expect(page.url.pathname).toMatch(/\/second-factor$/);
  });

  it('asks for the password where the sign-in is not fresh', async () => {
    const user = await world.person();
    const { browser } = await world.afterPassword(user);
    await query(
      "update oidc_artefacts set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload ->> 'loginTs')::int - 1000)) where model = 'Session' and user_id = $1",
      [user.userId],
    );
    expect((await world.open({ prompt: 'enrol_factor' }, browser)).page.html).toContain('type="password"');
  });
});

describe('a lost second factor', () => {
  /** Asks on the page, after the password. */
  async function asks(user: Parameters<World['afterPassword']>[0]) {
    const { browser, page } = await world.afterPassword(user);
    const form = await browser.open(page.url.pathname.replace('/second-factor', '/lost-factor'));
    const asked = await browser.submit(form, { reason: 'It fell into the harbor' });
    return { browser, form, asked };
  }

  it('is taken away once an administrator approves; then the person sets up a new one', async () => {
    const organizationId = await addOrganization('Lost and found');
    const chief = await world.person({ organizationId, right: 'chief_administrator' });
    const user = await world.withApp({ organizationId, right: 'manage_users' });
    const { browser } = await world.signInWithApp(user);
    const { form, asked } = await asks(user);
    expect(form.html).toContain('<textarea');
    expect(asked.html).not.toContain('<textarea');
    const [request, ...others] = await listFactorResets(ctxOf(chief));
    expect(others).toEqual([]);
    expect(request).toMatchObject({ userId: user.userId, reason: 'It fell into the harbor' });
    await approveFactorReset(ctxOf(chief), request?.id ?? '');
    expect(await listFactorResets(ctxOf(chief))).toEqual([]);
    expect((await world.open({ prompt: 'none' }, browser)).page.url.searchParams.get('error')).toBe('login_required');
    expect((await world.afterPassword(user)).page.url.pathname).toMatch(/\/enrol$/);
  });

  it('stays when the request is denied, and the person may ask again', async () => {
    const organizationId = await addOrganization('Denied');
    const chief = await world.person({ organizationId, right: 'chief_administrator' });
    const user = await world.withApp({ organizationId });
    await asks(user);
    await asks(user);
    const [request, ...others] = await listFactorResets(ctxOf(chief));
    expect(others).toEqual([]);
    await denyFactorReset(ctxOf(chief), request?.id ?? '');
    await expect(approveFactorReset(ctxOf(chief), request?.id ?? '')).rejects.toMatchObject({ code: 'not_found' });
    expect((await asks(user)).form.html).toContain('<textarea');
  });

  it('is not decided by himself, by a lower rank, by nobody in particular or from elsewhere', async () => {
    const organizationId = await addOrganization('Ranks');
    const chief = await world.withApp({ organizationId, right: 'chief_administrator' });
    const other = await world.person({ organizationId, right: 'manage_administrators' });
    const plain = await world.person({ organizationId });
    const stranger = await world.person({ right: 'chief_administrator' });
    await asks(chief);
    const [request] = await listFactorResets(ctxIn(organizationId));
    const id = request?.id ?? '';
    await expect(approveFactorReset(ctxOf(chief), id)).rejects.toMatchObject({ code: 'not_permitted' });
    await expect(approveFactorReset(ctxOf(other), id)).rejects.toMatchObject({ code: 'rank_too_low' });
    await expect(approveFactorReset(ctxOf(plain), id)).rejects.toMatchObject({ code: 'not_permitted' });
    await expect(approveFactorReset(ctxOf(stranger), id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(resetFactors(ctxOf(other), chief.userId)).rejects.toMatchObject({ code: 'rank_too_low' });
    await approveFactorReset({ ...ctxIn(organizationId), actor: { kind: 'operator', id: 'o', label: 'Operator' } }, id);
    expect((await listFactors(ctxIn(organizationId), chief.userId)).factors).toEqual([]);
  });

  it('cannot be asked about without the password', async () => {
    const { browser, page } = await world.open();
    expect((await browser.open(`${page.url.pathname}/lost-factor`)).html).toContain('type="password"');
  });
});

describe('a person’s factors', () => {
  it('are listed, renamed and taken away by himself, but not the last one of who must have one', async () => {
    const admin = await world.withApp({ right: 'manage_users' });
    const { browser } = await world.signInWithApp(admin);
    const { page } = await world.open({ prompt: 'enrol_factor' }, browser);
    const device = new SoftwareAuthenticator(world.hub.origin);
    await browser.submit(passkeyForm(page), { credential: device.create(page) });
    const ctx = ctxOf(admin);
    const { factors, required, recoveryCodes } = await listFactors(ctx, admin.userId);
    expect([factors.map(({ kind, name }) => [kind, name]), required, recoveryCodes]).toEqual([
      [
        ['totp', ''],
        ['passkey', 'Passkey'],
      ],
      true,
      10,
    ]);
    const [app, passkey] = factors;
    const own = { userId: admin.userId };
    await renamePasskey(ctx, { ...own, factorId: passkey?.id ?? '', name: ' Telephone ' });
    await expect(renamePasskey(ctx, { ...own, factorId: app?.id ?? '', name: 'App' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await removeFactor(ctx, { ...own, factorId: app?.id ?? '' });
    expect((await listFactors(ctx, admin.userId)).factors).toMatchObject([{ kind: 'passkey', name: 'Telephone' }]);
    await expect(removeFactor(ctx, { ...own, factorId: passkey?.id ?? '' })).rejects.toMatchObject({
      code: 'not_permitted',
      details: { reason: 'last_factor' },
    });
    const colleague = ctxOf(await world.person({ right: 'manage_users' }));
    await expect(removeFactor(colleague, { ...own, factorId: passkey?.id ?? '' })).rejects.toMatchObject({
      code: 'not_permitted',
    });
  });

  it('may all go where nobody asks for one, with the recovery codes', async () => {
    const user = await world.withApp();
    const [factor] = (await listFactors(ctxOf(user), user.userId)).factors;
    await removeFactor(ctxOf(user), { userId: user.userId, factorId: factor?.id ?? '' });
    expect(await listFactors(ctxOf(user), user.userId)).toEqual({ factors: [], recoveryCodes: 0, required: false });
    expect(atApplication((await world.afterPassword(user)).page)).toBe(true);
  });
});

describe('the rule of an organization', () => {
  it('is a chief’s or the operator’s to change, and names rules and applications that exist', async () => {
    const organizationId = await addOrganization('Rules');
    const chief = await world.person({ organizationId, right: 'chief_administrator' });
    const admin = await world.person({ organizationId, right: 'manage_users' });
    await expect(changeSecondFactorPolicy(ctxOf(admin), { rule: 'everyone' })).rejects.toMatchObject({
      code: 'not_permitted',
    });
    expect(await changeSecondFactorPolicy(ctxOf(chief), { rule: 'everyone' })).toEqual({
      rule: 'everyone',
      applications: {},
    });
    await expect(
      changeSecondFactorPolicy(ctxOf(chief), { applications: { nothing: 'everyone' } }),
    ).rejects.toMatchObject({
      code: 'unknown_application',
    });
    const wrong = { rule: 'nobody' } as unknown as Parameters<typeof changeSecondFactorPolicy>[1];
    await expect(changeSecondFactorPolicy(ctxOf(chief), wrong)).rejects.toMatchObject({ code: 'invalid_input' });
  });
});
