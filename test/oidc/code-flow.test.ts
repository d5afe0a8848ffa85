import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { query } from '../../src/database/query.ts';
import {
  ask,
  CALLBACK,
  exchange,
  NO_RIGHTS,
  signIn,
  SOME_RIGHTS,
  startHub,
  typeIn,
  type TestHub,
  type TestUser,
} from './hub.ts';

let hub: TestHub;
let user: TestUser;
let config: client.Configuration;

beforeAll(async () => {
  hub = await startHub();
  user = await hub.addUser({ email: 'anke.smets@noordzee.example' });
  hub.hold(user.userId, SOME_RIGHTS);
  config = await hub.relyingParty(await hub.register());
});
afterAll(() => hub.stop());

describe('the code flow', () => {
  it('signs a person in and gives an ID token with who he is', async () => {
    const tokens = await signIn(config, hub.browser(), user);
    const claims = tokens.claims();
    expect(claims).toMatchObject({
      sub: user.sub,
      name: 'Anke Smets',
      given_name: 'Anke',
      email: 'anke.smets@noordzee.example',
      locale: 'nl-BE',
      preferred_username: user.userName,
      organization: hub.organizationId,
      roles: ['Depot'],
    });
    expect(user.sub).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(claims).not.toHaveProperty('authorization_details');
    expect(decodeProtectedHeader(tokens.id_token ?? '').alg).toBe('RS256');
  });

  it('gives the application a signed access token for it alone, with the rights', async () => {
    const tokens = await signIn(config, hub.browser(), user);
    const keys = createRemoteJWKSet(new URL(`${hub.issuer}/jwks`));
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, keys, {
      issuer: hub.issuer,
      audience: hub.audience,
      typ: 'at+jwt',
    });
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({
      sub: user.sub,
      client_id: config.clientMetadata().client_id,
      organization: hub.organizationId,
      roles: ['Depot'],
      ent_v: SOME_RIGHTS.entV,
      authorization_details: SOME_RIGHTS.authorizationDetails,
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    expect(payload).not.toHaveProperty('entitlements');
  });

  it('needs no second sign-in for another application in the same browser', async () => {
    const browser = hub.browser();
    await signIn(config, browser, user);
    const other = await hub.relyingParty(await hub.register({ application: 'distriplanner' }));
    const request = await ask(other, { prompt: 'none' });
    const page = await browser.open(request.url);
    const tokens = await exchange(other, page, request);
    expect(decodeJwt(tokens.access_token).aud).toBe(`${hub.origin}/applications/distriplanner`);
  });

  it('answers prompt=none of somebody who is not signed in with login_required', async () => {
    const page = await hub.browser().open((await ask(config, { prompt: 'none' })).url);
    expect(page.url.origin + page.url.pathname).toBe(CALLBACK);
    expect(page.url.searchParams.get('error')).toBe('login_required');
    expect(page.url.searchParams.get('iss')).toBe(hub.issuer);
  });

  it('asks for the password again on prompt=login', async () => {
    const browser = hub.browser();
    await signIn(config, browser, user);
    const request = await ask(config, { prompt: 'login' });
    const page = await browser.open(request.url);
    expect(page.url.pathname).toMatch(/^\/sign-in\//);
    expect((await exchange(config, await typeIn(browser, page, user), request)).claims()?.sub).toBe(user.sub);
  });

  it('refuses a request without PKCE', async () => {
    const { url } = await ask(config);
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    expect((await hub.browser().open(url)).url.searchParams.get('error')).toBe('invalid_request');
  });

  it('never redirects to an address that is not registered', async () => {
    const { url } = await ask(config, { redirect_uri: 'https://evil.example/callback' });
    const page = await hub.browser().open(url);
    expect(page.status).toBe(400);
    expect(page.url.origin).toBe(hub.origin);
    expect(page.html).toContain('<html');
    expect(page.html).not.toMatch(/(href|action)="https:\/\/evil/);
  });

  it('lets a native client use any port of the loopback address', async () => {
    const native = await hub.register({ kind: 'native', redirectUris: ['http://127.0.0.1/callback'] });
    const party = await hub.relyingParty(native);
    const request = await ask(party, { redirect_uri: 'http://127.0.0.1:49817/callback' });
    const browser = hub.browser();
    const page = await typeIn(browser, await browser.open(request.url), user);
    expect(page.url.host).toBe('127.0.0.1:49817');
    expect((await exchange(party, page, request)).claims()?.sub).toBe(user.sub);
  });

  it('names the redirect address in the policy of the sign-in form, or the browser would block the way back', async () => {
    const page = await hub.browser().open((await ask(config)).url);
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https://app.example");
  });

  it('uses a code once: a second exchange ends what the first one got', async () => {
    const browser = hub.browser();
    const request = await ask(config);
    const page = await typeIn(browser, await browser.open(request.url), user);
    const tokens = await exchange(config, page, request);
    await expect(exchange(config, page, request)).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('gives one of two simultaneous exchanges of a code at most', async () => {
    const browser = hub.browser();
    const request = await ask(config);
    const page = await typeIn(browser, await browser.open(request.url), user);
    const results = await Promise.allSettled([exchange(config, page, request), exchange(config, page, request)]);
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
  });

  it('stores no session, code or token that could be used', async () => {
    const browser = hub.browser();
    const tokens = await signIn(config, browser, user);
    const stored = JSON.stringify(await query('select payload, uid, grant_id, user_code from oidc_artefacts'));
    expect(stored).not.toContain(browser.cookie('session'));
    expect(stored).not.toContain(tokens.refresh_token);
  });

  it('writes the day on which an application was used', async () => {
    await signIn(config, hub.browser(), user);
    const rows = await query<{ application: string }>('select application from application_uses where user_id = $1', [
      user.userId,
    ]);
    expect(rows.map(({ application }) => application)).toContain('emasspost');
  });
});

describe('somebody who holds nothing in the application', () => {
  it('sees a page that says so and is sent back with access_denied when he wants', async () => {
    const empty = await hub.addUser();
    const browser = hub.browser();
    const page = await typeIn(browser, await browser.open((await ask(config)).url), empty);
    expect(page.status).toBe(403);
    expect(page.html).toContain('Anke Smets');
    const back = await browser.submit(page, { choice: 'back' });
    expect(back.url.origin + back.url.pathname).toBe(CALLBACK);
    expect(back.url.searchParams.get('error')).toBe('access_denied');
  });

  it('is told access_denied on prompt=none', async () => {
    const empty = await hub.addUser();
    const browser = hub.browser();
    await typeIn(browser, await browser.open((await ask(config)).url), empty);
    const page = await browser.open((await ask(config, { prompt: 'none' })).url);
    expect(page.url.searchParams.get('error')).toBe('access_denied');
  });

  it('gets no new token once his last right is gone', async () => {
    const leaver = await hub.addUser();
    hub.hold(leaver.userId, SOME_RIGHTS);
    const tokens = await signIn(config, hub.browser(), leaver);
    hub.hold(leaver.userId, NO_RIGHTS);
    await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});
