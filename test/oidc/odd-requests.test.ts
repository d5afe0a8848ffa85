// What does not come the usual way: requests by POST, answers by a form, pages of a sign-in that is over, an answer "no" to
// signing out, and characters that no text may have. Each ends on a page that says what to do.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as client from 'openid-client';
import { query } from '../../src/database/query.ts';
import type { Browser, Page } from './browser.ts';
import { ask, CALLBACK, exchange, signIn, SOME_RIGHTS, startHub, typeIn, type TestHub, type TestUser } from './hub.ts';

let hub: TestHub;
let config: client.Configuration;
let secret: string;
const BYE = 'https://app.example/bye';

beforeAll(async () => {
  hub = await startHub();
  const made = await hub.register({ postLogoutRedirectUris: [BYE] });
  secret = made.clientSecret;
  config = await hub.relyingParty(made);
});
afterAll(() => hub.stop());

async function person() {
  const user = await hub.addUser();
  hub.hold(user.userId, SOME_RIGHTS);
  return user;
}
const endOf = ({ organizationId, userId }: TestUser) =>
  query(`delete from oidc_artefacts where model = 'Session' and organization_id = $1 and user_id = $2`, [
    organizationId,
    userId,
  ]);
const visitor = (): Browser => {
  const browser = hub.browser();
  browser.setCookie('language', 'en');
  return browser;
};
/** A form of somebody else's page, which posts here. */
const formTo = (address: URL, fields: Iterable<[string, string]>): Page => ({
  status: 200,
  url: address,
  headers: new Headers(),
  html: [
    `<form action="${address.origin}${address.pathname}">`,
    ...[...fields].map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${value.replaceAll('&', '&amp;')}">`,
    ),
  ].join(''),
});
const mainOf = (page: Page): string =>
  (/<main[\s\S]*<\/main>/.exec(page.html)?.[0] ?? '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ');
const actionOf = (page: Page): string => /<form[^>]*action="([^"]*)"/.exec(page.html)?.[1] ?? '';
const valueOf = (page: Page, name: string): string | undefined =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(page.html)?.[1];

describe('a request by POST', () => {
  it('is an authorization request like one by GET (OpenID Connect Core 3.1.2.1)', async () => {
    const [user, browser, request] = [await person(), visitor(), await ask(config)];
    const page = await browser.submit(formTo(request.url, request.url.searchParams));
    expect(page.html).toContain('type="password"');
    const tokens = await exchange(config, await typeIn(browser, page, user), request);
    expect(tokens.claims()?.sub).toBe(user.sub);
  });

  it('is refused like one by GET: a parameter that comes twice, one that is too long', async () => {
    const { url } = await ask(config);
    const post = (query: string) =>
      fetch(`${url.origin}${url.pathname}`, {
        method: 'POST',
        redirect: 'manual',
        body: query,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
      });
    const twice = await post(`${url.searchParams}&scope=openid`);
    const refused = new URL((await visitor().open(twice.headers.get('location') ?? '')).url);
    expect([refused.origin, refused.searchParams.get('error')]).toEqual([new URL(CALLBACK).origin, 'invalid_request']);
    expect((await post(`${url.searchParams}&login_hint=${'x'.repeat(9000)}`)).status).toBe(413);
    expect((await post(`${url.searchParams}&login_hint=a%00b`)).status).toBe(400);
  });

  it('signs out like one by GET (OpenID Connect RP-Initiated Logout 1.0)', async () => {
    const [user, browser] = [await person(), visitor()];
    const tokens = await signIn(config, browser, user);
    const fields = { id_token_hint: tokens.id_token ?? '', post_logout_redirect_uri: BYE, state: 'a b' };
    const asked = await browser.submit(formTo(new URL(`${hub.issuer}/session/end`), Object.entries(fields)));
    expect(mainOf(asked)).toContain('Sign out');
    expect((await browser.submit(asked, { logout: 'yes' })).url.href).toBe(`${BYE}?state=a+b`);
  });
});

describe('an answer by a form', () => {
  it('goes to the application from a page of ours, with its button where there is no script', async () => {
    const [user, browser] = [await person(), visitor()];
    await signIn(config, browser, user);
    const request = await ask(config, { response_mode: 'form_post', state: '"<&\'>' });
    const page = await browser.open(request.url);
    expect([page.status, actionOf(page)]).toEqual([200, CALLBACK]);
    expect(page.html).toContain('<html lang="en"');
    expect(mainOf(page)).toContain('If nothing happens, press the button.');
    expect(page.headers.get('content-security-policy')).toMatch(
      /script-src 'self';.*form-action 'self' https:\/\/app\.example/,
    );
    expect(valueOf(page, 'iss')).toBe(hub.issuer);
    expect(valueOf(page, 'state')).toBe('&#34;&lt;&amp;&#39;&gt;');
    expect(page.html).not.toContain('name="csrf"');
    const answer = new URL(
      `${CALLBACK}?${new URLSearchParams({ code: valueOf(page, 'code') ?? '', iss: hub.issuer })}`,
    );
    const tokens = await client.authorizationCodeGrant(config, answer, {
      pkceCodeVerifier: request.verifier,
      expectedState: client.skipStateCheck,
    });
    expect(tokens.claims()?.sub).toBe(user.sub);
  });

  it('tells an error the same way', async () => {
    const page = await visitor().open((await ask(config, { response_mode: 'form_post', prompt: 'none' })).url);
    expect([page.status, valueOf(page, 'error')]).toEqual([400, 'login_required']);
    expect(mainOf(page)).toContain('press the button');
  });
});

describe('signing out', () => {
  it('of nobody needs no question, and its page speaks the language of the visitor', async () => {
    const browser = hub.browser();
    browser.setCookie('language', 'fr');
    const page = await browser.open(`${hub.issuer}/session/end`);
    expect(page.html).toContain('<html lang="fr"');
    expect(mainOf(await browser.submit(page))).toContain('Vous êtes déconnecté');
  });

  it('that is declined says that one is still signed in, and of what one is signed out', async () => {
    const [user, browser] = [await person(), visitor()];
    const tokens = await signIn(config, browser, user);
    const stayed = await browser.submit(await browser.open(`${hub.issuer}/session/end`));
    expect(mainOf(stayed)).toContain('You are still signed in Nothing has changed');
    const url = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token ?? '' });
    const partly = await browser.submit(await browser.open(url));
    expect(mainOf(partly)).toContain('You are signed out of e-MassPost only.');
    const gone = await browser.submit(await browser.open(`${hub.issuer}/session/end`), { logout: 'yes' });
    expect(mainOf(gone)).toContain('You are signed out');
    expect(mainOf(await browser.open(gone.url))).toContain('You are signed out of the portal and of all applications');
  });
});

describe('a sign-in page', () => {
  it('that was finished, or is another browser’s, leads to a new start', async () => {
    const [user, browser] = [await person(), visitor()];
    const request = await ask(config);
    const page = await browser.open(request.url);
    await typeIn(browser, page, user);
    const done = await browser.open(page.url);
    expect([done.status, mainOf(done).includes('You are signed in already')]).toEqual([400, true]);
    const over = await visitor().open(page.url);
    expect([over.status, mainOf(over).includes('This sign-in is over')]).toEqual([400, true]);
    for (const { html } of [done, over]) expect(html).toContain('class="button primary" href="/"');
    expect((await visitor().open('/sign-in/no-such-sign-in/second-factor')).status).toBe(400);
    const kept = await fetch(`${hub.origin}/sign-in`, { redirect: 'manual' });
    expect([kept.status, kept.headers.get('location')]).toEqual([303, '/']);
  });

  it('in one tab is not ended by another tab', async () => {
    const [user, browser] = [await person(), visitor()];
    const [request, other] = [await ask(config), await ask(config)];
    const [page, second] = [await browser.open(request.url), await browser.open(other.url)];
    const first = await exchange(config, await typeIn(browser, page, user), request);
    const next = await exchange(config, await typeIn(browser, second, user), other);
    expect([first.claims()?.sub, next.claims()?.sub]).toEqual([user.sub, user.sub]);
  });

  it('is explained where the request cannot be sent back to the application, or is over', async () => {
    const { url } = await ask(config);
    url.searchParams.set('redirect_uri', 'https://evil.example/');
    const refused = await visitor().open(url);
    expect([refused.status, mainOf(refused).includes('This does not work from here')]).toEqual([400, true]);
    expect(mainOf(refused)).toContain("redirect_uri did not match any of the client's registered redirect_uris");
    const over = await visitor().open(`${hub.issuer}/auth/no-such-interaction`);
    expect([over.status, mainOf(over).includes('This sign-in is over')]).toEqual([400, true]);
  });

  it('that was opened while somebody else was signed in goes on with whoever is now', async () => {
    const [first, second, browser] = [await person(), await person(), visitor()];
    await signIn(config, browser, first);
    const request = await ask(config, { prompt: 'login' });
    const waiting = await browser.open(request.url);
    const elsewhere = hub.browser();
    await signIn(config, elsewhere, second);
    browser.setCookie('session', elsewhere.cookie('session') ?? '');
    await endOf(first);
    const sent = await typeIn(browser, waiting, first);
    expect([sent.status, mainOf(sent).includes('You are signed in already')]).toEqual([400, true]);
    const again = await browser.open(waiting.url);
    expect([again.status, again.url.pathname === waiting.url.pathname]).toEqual([200, false]);
    const tokens = await exchange(config, await typeIn(browser, again, second), request);
    expect(tokens.claims()?.sub).toBe(second.sub);
  });
});

describe('the character U+0000', () => {
  it.each(['login_hint', 'state', 'nonce', 'ui_locales'])('in %s is refused', async (name) => {
    const { url } = await ask(config, { [name]: 'a\u0000b' });
    expect((await visitor().open(url)).status).toBe(400);
  });

  it('in a pushed request is refused (RFC 9126)', async () => {
    const { url } = await ask(config);
    const { client_id: clientId } = config.clientMetadata();
    url.searchParams.set('login_hint', 'a\u0000b');
    const pushed = await fetch(`${hub.issuer}/request`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
      body: url.searchParams,
    });
    const { request_uri: requestUri } = (await pushed.json()) as { request_uri?: string };
    expect(pushed.status).toBe(201);
    const asked = new URLSearchParams({ client_id: clientId, request_uri: requestUri ?? '' });
    const back = await visitor().open(new URL(`${hub.issuer}/auth?${asked}`));
    expect(back.url.searchParams.get('error')).toBe('invalid_request');
  });

  it('in a username is refused', async () => {
    const browser = visitor();
    const page = await browser.open((await ask(config)).url);
    expect((await browser.submit(page, { identifier: 'a\u0000b', password: 'x' })).status).toBe(400);
    expect((await browser.submit(await browser.open('/recover'), { identifier: 'a\u0000b' })).status).toBe(400);
  });
});

it('answers a browser with a page where the provider has none', async () => {
  const page = await visitor().open(`${hub.issuer}/no-such-endpoint`);
  expect([page.status, mainOf(page).includes('This page does not exist')]).toEqual([404, true]);
  const machine = await fetch(`${hub.issuer}/no-such-endpoint`, { headers: { accept: 'application/json' } });
  expect([machine.status, await machine.text()]).toEqual([404, 'Not Found']);
});
