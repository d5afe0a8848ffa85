// PostgreSQL goes away and comes back while the hub runs: it says so, refuses politely, and needs no restart.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHome, isReady, startDemo, until, type Home, type RunningDemo } from '../support/hub-process.ts';
import { newUser, scimClient, type ScimClient } from '../support/scim-client.ts';
import { onServer } from '../support/template.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

describe('a hub whose database goes away', () => {
  let home: Home;
  let proxy: TcpProxy;
  let hub: RunningDemo;
  let scim: ScimClient;

  beforeAll(async () => {
    home = await createHome(process.env['TEST_DATABASE_URL']);
    const url = new URL(home.env['DATABASE_URL'] ?? '');
    proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    hub = await startDemo(home, { DATABASE_URL: url.href });
    scim = scimClient(hub.demo.scim[0] ?? { baseUrl: '', token: '' });
  }, 120_000);
  afterAll(async () => {
    await hub.kill();
    await proxy.shut();
    await home.remove();
  });

  it('is red while the database is away, answers 503 with Retry-After at the SCIM door, and still lives', async () => {
    expect(await isReady(hub.origin)).toBe(true);
    await proxy.shut();
    expect((await fetch(`${hub.origin}/readyz`)).status).toBe(503);
    expect((await fetch(`${hub.origin}/livez`)).status).toBe(200);
    const answers = await Promise.all([
      scim('GET', '/Users?count=1'),
      scim('GET', '/Users/018f0000-0000-7000-8000-000000000000'),
      scim('POST', '/Users', newUser('away.one')),
    ]);
    for (const { status, headers, body } of answers) {
      expect(status).toBe(503);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(body).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '503' });
    }
  }, 60_000);

  it('answers 503, not a fault of the asker, to a person and to an application', async () => {
    const web = hub.demo.clients.find(
      (client) => client.client_secret !== undefined && client.grant_types.includes('client_credentials'),
    );
    const basic = Buffer.from(`${web?.client_id}:${web?.client_secret}`).toString('base64');
    const token = await fetch(`${hub.demo.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: web?.audience ?? '' }),
    });
    expect([token.status, Number(token.headers.get('retry-after')) > 0]).toEqual([503, true]);
    expect(await token.json()).toMatchObject({ error: 'temporarily_unavailable' });
    const page = await fetch(`${hub.demo.issuer}/auth?client_id=emasspost-example&response_type=code&scope=openid`, {
      redirect: 'manual',
    });
    expect([page.status, Number(page.headers.get('retry-after')) > 0]).toEqual([503, true]);
  }, 60_000);

  it('is green again when the database is back, without a restart, and nothing was done meanwhile', async () => {
    await proxy.open();
    await until('it is ready again', async () => ((await isReady(hub.origin)) ? true : undefined));
    const again = await scim('POST', '/Users', newUser('away.one'));
    expect(again.status).toBe(201);
  }, 60_000);

  it('answers 503 too where the server runs but lets nobody into the database, as while one is restored', async () => {
    const server = process.env['TEST_DATABASE_URL'] ?? '';
    const name = new URL(home.env['DATABASE_URL'] ?? '').pathname.slice(1);
    await onServer(server, `alter database ${name} allow_connections false`);
    await onServer(server, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
    const { status, headers } = await until('nobody is let in', async () => {
      const answer = await scim('GET', '/Users?count=1');
      return answer.status === 200 ? undefined : answer;
    });
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([503, true]);
    await onServer(server, `alter database ${name} allow_connections true`);
    await until('it is ready again', async () => ((await isReady(hub.origin)) ? true : undefined));
    expect((await scim('GET', '/Users?count=1')).status).toBe(200);
    expect((await hub.stop()).code).toBe(0);
  }, 60_000);
});
