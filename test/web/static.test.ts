import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { testApp, testSite } from './site.ts';

describe('a static file', () => {
  it('may be kept for a year under the address that names its content', async () => {
    const site = await testSite();
    const answer = await request(testApp(site, () => {})).get(site.assets.url('app.css'));
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.headers['content-type']).toBe('text/css; charset=utf-8');
    expect(answer.headers['content-encoding']).toBe('gzip');
  });

  it('is asked for again under a plain or outdated address, and not sent twice', async () => {
    const app = testApp(await testSite(), () => {});
    const first = await request(app).get('/assets/app.css?v=old');
    expect(first.headers['cache-control']).toBe('no-cache');
    const second = await request(app)
      .get('/assets/app.css')
      .set('If-None-Match', first.headers['etag'] ?? '');
    expect(second.status).toBe(304);
  });

  it('goes out uncompressed to whoever wants it so', async () => {
    const answer = await request(testApp(await testSite(), () => {}))
      .get('/assets/brand.css')
      .set('Accept-Encoding', 'identity');
    expect(answer.headers).not.toHaveProperty('content-encoding');
    expect(answer.text).toContain('--brand: #b3001b;');
  });

  it('outside the folder does not exist', async () => {
    const app = testApp(await testSite(), () => {});
    for (const path of [
      '/assets/../package.json',
      '/assets/%2e%2e%2fpackage.json',
      '/assets/constructor',
      '/assets/',
    ]) {
      expect((await request(app).get(path)).status).toBe(404);
    }
  });

  it('that a view names wrongly is an error, not a broken page', async () => {
    const site = await testSite();
    expect(() => site.assets.url('missing.css')).toThrow('There is no asset missing.css');
  });
});
