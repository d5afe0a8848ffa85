import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { endAccess } from '../../src/credentials/end-access.ts';
import { endOwnSession } from '../../src/credentials/end-sessions.ts';
import { query } from '../../src/database/query.ts';
import { ask, signIn, SOME_RIGHTS, startHub, systemCtx, type TestHub, type TestUser } from './hub.ts';

let hub: TestHub;
let config: client.Configuration;
let listener: Server;
let clientId: string;
const received: { token: string; status: number }[] = [];
let answers: number[] = [];
let wake: () => void = () => undefined;

/** The next logout token that reaches the application. */
const nextToken = async (count: number): Promise<string> => {
  while (received.length < count) await new Promise<void>((resolve) => (wake = resolve));
  return received[count - 1]?.token ?? '';
};

beforeAll(async () => {
  hub = await startHub();
  listener = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const status = answers.shift() ?? 200;
      received.push({ token: new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '', status });
      res.writeHead(status).end();
      wake();
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const backchannelLogoutUri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/logout`;
  const made = await hub.register({ backchannelLogoutUri, postLogoutRedirectUris: ['https://app.example/bye'] });
  clientId = made.clientId;
  config = await hub.relyingParty(made);
});
afterAll(async () => {
  listener.close();
  await hub.stop();
});

async function signedIn() {
  const user: TestUser = await hub.addUser();
  hub.hold(user.userId, SOME_RIGHTS);
  const browser = hub.browser();
  return { user, browser, tokens: await signIn(config, browser, user) };
}

const verify = (token: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${hub.issuer}/jwks`)), {
    issuer: hub.issuer,
    audience: clientId,
    typ: 'logout+jwt',
  });

describe('signing out', () => {
  it('is asked first, ends the session and the tokens, tells the application and goes back to it', async () => {
    const { user, browser, tokens } = await signedIn();
    const before = received.length;
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'https://app.example/bye',
      state: 'xyz',
    });
    const question = await browser.open(url);
    expect(question.html).toContain('name="logout"');
    expect(question.headers.get('content-security-policy')).toContain("form-action 'self' https://app.example");
    const done = await browser.submit(question, { logout: 'yes' });
    expect(done.url.href).toBe('https://app.example/bye?state=xyz');
    await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect((await browser.open((await ask(config, { prompt: 'none' })).url)).url.searchParams.get('error')).toBe(
      'login_required',
    );
    const { payload } = await verify(await nextToken(before + 1));
    expect(payload).toMatchObject({
      sub: user.sub,
      sid: tokens.claims()?.['sid'],
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
  });

  it('leaves an application what it may do without him; to end the session on the page Security takes that too', async () => {
    for (const how of ['signs out', 'ends the session'] as const) {
      const { user, browser, tokens } = await signedIn();
      const offline = await signIn(config, browser, user, { scope: 'openid offline_access', prompt: 'consent' });
      const [session] = await query<{ uid: string }>('select uid from sessions where user_id = $1', [user.userId]);
      const actor = { kind: 'user', id: user.userId, organizationId: user.organizationId, label: 'self' } as const;
      if (how === 'signs out') await browser.submit(await browser.open(`${hub.issuer}/session/end`), { logout: 'yes' });
      else await endOwnSession({ ...systemCtx(), ...user, actor }, { userId: user.userId, uid: session?.uid ?? '' });
      const goesOn = (token: string | undefined) =>
        client.refreshTokenGrant(config, token ?? '').then(
          () => true,
          (error: unknown) => (error as { error?: string }).error !== 'invalid_grant',
        );
      expect(await goesOn(tokens.refresh_token)).toBe(false);
      expect(await goesOn(offline.refresh_token)).toBe(how === 'signs out');
    }
  });

  it('leaves the person signed in when he says no', async () => {
    const { browser } = await signedIn();
    const stay = await browser.submit(await browser.open(`${hub.issuer}/session/end`));
    expect(stay.status).toBe(200);
    expect((await browser.open((await ask(config, { prompt: 'none' })).url)).url.searchParams.get('code')).toBeTruthy();
  });

  it('never goes to an address that is not registered', async () => {
    const { browser, tokens } = await signedIn();
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'https://evil.example/',
    });
    const page = await browser.open(url);
    expect([page.status, page.url.origin]).toEqual([400, hub.origin]);
  });
});

describe('when access ends', () => {
  it('each application with a session is told, and told again until it confirms', async () => {
    const { user } = await signedIn();
    const before = received.length;
    answers = [503];
    await endAccess(systemCtx(), user);
    expect((await verify(await nextToken(before + 1))).payload.sub).toBe(user.sub);
    expect((await verify(await nextToken(before + 2))).payload.sub).toBe(user.sub);
    expect(received.slice(before).map(({ status }) => status)).toEqual([503, 200]);
  });
});
