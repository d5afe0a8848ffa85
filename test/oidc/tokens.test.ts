import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { endClient } from '../../src/clients/end-client.ts';
import type { CreatedClient } from '../../src/clients/create-client.ts';
import { endAccess } from '../../src/credentials/end-access.ts';
import { query } from '../../src/database/query.ts';
import {
  addOrganization,
  addUser,
  ask,
  CALLBACK,
  NO_RIGHTS,
  signIn,
  SOME_RIGHTS,
  startHub,
  systemCtx,
  type TestHub,
  type TestUser,
} from './hub.ts';

let hub: TestHub;
let made: CreatedClient;
let config: client.Configuration;

beforeAll(async () => {
  hub = await startHub();
  made = await hub.register();
  config = await hub.relyingParty(made);
});
afterAll(() => hub.stop());

async function signedIn(parameters: Record<string, string> = {}) {
  const user = await hub.addUser();
  hub.hold(user.userId, SOME_RIGHTS);
  const browser = hub.browser();
  const tokens = await signIn(config, browser, user, parameters);
  return { user, browser, tokens, refreshToken: tokens.refresh_token ?? '' };
}

const refresh = (token: string) => client.refreshTokenGrant(config, token);
const INVALID_GRANT = { error: 'invalid_grant' };

/** What the passing of seconds would do. */
const consumedLongAgo = (user: TestUser) =>
  query(
    "update oidc_artefacts set consumed_at = consumed_at - interval '11 seconds' where user_id = $1 and consumed_at is not null",
    [user.userId],
  );

const deactivate = async (user: TestUser) => {
  await query('update users set active = false, tokens_valid_from = $3 where organization_id = $1 and id = $2', [
    user.organizationId,
    user.userId,
    new Date(),
  ]);
};

describe('a refresh', () => {
  it('gives new tokens, and the rights as they are now', async () => {
    const { user, refreshToken } = await signedIn();
    hub.hold(user.userId, { ...SOME_RIGHTS, entV: 'v2v2v2v2v2v2v2v2', roles: [] });
    const tokens = await refresh(refreshToken);
    expect(tokens.refresh_token).not.toBe(refreshToken);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ ent_v: 'v2v2v2v2v2v2v2v2', roles: [], aud: hub.audience });
  });

  it('may be repeated for ten seconds, in case its answer was lost', async () => {
    const { refreshToken } = await signedIn();
    await refresh(refreshToken);
    const again = await refresh(refreshToken);
    expect((await refresh(again.refresh_token ?? '')).access_token).toBeDefined();
  });

  it('with a token used up longer ago ends the whole family', async () => {
    const { user, refreshToken } = await signedIn();
    const next = await refresh(refreshToken);
    await consumedLongAgo(user);
    await expect(refresh(refreshToken)).rejects.toMatchObject(INVALID_GRANT);
    await expect(refresh(next.refresh_token ?? '')).rejects.toMatchObject(INVALID_GRANT);
  });

  it('leaves another browser of the same person alone when a family ends', async () => {
    const { user, refreshToken } = await signedIn();
    const elsewhere = await signIn(config, hub.browser(), user);
    await refresh(refreshToken);
    await consumedLongAgo(user);
    await expect(refresh(refreshToken)).rejects.toMatchObject(INVALID_GRANT);
    expect((await refresh(elsewhere.refresh_token ?? '')).access_token).toBeDefined();
  });

  it('works for the client only to which the token was given', async () => {
    const { refreshToken } = await signedIn();
    const other = await hub.relyingParty(await hub.register());
    await expect(client.refreshTokenGrant(other, refreshToken)).rejects.toMatchObject(INVALID_GRANT);
  });

  it('token is described by introspection to its own client only', async () => {
    const { refreshToken } = await signedIn();
    const own = await client.tokenIntrospection(config, refreshToken);
    expect(own).toMatchObject({ active: true, client_id: made.clientId });
    for (const application of ['emasspost', 'distriplanner']) {
      const other = await hub.relyingParty(await hub.register({ application }));
      expect(await client.tokenIntrospection(other, refreshToken)).toEqual({ active: false });
    }
  });

  it('outlives the session only with offline_access', async () => {
    const online = await signedIn();
    const offline = await signedIn({ scope: 'openid offline_access', prompt: 'consent' });
    await query("delete from oidc_artefacts where model = 'Session'");
    await expect(refresh(online.refreshToken)).rejects.toMatchObject(INVALID_GRANT);
    expect((await refresh(offline.refreshToken)).access_token).toBeDefined();
  });

  it('never gives a token that outlives the first right in it', async () => {
    const { user, refreshToken } = await signedIn();
    const end = Date.now() + 42_000;
    hub.hold(user.userId, { ...SOME_RIGHTS, notAfter: end });
    const { exp } = decodeJwt((await refresh(refreshToken)).access_token);
    expect(exp).toBeLessThanOrEqual(Math.floor(end / 1000));
    expect(exp).toBeGreaterThan(end / 1000 - 5);
  });
});

describe('client credentials', () => {
  it('carry the rights of the service user', async () => {
    const service = await hub.addUser({ kind: 'service' });
    hub.hold(service.userId, SOME_RIGHTS);
    const party = await hub.relyingParty(await hub.register({ kind: 'service', serviceUser: service }));
    const claims = decodeJwt((await client.clientCredentialsGrant(party)).access_token);
    expect(claims).toMatchObject({
      aud: hub.audience,
      organization: hub.organizationId,
      authorization_details: SOME_RIGHTS.authorizationDetails,
    });
  });

  it('are refused for a wrong secret, without saying whether the client exists', async () => {
    const service = await hub.addUser({ kind: 'service' });
    const { clientId } = await hub.register({ kind: 'service', serviceUser: service });
    const post = (id: string) =>
      fetch(`${hub.issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${id}:wrong`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      });
    const [known, unknown] = await Promise.all([post(clientId), post('nobody-at-all')]);
    expect([known.status, unknown.status]).toEqual([401, 401]);
    expect(await known.text()).toBe(await unknown.text());
  });

  it('are refused when the service user holds nothing, or is not active', async () => {
    const service = await hub.addUser({ kind: 'service' });
    const party = await hub.relyingParty(await hub.register({ kind: 'service', serviceUser: service }));
    await expect(client.clientCredentialsGrant(party)).rejects.toMatchObject({ error: 'unauthorized_client' });
    hub.hold(service.userId, SOME_RIGHTS);
    await deactivate(service);
    await expect(client.clientCredentialsGrant(party)).rejects.toMatchObject({ error: 'invalid_client' });
  });

  it('are for the application of the client and no other', async () => {
    const service = await hub.addUser({ kind: 'service' });
    hub.hold(service.userId, SOME_RIGHTS);
    const party = await hub.relyingParty(await hub.register({ kind: 'service', serviceUser: service }));
    const resource = `${hub.origin}/applications/distriplanner`;
    await expect(client.clientCredentialsGrant(party, { resource })).rejects.toMatchObject({ error: 'invalid_target' });
  });
});

describe('a signed access token at our own endpoints', () => {
  it('opens userinfo', async () => {
    const { user, tokens } = await signedIn();
    const info = await client.fetchUserInfo(config, tokens.access_token, user.sub);
    expect(info).toMatchObject({
      sub: user.sub,
      name: 'Anke Smets',
      organization: hub.organizationId,
      roles: ['Depot'],
    });
    expect(info).not.toHaveProperty('authorization_details');
  });

  it('is described by introspection with the rights as they are now', async () => {
    const { user, tokens } = await signedIn();
    const before = await client.tokenIntrospection(config, tokens.access_token);
    expect(before).toMatchObject({
      active: true,
      sub: user.sub,
      aud: hub.audience,
      client_id: made.clientId,
      ent_v: SOME_RIGHTS.entV,
    });
    hub.hold(user.userId, { ...SOME_RIGHTS, entV: 'v3v3v3v3v3v3v3v3', authorizationDetails: [] });
    const after = await client.tokenIntrospection(config, tokens.access_token);
    expect(after).toMatchObject({ active: true, ent_v: 'v3v3v3v3v3v3v3v3', authorization_details: [] });
    hub.hold(user.userId, NO_RIGHTS);
    expect(await client.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false });
  });

  it('is not described to a client of another application', async () => {
    const { tokens } = await signedIn();
    const other = await hub.relyingParty(await hub.register({ application: 'distriplanner' }));
    expect(await client.tokenIntrospection(other, tokens.access_token)).toEqual({ active: false });
  });

  it('asks introspection for a client that proves itself', async () => {
    const { tokens } = await signedIn();
    const res = await fetch(`${hub.issuer}/token/introspection`, {
      method: 'POST',
      body: new URLSearchParams({ token: tokens.access_token }),
    });
    expect(res.status).toBeGreaterThanOrEqual(400);
  });

  it('takes its whole grant with it when it is revoked', async () => {
    const { user, tokens, refreshToken } = await signedIn();
    await client.tokenRevocation(config, tokens.access_token);
    expect(await client.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false });
    await expect(client.fetchUserInfo(config, tokens.access_token, user.sub)).rejects.toThrow();
    await expect(refresh(refreshToken)).rejects.toMatchObject(INVALID_GRANT);
  });

  it('cannot be revoked by another client', async () => {
    const { tokens } = await signedIn();
    const other = await hub.relyingParty(await hub.register());
    await expect(client.tokenRevocation(other, tokens.access_token)).rejects.toMatchObject({
      error: 'invalid_request',
    });
    expect(await client.tokenIntrospection(config, tokens.access_token)).toMatchObject({ active: true });
  });

  it('of client credentials is revoked alone', async () => {
    const service = await hub.addUser({ kind: 'service' });
    hub.hold(service.userId, SOME_RIGHTS);
    const party = await hub.relyingParty(await hub.register({ kind: 'service', serviceUser: service }));
    const [one, two] = [await client.clientCredentialsGrant(party), await client.clientCredentialsGrant(party)];
    await client.tokenRevocation(party, one.access_token);
    expect(await client.tokenIntrospection(party, one.access_token)).toEqual({ active: false });
    expect(await client.tokenIntrospection(party, two.access_token)).toMatchObject({ active: true });
  });

  it('is refused when it is altered', async () => {
    const { tokens } = await signedIn();
    const [head, body = '', signature] = tokens.access_token.split('.');
    const claims = { ...(JSON.parse(Buffer.from(body, 'base64url').toString()) as object), roles: ['Everything'] };
    const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    expect(await client.tokenIntrospection(config, forged)).toEqual({ active: false });
  });
});

describe('deactivation', () => {
  it('ends refresh, introspection, userinfo and the session at once', async () => {
    const { user, browser, tokens, refreshToken } = await signedIn();
    await deactivate(user);
    await expect(refresh(refreshToken)).rejects.toMatchObject(INVALID_GRANT);
    expect(await client.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false });
    await expect(client.fetchUserInfo(config, tokens.access_token, user.sub)).rejects.toThrow();
    const page = await browser.open((await ask(config)).url);
    expect(page.status).toBe(200);
    expect(page.url.pathname).toMatch(/^\/sign-in\//);
  });

  it('refuses a code that was given before', async () => {
    const user = await hub.addUser();
    hub.hold(user.userId, SOME_RIGHTS);
    const request = await ask(config);
    const browser = hub.browser();
    const page = await browser.submit(await browser.open(request.url), {
      identifier: user.userName,
      password: 'a quiet harbour at dawn',
    });
    expect(page.url.searchParams.get('code')).toBeTruthy();
    await deactivate(user);
    await expect(
      client.authorizationCodeGrant(config, page.url, {
        pkceCodeVerifier: request.verifier,
        expectedState: request.state,
      }),
    ).rejects.toMatchObject(INVALID_GRANT);
  });

  it('leaves nothing alive for the day on which the person comes back', async () => {
    const { user, refreshToken, tokens, browser } = await signedIn();
    await deactivate(user);
    await query('update users set active = true where id = $1', [user.userId]);
    await expect(refresh(refreshToken)).rejects.toMatchObject(INVALID_GRANT);
    expect(await client.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false });
    expect((await browser.open((await ask(config, { prompt: 'none' })).url)).url.searchParams.get('error')).toBe(
      'login_required',
    );
  });

  it('of the organization ends the access of everybody in it', async () => {
    const organizationId = await addOrganization('Suspended soon');
    const user = await addUser(organizationId);
    hub.hold(user.userId, SOME_RIGHTS);
    const tokens = await signIn(config, hub.browser(), user);
    await query("update organizations set state = 'suspended' where id = $1", [organizationId]);
    await expect(refresh(tokens.refresh_token ?? '')).rejects.toMatchObject(INVALID_GRANT);
    expect(await client.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false });
  });

  it('tidies away what the person had, and nothing of others', async () => {
    const [leaver, stayer] = [await signedIn(), await signedIn()];
    await endAccess(systemCtx(), leaver.user);
    expect(await query('select 1 from oidc_artefacts where user_id = $1', [leaver.user.userId])).toEqual([]);
    expect((await refresh(stayer.refreshToken)).access_token).toBeDefined();
  });
});

describe('a client that has ended', () => {
  it('gets nothing more, and its tokens are worth nothing', async () => {
    const user = await hub.addUser();
    hub.hold(user.userId, SOME_RIGHTS);
    const ending = await hub.register();
    const party = await hub.relyingParty(ending);
    const tokens = await signIn(party, hub.browser(), user);
    await endClient({ ...systemCtx(hub.operator) }, ending.clientId);
    await expect(client.refreshTokenGrant(party, tokens.refresh_token ?? '')).rejects.toMatchObject({ status: 401 });
    expect(await client.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false });
    const page = await hub.browser().open((await ask(party, { redirect_uri: CALLBACK })).url);
    expect([page.status, page.url.origin]).toEqual([400, hub.origin]);
  });
});
