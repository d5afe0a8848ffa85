import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { applicationAudience, applicationOfAudience } from '../../src/clients/audience.ts';
import { checkClientUris, type ClientKind } from '../../src/clients/client-uris.ts';
import { createClient } from '../../src/clients/create-client.ts';
import { endClient } from '../../src/clients/end-client.ts';
import { findClient } from '../../src/clients/find-client.ts';
import { query } from '../../src/database/query.ts';
import { addOrganization, addUser, systemCtx } from '../oidc/hub.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';

let operator: string;
beforeAll(async () => {
  await openTestDatabase();
  operator = await addOrganization('Operator', 'operator');
});
afterAll(closeTestDatabase);

const web = (redirectUris: string[] = ['https://app.example/callback']) =>
  createClient(systemCtx(), { name: 'App', kind: 'web', application: 'emasspost', redirectUris });

describe('registering a client', () => {
  it('shows a secret once and keeps its hash', async () => {
    const { clientId, clientSecret = '' } = await web();
    expect(Buffer.from(clientSecret, 'base64url')).toHaveLength(32);
    const stored = await query('select * from clients where client_id = $1', [clientId]);
    expect(JSON.stringify(stored)).not.toContain(clientSecret);
    const audit = await query('select * from audit_events where target_id = $1', [clientId]);
    expect(audit).toHaveLength(1);
    expect(JSON.stringify(audit)).not.toContain(clientSecret);
  });

  it('gives a native client no secret', async () => {
    const made = await createClient(systemCtx(operator), {
      name: 'App',
      kind: 'native',
      redirectUris: ['http://127.0.0.1/callback'],
    });
    expect(made).not.toHaveProperty('clientSecret');
    expect((await findClient(made.clientId))?.metadata['token_endpoint_auth_method']).toBe('none');
  });

  it('binds a service to a service user and to nobody else', async () => {
    const organizationId = await addOrganization('Noordzee Media');
    const service = await addUser(organizationId, { kind: 'service' });
    const person = await addUser(organizationId, { password: null });
    const made = await createClient(systemCtx(operator), { name: 'Batch', kind: 'service', serviceUser: service });
    expect((await findClient(made.clientId))?.serviceUser).toEqual({ organizationId, userId: service.userId });
    await expect(
      createClient(systemCtx(operator), { name: 'Batch', kind: 'service', serviceUser: person }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(createClient(systemCtx(operator), { name: 'Batch', kind: 'service' })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it('refuses a client id that is taken', async () => {
    const { clientId } = await web();
    const again = createClient(systemCtx(operator), {
      name: 'App',
      kind: 'web',
      redirectUris: ['https://a.example/'],
      clientId,
    });
    await expect(again).rejects.toMatchObject({ code: 'uniqueness', details: { attribute: 'client_id' } });
  });
});

describe('the addresses of a client', () => {
  const accepts = (kind: ClientKind, uri: string) => {
    try {
      checkClientUris({ kind, redirectUris: [uri], postLogoutRedirectUris: [], backchannelLogoutUri: undefined });
      return true;
    } catch {
      return false;
    }
  };

  it.each([
    ['web', 'https://app.example/callback', true],
    ['web', 'http://localhost:8080/callback', true],
    ['web', 'http://app.example/callback', false],
    ['web', 'https://app.example/callback#part', false],
    ['web', 'https://*.example/callback', false],
    ['web', 'https://user:secret@app.example/', false],
    ['web', 'javascript:alert(1)', false],
    ['web', '/callback', false],
    ['web', 'com.example.app:/callback', false],
    ['native', 'com.example.app:/callback', true],
    ['native', 'http://127.0.0.1/callback', true],
    ['native', 'http://[::1]/callback', true],
    ['native', 'http://localhost/callback', false],
    ['native', 'myapp://callback', false],
    ['native', 'http://192.168.1.5/callback', false],
    ['native', 'https://app.example/native', true],
    ['native', 'https://localhost/native', false],
    ['native', 'https://127.0.0.1/native', false],
    ['web', 'https://localhost/callback', true],
    ['service', 'https://app.example/callback', false],
  ] as const)('of kind %s: %s is accepted: %s', (kind, uri, accepted) => {
    expect(accepts(kind, uri)).toBe(accepted);
  });

  it('are all judged at once', async () => {
    await expect(web(['http://a.example/', 'https://b.example/#x'])).rejects.toMatchObject({
      code: 'invalid_input',
      details: { issues: [{ path: 'redirect_uris[0]' }, { path: 'redirect_uris[1]' }] },
    });
  });
});

describe('a client that has ended', () => {
  it('is not found any more, and cannot end twice', async () => {
    const { clientId } = await web();
    expect((await findClient(clientId))?.name).toBe('App');
    await endClient(systemCtx(operator), clientId);
    expect(await findClient(clientId)).toBeUndefined();
    await expect(endClient(systemCtx(operator), clientId)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the audience of an application', () => {
  it('is an absolute URI that names it, and no other text does', () => {
    const url = new URL('https://hub.example');
    expect(applicationAudience(url, 'emasspost')).toBe('https://hub.example/applications/emasspost');
    expect(applicationOfAudience(url, 'https://hub.example/applications/emasspost')).toBe('emasspost');
    for (const other of [
      'https://evil.example/applications/emasspost',
      'https://hub.example/applications/',
      'https://hub.example/applications/a/b',
      'emasspost',
    ]) {
      expect(applicationOfAudience(url, other)).toBeUndefined();
    }
  });
});
