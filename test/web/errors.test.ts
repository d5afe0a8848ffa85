import { describe, expect, it } from '@jest/globals';
import express from 'express';
import { pino } from 'pino';
import request from 'supertest';
import { ERROR_CODES, HubError } from '../../src/errors.ts';
import { problemHandler, STATUS_OF } from '../../src/web/problem.ts';
import { assignRequestId } from '../../src/web/request-id.ts';
import { testApp, testSite } from './site.ts';

function api(thrown: unknown) {
  const app = express();
  app.use(assignRequestId({ trustProxy: 1 }), express.json());
  app.post('/', () => {
    throw thrown;
  });
  app.use(problemHandler({ log: pino({ enabled: false }) }));
  return request(app).post('/').set('X-Request-Id', 'request-1');
}

describe('a problem of a JSON interface', () => {
  it.each(ERROR_CODES)('%s has a client or availability status of its own', (code) => {
    expect(code === 'unavailable' ? [503] : [400, 401, 403, 404, 409, 422, 429]).toContain(STATUS_OF[code]);
  });

  it('is a problem document with code, detail and request id', async () => {
    const answer = await api(new HubError('uniqueness', 'This username is taken.', { attribute: 'userName' })).send({});
    expect(answer.status).toBe(409);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(JSON.parse(answer.text)).toEqual({
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      detail: 'This username is taken.',
      code: 'uniqueness',
      request_id: 'request-1',
      details: { attribute: 'userName' },
    });
  });

  it('says when to come back', async () => {
    const answer = await api(new HubError('throttled', 'Too many attempts.', { retryAfter: 2.2 })).send({});
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '3']);
  });

  it('tells nothing of an error that nobody foresaw', async () => {
    const answer = await api(new Error('password=hunter2 at db.internal')).send({});
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/hunter2|db\.internal|stack/);
    expect(answer.text).toContain('request-1');
  });

  it('names a body that is no JSON for what it is, without quoting it', async () => {
    const answer = await api(undefined).type('json').send('{"secret": "hunter2"');
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('hunter2');
  });
});

describe('an error page', () => {
  const get = async (path: string, language: string) => {
    const app = testApp(await testSite(), (routes) => {
      routes.get('/hub/:code', (req) => {
        const code = ERROR_CODES.find((candidate) => candidate === req.params.code);
        throw code ? new HubError(code, 'detail-for-the-log', { retryAfter: 30 }) : new Error('hunter2');
      });
    });
    return request(app).get(path).set('Accept-Language', language);
  };

  it.each([
    ['/nowhere', 404, 'nl', 'Deze pagina bestaat niet'],
    ['/hub/not_found', 404, 'fr', 'existe pas'],
    ['/hub/not_permitted', 403, 'de', 'Das dürfen Sie nicht'],
    ['/hub/unavailable', 503, 'en', 'The service is briefly unavailable'],
    ['/hub/none', 500, 'nl', 'Er ging bij ons iets mis'],
  ])('for %s answers %i in the language of the visitor', async (path, status, language, text) => {
    const answer = await get(path, language);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(`<html lang="${language}"`);
    expect(answer.text).toContain(text);
    expect(answer.text).toContain(answer.headers['x-request-id']);
  });

  it('shows nothing of the error itself, and when to come back', async () => {
    expect((await get('/hub/none', 'en')).text).not.toContain('hunter2');
    const busy = await get('/hub/unavailable', 'en');
    expect(busy.text).not.toContain('detail-for-the-log');
    expect(busy.headers['retry-after']).toBe('30');
  });
});
