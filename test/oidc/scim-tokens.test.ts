// Access tokens of the hub itself at the SCIM door: a directory's client by client credentials, and a person's own record.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as client from 'openid-client';
import { endAccess } from '../../src/credentials/end-access.ts';
import { query } from '../../src/database/query.ts';
import { createConnection, createToken, endConnection } from '../../src/provisioning/connection.ts';
import { createConnectionClient, endConnectionClient } from '../../src/provisioning/connection-client.ts';
import { flushRequests, listRequests } from '../../src/provisioning/request-log.ts';
import { silent } from '../support/database.ts';
import { refusalOf } from '../support/refusal.ts';
import { scimClient, newUser } from '../support/scim-client.ts';
import { addOrganization, NO_RIGHTS, signIn, SOME_RIGHTS, startHub, systemCtx, type TestHub } from './hub.ts';

let hub: TestHub;
let audience: string;
beforeAll(async () => {
  hub = await startHub();
  audience = `${hub.origin}/scim/v2`;
});
afterAll(() => hub.stop());

const scim = (token: string) => scimClient({ baseUrl: audience, token });
const inOrganization = (organizationId: string) => ({ ...systemCtx(organizationId), organizationId });

/** A connection with a client, and how to get a token of it. */
async function connect(scopes: readonly ('read' | 'write')[] = ['read', 'write'], organization?: string) {
  const organizationId = organization ?? (await addOrganization('Zeebrug'));
  const ctx = inOrganization(organizationId);
  const { id: connectionId } = await createConnection(ctx, { name: 'Entra ID' });
  const made = await createConnectionClient(ctx, connectionId, { name: 'Entra ID', scopes });
  const config = await hub.relyingParty(made);
  const ask = (parameters: Record<string, string> = {}) => client.clientCredentialsGrant(config, parameters);
  const token = async (parameters: Record<string, string> = {}) => (await ask(parameters)).access_token;
  return { ctx, organizationId, connectionId, made, config, ask, token };
}

describe("a directory's client", () => {
  it('gets a token for SCIM without naming resource or scope, and works with it as with a bearer token', async () => {
    const { ask, organizationId, connectionId, made, ctx } = await connect();
    const answer = await ask();
    expect(answer).toMatchObject({ token_type: 'bearer', scope: 'scim:read scim:write', expires_in: 300 });
    expect(decodeProtectedHeader(answer.access_token)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    const claims = decodeJwt(answer.access_token);
    expect(claims).toMatchObject({ aud: audience, sub: made.clientId, organization: organizationId });
    for (const name of ['roles', 'ent_v', 'authorization_details']) expect(claims).not.toHaveProperty(name);
    const directory = scim(answer.access_token);
    const created = await directory('POST', '/Users', newUser('by.token'));
    expect(created.status).toBe(201);
    expect((await directory('GET', '/Users')).body.totalResults).toBe(1);
    // Who did it is the connection; with which client stands in the log.
    const [audit] = await query(
      "select actor ->> 'kind' as kind, actor ->> 'id' as id from audit_events where organization_id = $1 and target_id = $2",
      [organizationId, created.body.id],
    );
    expect(audit).toEqual({ kind: 'connection', id: connectionId });
    await flushRequests(silent);
    const log = await listRequests(ctx, { connectionId, limit: 10 });
    expect(log.map(({ clientId, tokenId }) => [clientId, tokenId])).toEqual([
      [made.clientId, null],
      [made.clientId, null],
    ]);
  });

  it('shares what the connection owns with its bearer token, and sees nothing of another connection', async () => {
    const one = await connect();
    const bearer = await createToken(one.ctx, one.connectionId, { name: 'first' });
    await scim(bearer.token)('POST', '/Users', newUser('shared'));
    expect((await scim(await one.token())('GET', '/Users')).body.totalResults).toBe(1);
    const other = await connect(undefined, one.organizationId);
    expect((await scim(await other.token())('GET', '/Users')).body.totalResults).toBe(0);
  });

  it('may do what its scopes say, and asks for no more than it has', async () => {
    const reader = await connect(['read']);
    const token = await reader.token();
    expect((await scim(token)('GET', '/Users')).status).toBe(200);
    expect((await scim(token)('POST', '/Users', newUser('x'))).status).toBe(403);
    await expect(reader.ask({ scope: 'scim:write' })).rejects.toMatchObject({ error: 'invalid_scope' });
    const { token: both } = await connect();
    const narrow = scim(await both({ scope: 'scim:read' }));
    expect((await narrow('GET', '/Groups')).status).toBe(200);
    expect((await narrow('DELETE', `/Users/${crypto.randomUUID()}`)).status).toBe(403);
  });

  it('gets no token for an application, and an application none for a directory', async () => {
    const { ask } = await connect();
    await expect(ask({ resource: hub.audience })).rejects.toMatchObject({ error: 'invalid_target' });
    const service = await hub.addUser({ kind: 'service' });
    hub.hold(service.userId, SOME_RIGHTS);
    const made = await hub.register({
      kind: 'service',
      serviceUser: { organizationId: service.organizationId, userId: service.userId },
    });
    const config = await hub.relyingParty(made);
    await expect(client.clientCredentialsGrant(config, { resource: audience })).rejects.toMatchObject({
      error: 'invalid_target',
    });
    const { access_token: forApplication } = await client.clientCredentialsGrant(config, { resource: hub.audience });
    expect((await scim(forApplication)('GET', '/Users')).status).toBe(401);
  });

  it.each(['ended client', 'ended connection', 'suspended organization', 'revoked token'] as const)(
    'is refused at once: %s',
    async (how) => {
      const { ctx, connectionId, organizationId, made, config, token, ask } = await connect();
      const access = await token();
      const another = await token();
      expect((await scim(access)('GET', '/Users')).status).toBe(200);
      if (how === 'ended client') await endConnectionClient(ctx, connectionId, made.clientId);
      else if (how === 'ended connection') await endConnection(ctx, connectionId);
      else if (how === 'suspended organization')
        await query("update organizations set state = 'suspended' where id = $1", [organizationId]);
      else await client.tokenRevocation(config, access);
      const refused = await scim(access)('GET', '/Users');
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer realm="scim", error="invalid_token"',
      ]);
      if (how === 'revoked token') expect((await scim(another)('GET', '/Users')).status).toBe(200);
      else await expect(ask()).rejects.toMatchObject({ status: how === 'suspended organization' ? 400 : 401 });
    },
  );

  it('is refused with a token that somebody changed, or that is for another resource', async () => {
    const { token } = await connect();
    const [head = '', , signature = ''] = (await token()).split('.');
    const forged = Buffer.from(JSON.stringify({ ...decodeJwt(await token()), scope: 'scim:write' })).toString(
      'base64url',
    );
    for (const wrong of [`${head}.${forged}.${signature}`, `${head}.${forged}.`, 'a.b.c', `${await token()}x`])
      expect((await scim(wrong)('GET', '/Users')).status).toBe(401);
  });

  it('learns by introspection whether its token counts', async () => {
    const { token, config, ctx, connectionId } = await connect();
    const access = await token();
    expect(await client.tokenIntrospection(config, access)).toMatchObject({
      active: true,
      scope: 'scim:read scim:write',
    });
    const stranger = await connect();
    expect(await client.tokenIntrospection(stranger.config, access)).toEqual({ active: false });
    const followed = await createConnectionClient(ctx, connectionId, { name: 'next' });
    const next = await hub.relyingParty(followed);
    expect(await client.tokenIntrospection(next, access)).toEqual({ active: false });
    expect((await refusalOf(() => createConnectionClient(ctx, connectionId, { name: 'third' }))).code).toBe('too_many');
  });
});

describe('/Me with an access token (RFC 7644 section 3.11)', () => {
  const ME = { scope: 'openid scim:me' };

  async function person(parameters: Record<string, string>) {
    const made = await hub.register();
    const config = await hub.relyingParty(made);
    const user = await hub.addUser();
    hub.hold(user.userId, SOME_RIGHTS);
    const tokens = await signIn(config, hub.browser(), user, parameters);
    return { made, config, user, tokens };
  }

  it("opens the person's own record, to read, and nothing else", async () => {
    const { user, tokens } = await person({ ...ME, resource: audience });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: audience, scope: 'scim:me', sub: user.sub });
    const own = scim(tokens.access_token);
    const answer = await own('GET', '/Me');
    expect([answer.status, answer.body.id, answer.body['userName']]).toEqual([200, user.userId, user.userName]);
    expect((answer.body['meta'] as Record<string, unknown>)['location']).toBe(`${audience}/Users/${user.userId}`);
    expect((await own('PATCH', '/Me', {})).status).toBe(405);
    for (const path of ['/Users', `/Users/${user.userId}`, '/Groups'])
      expect((await own('GET', path)).status).toBe(401);
    const userinfo = await fetch(`${hub.issuer}/me`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    expect(userinfo.status).toBe(401);
  });

  it('does not open to a token of an application, nor to one without the scope', async () => {
    const application = await person({ scope: 'openid scim:me' });
    expect(decodeJwt(application.tokens.access_token).aud).toBe(hub.audience);
    expect((await scim(application.tokens.access_token)('GET', '/Me')).status).toBe(401);
    const unasked = await person({ scope: 'openid', resource: audience });
    expect((await scim(unasked.tokens.access_token)('GET', '/Me')).status).toBe(401);
  });

  it('can be one of two tokens of one sign-in: first that of the application, then by a refresh that for SCIM', async () => {
    const { config, tokens, user } = await person(ME);
    await expect(
      client.refreshTokenGrant(config, tokens.refresh_token ?? '', { resource: audience }),
    ).rejects.toMatchObject({ error: 'invalid_target' });
    const both = await hub.register();
    const asking = await hub.relyingParty(both);
    const request = new URLSearchParams([
      ['resource', hub.audience],
      ['resource', audience],
    ]);
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(asking, {
      redirect_uri: 'https://app.example/callback',
      scope: 'openid scim:me',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    for (const [name, value] of request) url.searchParams.append(name, value);
    const browser = hub.browser();
    const asked = await browser.open(url);
    const page = await browser.submit(asked, { identifier: user.userName, password: 'a quiet harbour at dawn' });
    const first = await client.authorizationCodeGrant(asking, page.url, {
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    expect(decodeJwt(first.access_token).aud).toBe(hub.audience);
    const second = await client.refreshTokenGrant(asking, first.refresh_token ?? '', { resource: audience });
    expect(decodeJwt(second.access_token).aud).toBe(audience);
    expect((await scim(second.access_token)('GET', '/Me')).body.id).toBe(user.userId);
  });

  it.each(['deactivated', 'signed out everywhere', 'client ended'] as const)('closes at once: %s', async (how) => {
    const { user, tokens, made } = await person({ ...ME, resource: audience });
    if (how === 'deactivated')
      await query('update users set active = false where organization_id = $1 and id = $2', [
        user.organizationId,
        user.userId,
      ]);
    else if (how === 'client ended')
      await query('update clients set ended_at = now() where client_id = $1', [made.clientId]);
    else await endAccess(systemCtx(), { organizationId: user.organizationId, userId: user.userId });
    expect((await scim(tokens.access_token)('GET', '/Me')).status).toBe(401);
  });

  it('gives no further token once the person holds nothing in the application', async () => {
    const { user, config, tokens } = await person({ ...ME, resource: audience });
    hub.hold(user.userId, NO_RIGHTS);
    await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});
