import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { bindForms, formToken } from '../../src/web/csrf.ts';
import { testApp, testSite } from './site.ts';

// The header stands for a session that an edge has loaded.
async function app(publicUrl?: string) {
  const site = await testSite(publicUrl);
  return testApp(
    site,
    (routes) => {
      routes.get('/form', (req, res) => res.json({ csrf: formToken(req, res, site) }));
      routes.post('/form', (_req, res) => res.send('done'));
    },
    [
      (req, res, next) => {
        const session = req.get('test-session');
        if (session) bindForms(res, session);
        next();
      },
    ],
  );
}

async function visit(server: Awaited<ReturnType<typeof app>>, session = '') {
  const answer = await request(server).get('/form').set('test-session', session);
  const [cookie = ''] = (answer.headers['set-cookie'] as unknown as string[] | undefined) ?? [];
  return { csrf: (answer.body as { csrf: string }).csrf, cookie: cookie.split(';')[0] ?? '', setCookie: cookie };
}

const post = (server: Awaited<ReturnType<typeof app>>, headers: Record<string, string>, csrf?: string) =>
  request(server)
    .post('/form')
    .set(headers)
    .type('form')
    .send(csrf === undefined ? {} : { csrf });

describe('a posted form', () => {
  it('is accepted with the token and the cookie of the same visit', async () => {
    const server = await app();
    const { csrf, cookie } = await visit(server);
    expect((await post(server, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' }, csrf)).text).toBe('done');
    expect((await post(server, { Cookie: cookie, Origin: 'http://localhost:3000' }, csrf)).text).toBe('done');
    expect((await post(server, { Cookie: cookie, 'X-CSRF-Token': csrf })).text).toBe('done');
  });

  it.each([
    ['cross-site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['from a sibling host', { 'Sec-Fetch-Site': 'same-site' }],
    ['from another origin', { Origin: 'https://evil.example' }],
    ['from an opaque origin', { Origin: 'null' }],
  ])('is refused %s, whatever it carries', async (_, headers) => {
    const server = await app();
    const { csrf, cookie } = await visit(server);
    const answer = await post(server, { Cookie: cookie, ...headers }, csrf);
    expect(answer.status).toBe(403);
  });

  it('is refused without token, without cookie, and with a token that was altered', async () => {
    const server = await app();
    const { csrf, cookie } = await visit(server);
    const statuses = [
      await post(server, { Cookie: cookie }),
      await post(server, {}, csrf),
      await post(server, { Cookie: cookie }, `x${csrf}`),
      await post(server, { Cookie: cookie }, csrf.slice(0, -2)),
      await post(server, { Cookie: cookie }, ''),
      await post(server, { Cookie: 'form=' }, csrf),
    ].map(({ status }) => status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 403]);
  });

  it("is refused with another visitor's token", async () => {
    const server = await app();
    const [own, attacker] = [await visit(server), await visit(server)];
    expect((await post(server, { Cookie: own.cookie }, attacker.csrf)).status).toBe(403);
  });

  it('is bound to the session once there is one', async () => {
    const server = await app();
    const { csrf, setCookie } = await visit(server, 'session-1');
    expect(setCookie).toBe('');
    expect((await post(server, { 'test-session': 'session-1' }, csrf)).text).toBe('done');
    expect((await post(server, { 'test-session': 'session-2' }, csrf)).status).toBe(403);
    const before = await visit(server);
    expect((await post(server, { 'test-session': 'session-1', Cookie: before.cookie }, before.csrf)).status).toBe(403);
  });

  it('gets a __Host- cookie with https, and a plain one on http', async () => {
    expect((await visit(await app('https://hub.example'))).setCookie).toMatch(
      /^__Host-form=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect((await visit(await app())).setCookie).toMatch(/^form=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  it('is told in words what to do when it is refused', async () => {
    const answer = await post(await app(), { 'Accept-Language': 'en' });
    expect(answer.text).toContain('This page was open for too long');
  });
});
