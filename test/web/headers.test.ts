import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { allowFormTargets, formActionSource } from '../../src/web/headers.ts';
import { SIGN_IN, testApp, testSite } from './site.ts';

const app = async (publicUrl?: string) =>
  testApp(await testSite(publicUrl), (routes, render) => {
    routes.get('/sign-in', (_req, res) => {
      allowFormTargets(res, ['https://app.example/callback?x=1', 'https://app.example/other', 'com.example.app:/done']);
      render(res, 'sign-in/sign-in', SIGN_IN);
    });
    routes.get('/plain', (_req, res) => void res.send('plain'));
  });

describe('every answer', () => {
  it('allows a page nothing but files of our own host', async () => {
    const { headers } = await request(await app()).get('/plain');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    );
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['permissions-policy']).toContain('camera=()');
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('demands https for the future only where it has https itself', async () => {
    expect(
      (await request(await app('https://hub.example')).get('/plain')).headers['strict-transport-security'],
    ).toContain('max-age=63072000');
    expect((await request(await app()).get('/plain')).headers).not.toHaveProperty('strict-transport-security');
  });

  it("lets the sign-in form end at the asking client's redirect URI", async () => {
    const { headers } = await request(await app()).get('/sign-in');
    expect(headers['content-security-policy']).toMatch(/form-action 'self' https:\/\/app\.example com\.example\.app:$/);
  });
});

describe('the form target of a redirect URI', () => {
  it.each([
    ['https://app.example:8443/cb', 'https://app.example:8443'],
    ['http://127.0.0.1:51004/cb', 'http://127.0.0.1:51004'],
    ['http://[::1]:51004/cb', 'http:'],
    ['com.example.app:/cb', 'com.example.app:'],
    ['https://app.example/;script-src *', 'https://app.example'],
  ])('%s is %s', (uri, source) => {
    expect(formActionSource(uri)).toBe(source);
  });
});

describe('the request id', () => {
  it('from outside counts only behind a trusted proxy', async () => {
    const { headers } = await request(await app())
      .get('/plain')
      .set('X-Request-Id', 'chosen-by-caller');
    expect(headers['x-request-id']).not.toBe('chosen-by-caller');
  });
});
