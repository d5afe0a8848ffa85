import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { closeTestDatabase } from '../support/database.ts';
import { apiApp, openHub, sender, setUp, tokenWith, type Send } from './client.ts';

let send: Send;
beforeAll(async () => {
  await openHub();
  send = sender(apiApp(), await tokenWith('owner'));
});
afterAll(() => closeTestDatabase());

describe('a secret', () => {
  it('stands in the answer that made it, and in no list, record or audit row after that', async () => {
    const { at, user, make } = await setUp(send, 'Geheim');
    const connection = await make(`${at}/connections`, { name: 'Okta' });
    const token = await make(`${at}/connections/${connection.id}/tokens`, { name: 'first' });
    const link = await make(`${at}/users/${user}/links`, { purpose: 'first_password' });
    const temporary = await make(`${at}/users/${user}/temporary-password`, {});
    const service = await make(`${at}/users`, { kind: 'service', userName: 'robot' });
    const own = await make(`${at}/clients`, {
      client_name: 'Robot',
      application: 'emasspost',
      service_user_id: service.id,
    });
    const web = await make('/clients', {
      client_name: 'App',
      kind: 'web',
      application: 'emasspost',
      redirect_uris: ['https://app.example/cb'],
    });
    const apiToken = await make('/api-tokens', { name: 'tickets', roles: ['support'] });
    const directory = await make(`${at}/connections/${connection.id}/clients`, { client_name: 'Okta' });
    const secrets = [
      directory.client_secret,
      token.token,
      link.url,
      temporary.password,
      own.client_secret,
      web.client_secret,
      apiToken.token,
    ].map((secret: string) => secret.slice(-20));
    expect(new Set(secrets).size).toBe(7);

    const read = [
      '/api-tokens',
      `/clients/${web.client_id}`,
      `${at}/clients/${own.client_id}`,
      `${at}/connections`,
      `${at}/connections/${connection.id}/clients`,
      `/clients/${directory.client_id}`,
      `${at}/users`,
      `${at}/users/${user}`,
      at,
      `${at}/audit-events?limit=200`,
    ];
    const answers = await Promise.all(read.map(async (path) => (await send('get', path).expect(200)).text));
    const audit = await query<{ row: string }>('select to_jsonb(e)::text as row from audit_events e');
    expect(audit.length).toBeGreaterThan(10);
    const seen = [...answers, ...audit.map(({ row }) => row)].join('\n');
    for (const secret of secrets) expect(seen).not.toContain(secret);
    expect(seen).not.toMatch(/secret_?hash/i);
  });

  it('is no part of a native client', async () => {
    const made = await send('post', '/clients', {
      client_name: 'Phone',
      kind: 'native',
      application: 'emasspost',
      redirect_uris: ['http://127.0.0.1/callback'],
    }).expect(201);
    expect(made.body.client_secret).toBeNull();
  });

  it('keeps no answer in a cache', async () => {
    const answer = await send('get', '/api-tokens').expect(200);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('that is a temporary password is legible and says until when it opens the door', async () => {
    const { at, user, make } = await setUp(send, 'Tijdelijk');
    const given = await make(`${at}/users/${user}/temporary-password`, {});
    expect(given.password).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    expect(Date.parse(given.expiresAt) - Date.now()).toBeGreaterThan(71 * 3_600_000);
    const robot = await make(`${at}/users`, { kind: 'service', userName: 'robot' });
    await send('post', `${at}/users/${robot.id}/temporary-password`).expect(404);
    await send('post', `${at}/users/${user}/temporary-password`, { password: 'my own' }).expect(400);
  });

  it('of a link opens the page of its purpose', async () => {
    const { at, user, make } = await setUp(send, 'Koppeling');
    const link = await make(`${at}/users/${user}/links`, { purpose: 'first_password' });
    expect(link.url).toMatch(new RegExp(`^http://localhost:3000/welcome/${at.split('/').at(-1)}\\.[\\w-]{43}$`));
    expect(Date.parse(link.expiresAt)).toBeGreaterThan(Date.now());
    await make(`${at}/users/${user}/links`, { purpose: 'recovery' });
    const rows = await query<{ action: string; actor: { kind: string } }>(
      `select action, actor from audit_events where target_id = $1 and action in ('invitation.copied', 'password.link_made') order by id`,
      [user],
    );
    expect(rows.map(({ action, actor }) => [action, actor.kind])).toEqual([
      ['invitation.copied', 'operator'],
      ['password.link_made', 'operator'],
    ]);
  });
});
