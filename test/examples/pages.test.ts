// The example e-application through a browser's eyes: signing in, its pages, its form, and how a session ends.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LOGOUT_EVENT } from '../support/issuer.ts';
import { carlas, csrfOf, element, startBoth } from './visitor.ts';

let both: Awaited<ReturnType<typeof startBoth>>;
beforeAll(async () => {
  both = await startBoth();
});
afterAll(() => both.close());
beforeEach(() => {
  Object.assign(both.issuer.behavior, {
    person: { sub: 'p-1', sid: 's-1', name: 'Carla De Wit' },
    details: carlas(both.issuer),
    entV: 'v1',
    accessClaims: {},
    accessSigning: {},
    entitlementClaims: {},
    seconds: 300,
    iss: undefined,
    nonce: undefined,
    refuseSignIn: undefined,
    refuseRefresh: undefined,
  });
  both.issuer.seen.tokens.length = 0;
});

const LETTER = {
  customer_account: '0001234567',
  product: 'letter',
  billing_address: 'NM-SALES',
  items: '500',
  reference: 'Spring',
};

describe('signing in', () => {
  it('uses the code flow with PKCE, and returns to the page that was asked for', async () => {
    const before = both.issuer.seen.challenges;
    const page = await both.visitor().open('/rights');
    expect([page.status, page.url]).toEqual([200, `${both.example.url}/rights`]);
    expect(both.issuer.seen.challenges).toBe(before + 1);
  });

  it('sends state, nonce, challenge and the language along', async () => {
    const { location } = await both.visitor().request('/sign-in', { headers: { 'accept-language': 'fr' } });
    const asked = new URL(location ?? '').searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      ui_locales: 'fr',
      redirect_uri: `${both.example.url}/callback`,
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)?.length).toBeGreaterThan(20);
  });

  it.each([
    ['of another issuer', { iss: 'https://elsewhere.example' }],
    ['with another nonce', { nonce: 'another' }],
    [
      'whose access token is for another application',
      { accessClaims: { aud: 'https://portal.example/applications/pickup' } },
    ],
    ['whose access token is of another person', { accessClaims: { sub: 'p-2' } }],
    ['whose access token is of another type', { accessSigning: { typ: 'JWT' } }],
  ])('refuses an answer %s', async (_, behavior) => {
    Object.assign(both.issuer.behavior, behavior);
    const visitor = both.visitor();
    const page = await visitor.open('/sign-in');
    expect(page.status).toBe(400);
    expect(page.text).toContain('Signing in did not work');
    expect((await visitor.request('/rights')).location).toContain('/sign-in');
  });

  it('refuses an answer that another browser began', async () => {
    const { location = '' } = await both.visitor().request('/sign-in');
    const { location: answer = '' } = await both.visitor().request(location);
    expect((await both.visitor().request(answer)).status).toBe(400);
  });

  it('takes each answer once', async () => {
    const visitor = both.visitor();
    const { location = '' } = await visitor.request('/sign-in');
    const { location: answer = '' } = await visitor.request(location);
    expect((await visitor.request(answer)).status).toBe(303);
    expect((await visitor.request(answer)).status).toBe(400);
  });

  it.each(['https://elsewhere.example/', '//elsewhere.example/', '/\\elsewhere.example', 'javascript:alert(1)'])(
    'does not lead to %s afterwards',
    async (to) => {
      const page = await both.visitor().open(`/sign-in?to=${encodeURIComponent(to)}`);
      expect(new URL(page.url).origin).toBe(both.example.url);
    },
  );

  it('says so to a person who holds nothing here', async () => {
    both.issuer.behavior.refuseSignIn = 'access_denied';
    const page = await both.visitor().open('/sign-in');
    expect([page.status, page.text.includes('You have no access to e-MassPost')]).toEqual([403, true]);
  });

  it('keeps tokens away from the browser', async () => {
    const visitor = await both.signedIn();
    const { text, headers } = await visitor.request('/rights');
    expect([...visitor.cookies.values(), text].join()).not.toContain('eyJ');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

describe('the pages', () => {
  it.each([
    ['nl', 'Aanmelden'],
    ['fr', 'Se connecter'],
    ['de', 'Anmelden'],
    ['en', 'Sign in'],
  ])('speak %s', async (language, word) => {
    const visitor = both.visitor();
    const { text } = await visitor.open(`/?language=${language}`);
    expect(text).toContain(`<html lang="${language}">`);
    expect(text).toContain(`href="/sign-in">${word}<`);
  });

  it('stay on their own host when the language changes', async () => {
    const { location } = await both.visitor().request(`${both.example.url}//elsewhere.example/?language=fr`);
    expect(new URL(location ?? '').origin).toBe(both.example.url);
  });

  it('show one card for each element of the token, and that cards do not combine', async () => {
    both.issuer.behavior.details = [
      ...carlas(both.issuer),
      element(both.issuer, {
        identifier: '0003456789',
        for: { organization: 'org-9', via: ['m-1'] },
        billing_addresses: ['*'],
        not_after: 4_102_444_800,
      }),
    ];
    const { text } = await (await both.signedIn()).request('/rights');
    expect(text.match(/<li class="card">/g)).toHaveLength(3);
    expect(text).toContain('Combinations across cards are not allowed.');
    for (const part of ['0003456789', 'org-9', 'm-1', 'All, also future ones', 'Letter (Admin Mail)', '2100']) {
      expect(text).toContain(part);
    }
  });

  it('offer every value of all cards together', async () => {
    const { text } = await (await both.signedIn()).request('/deposits/new');
    for (const value of ['letter', 'periodical', 'NM-SALES', 'NM-FINANCE'])
      expect(text).toContain(`<option value="${value}"`);
  });

  it('let an address be typed where a card allows all of them', async () => {
    both.issuer.behavior.details = [element(both.issuer, { billing_addresses: ['*'] })];
    const visitor = await both.signedIn();
    expect((await visitor.request('/deposits/new')).text).toContain('<input type="text" id="billing_address"');
    expect((await visitor.post('/deposits', { ...LETTER, billing_address: 'NM-NEW' })).status).toBe(303);
    expect((await visitor.post('/deposits', { ...LETTER, billing_address: '*' })).status).toBe(403);
  });

  it('escape what people type', async () => {
    const visitor = await both.signedIn();
    await visitor.post('/deposits', { ...LETTER, reference: '<script>x</script>' });
    const { text } = await visitor.request('/deposits');
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('<script>x');
  });

  it('say that a page does not exist', async () => {
    expect((await both.visitor().request('/nowhere')).status).toBe(404);
  });
});

describe('a new deposit', () => {
  it('is registered where one card covers it, and listed', async () => {
    const visitor = await both.signedIn();
    const { status, location = '' } = await visitor.post('/deposits', LETTER);
    expect(status).toBe(303);
    const { text } = await visitor.request(location);
    expect(text).toContain('Deposit Spring is registered.');
    expect(text).toContain('Letter (Admin Mail)');
  });

  it.each([
    ['letter', 'NM-FINANCE'],
    ['periodical', 'NM-SALES'],
  ])('of %s for %s is refused although each is held: they stand on two cards', async (product, billing_address) => {
    const visitor = await both.signedIn();
    const before = await visitor.request('/deposits');
    const page = await visitor.post('/deposits', { ...LETTER, product, billing_address });
    expect(page.status).toBe(403);
    expect(page.text).toContain('You hold each of these values, but not together on one card.');
    expect(page.text.match(/class="lacks"/g)).toHaveLength(2);
    expect(tableOf((await visitor.request('/deposits')).text)).toBe(tableOf(before.text));
  });

  it.each([
    ['customer_account', '9999999999'],
    ['product', 'kilopost'],
    ['billing_address', 'NM-EVENTS'],
  ])('by a forged form with another %s is refused, and the page says which', async (name, value) => {
    const page = await (await both.signedIn()).post('/deposits', { ...LETTER, [name]: value });
    expect(page.status).toBe(403);
    expect(page.text).toMatch(
      new RegExp(`${name === 'product' ? 'Kilopost' : value}\\s*<span class="tag">Not in your rights`),
    );
  });

  it('with a repeated field is not taken for a deposit', async () => {
    const visitor = await both.signedIn();
    const body = new URLSearchParams({ ...LETTER, csrf: csrfOf((await visitor.request('/deposits/new')).text) });
    body.append('billing_address', 'NM-FINANCE');
    expect((await visitor.request('/deposits', { method: 'POST', body })).status).toBe(422);
  });

  it('keeps what was typed where something is missing', async () => {
    const page = await (await both.signedIn()).post('/deposits', { ...LETTER, product: 'periodical', items: '0' });
    expect(page.status).toBe(422);
    expect(page.text).toContain('<option value="periodical" selected>');
    expect(page.text).toContain('Enter a number from 1 to 10,000,000.');
  });

  it('is refused without the form token of the own session', async () => {
    const [mine, other] = [await both.signedIn(), await both.signedIn()];
    const foreign = csrfOf((await other.request('/deposits/new')).text);
    expect((await mine.post('/deposits', LETTER, foreign)).status).toBe(403);
    expect((await mine.post('/deposits', LETTER, '')).status).toBe(403);
  });

  it('of a colleague is seen by general follow-up of its product and address, and not otherwise', async () => {
    await (await both.signedIn()).post('/deposits', { ...LETTER, reference: 'Carlas letters' });
    const sees = async (more: Parameters<typeof element>[1]) => {
      Object.assign(both.issuer.behavior, {
        person: { sub: 'p-2', sid: 's-2', name: 'Wim' },
        details: [element(both.issuer, more)],
      });
      return (await (await both.signedIn()).request('/deposits')).text.includes('Carlas letters');
    };
    expect(await sees({ privileges: ['general_follow_up'] })).toBe(true);
    expect(await sees({ privileges: ['general_follow_up'], products: ['periodical'] })).toBe(false);
    expect(await sees({ privileges: ['general_follow_up'], billing_addresses: ['NM-FINANCE'] })).toBe(false);
    expect(await sees({ privileges: ['deposit_statement', 'create_deposit'] })).toBe(false);
  });
});

describe('the access token', () => {
  it('is renewed when it is about to expire, once for many requests, and brings the new rights', async () => {
    both.issuer.behavior.seconds = 20;
    const visitor = await both.signedIn();
    both.issuer.behavior.seconds = 300;
    both.issuer.behavior.details = [element(both.issuer, { products: ['kilopost'] })];
    both.issuer.seen.tokens.length = 0;
    const pages = await Promise.all(Array.from({ length: 5 }, () => visitor.request('/rights')));
    for (const { text } of pages) expect(text).toContain('Kilopost');
    expect(both.issuer.seen.tokens).toEqual(['refresh_token']);
  });

  it('that the hub no longer renews ends the session, and the person is told', async () => {
    both.issuer.behavior.seconds = 20;
    const visitor = await both.signedIn();
    both.issuer.behavior.refuseRefresh = { status: 400, error: 'invalid_grant' };
    const page = await visitor.open('/deposits');
    expect(page.text).toContain('Your session has ended');
    both.issuer.behavior.refuseRefresh = undefined;
    expect((await visitor.request('/deposits')).location).toContain('/sign-in?to=%2Fdeposits');
  });

  it('serves on until it expires while the hub does not answer', async () => {
    both.issuer.behavior.seconds = 20;
    const visitor = await both.signedIn();
    both.issuer.behavior.refuseRefresh = { status: 503, error: 'temporarily_unavailable' };
    expect((await visitor.request('/rights')).status).toBe(200);
  });

  it('that refers to the hub shows the rights found there', async () => {
    Object.assign(both.issuer.behavior, { accessClaims: both.issuer.reference(), entV: 'pages' });
    expect((await (await both.signedIn()).request('/rights')).text.match(/<li class="card">/g)).toHaveLength(2);
  });
});

describe('signing out', () => {
  const logOut = (token: string) =>
    fetch(`${both.example.url}/backchannel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: token }),
    });

  it('ends the session here and at the hub', async () => {
    const visitor = await both.signedIn();
    const { status, location = '' } = await visitor.post('/sign-out', {});
    expect(status).toBe(303);
    const there = new URL(location);
    expect(there.href).toContain(`${both.issuer.issuer}/session/end`);
    expect(there.searchParams.get('post_logout_redirect_uri')).toBe(`${both.example.url}/signed-out`);
    expect(there.searchParams.get('id_token_hint')).toMatch(/^eyJ/);
    expect((await visitor.request('/deposits')).location).toContain('/sign-in');
  });

  it.each([
    ['of the person', {}],
    ['of the session', { sub: undefined, sid: 's-1' }],
    ['of both', { sid: 's-1' }],
  ])('by the hub, with a logout token %s, is felt at the next request', async (_, claims) => {
    const visitor = await both.signedIn();
    const answer = await logOut(await both.issuer.logoutToken(claims));
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect((await visitor.open('/deposits')).text).toContain('Your session has ended');
  });

  it.each([
    ['another person', { sub: 'p-2' }],
    ['another session of the person', { sid: 's-2' }],
    ['what was before the session', { iat: Math.floor(Date.now() / 1000) - 60 }],
  ])('by the hub of %s leaves the session alone', async (_, claims) => {
    const visitor = await both.signedIn();
    expect((await logOut(await both.issuer.logoutToken(claims))).status).toBe(200);
    expect((await visitor.request('/deposits')).status).toBe(200);
  });

  it.each([
    ['of another type', {}, { typ: 'JWT' }],
    ['of another issuer', { iss: 'https://elsewhere.example' }, {}],
    ['for another client', { aud: 'other-client' }, {}],
    ['that has expired', { exp: 1 }, {}],
    ['without the event', { events: {} }, {}],
    ['whose event is no object', { events: { [LOGOUT_EVENT]: 'yes' } }, {}],
    ['with a nonce', { nonce: 'n' }, {}],
    ['that names nobody', { sub: undefined }, {}],
    ['signed by HS256', {}, { alg: 'HS256', key: new Uint8Array(32) }],
  ])('is refused by a logout token %s', async (_, claims, signing) => {
    const visitor = await both.signedIn();
    expect((await logOut(await both.issuer.logoutToken(claims, signing))).status).toBe(400);
    expect((await visitor.request('/deposits')).status).toBe(200);
  });

  it('is refused without a logout token', async () => {
    expect((await fetch(`${both.example.url}/backchannel-logout`, { method: 'POST' })).status).toBe(400);
  });
});

const tableOf = (html: string): string | undefined => /<tbody>[^]*<\/tbody>/.exec(html)?.[0];
