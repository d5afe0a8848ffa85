import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import type { Express } from 'express';
import { OPERATOR_ORGANIZATION_ID } from '../../src/organizations/operator-organization.ts';
import { closeTestDatabase } from '../support/database.ts';
import { apiApp, openHub, sender, setUp, tokenWith, type Send } from './client.ts';

let app: Express;
let token: string;
let send: Send;
beforeAll(async () => {
  await openHub();
  app = apiApp();
  token = await tokenWith('owner');
  send = sender(app, token);
});
afterAll(() => closeTestDatabase());

const raw = (body: string | Buffer, headers: Record<string, string> = {}) =>
  request(app)
    .post('/api/v1/organizations')
    .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers })
    .serialize((given: unknown) => given as string)
    .send(body);

const issuesOf = (body: { details: { issues: { path: string; message: string }[] } }) => body.details.issues;

describe('a request without a good token', () => {
  it.each([
    ['no header', undefined, 'Bearer realm="api"'],
    ['an unknown token', `Bearer mandate_${'A'.repeat(43)}`, 'Bearer realm="api", error="invalid_token"'],
    ['another scheme', 'Basic b3duZXI6b3duZXI=', 'Bearer realm="api", error="invalid_token"'],
    ['a malformed token', 'Bearer mandate_x', 'Bearer realm="api", error="invalid_token"'],
    ['two tokens', 'Bearer a b', 'Bearer realm="api", error="invalid_token"'],
  ])('is 401 with a challenge: %s', async (_, header, challenge) => {
    const sent = request(app).get('/api/v1/organizations');
    const answer = await (header === undefined ? sent : sent.set('Authorization', header)).expect(401);
    expect(answer.headers['www-authenticate']).toBe(challenge);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      status: 401,
      code: 'invalid_credentials',
      request_id: answer.headers['x-request-id'],
    });
  });

  it('learns nothing about its body', async () => {
    await request(app).post('/api/v1/organizations').set('Content-Type', 'application/json').send('{').expect(401);
  });
});

describe('a body that cannot be read', () => {
  it.each([
    ['another media type', 'name=x', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['a compressed body', '{}', { 'Content-Encoding': 'gzip' }, 415],
    ['malformed JSON', '{"name": "x"', {}, 400],
    ['JSON nested deeper than 32', `${'['.repeat(33)}${']'.repeat(33)}`, {}, 400],
    ['a hundred thousand brackets', '['.repeat(100_000), {}, 400],
    ['more than 1 MiB', JSON.stringify({ name: 'x'.repeat(1024 * 1024) }), {}, 413],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400],
  ])('is refused: %s', async (_, body, headers, status) => {
    const answer = await raw(body, headers).expect(status);
    expect(answer.body).toMatchObject({ status, code: 'invalid_request' });
  });

  it('is not quoted in the answer', async () => {
    const answer = await raw('{"secret-value-9": ').expect(400);
    expect(JSON.stringify(answer.body)).not.toContain('secret-value-9');
  });

  it('may hold brackets inside its texts', async () => {
    await raw(JSON.stringify({ name: '['.repeat(100) })).expect(201);
  });
});

describe('input that the schema refuses', () => {
  it('names every fault at once, each with its path', async () => {
    const answer = await send('post', '/organizations', {
      name: '',
      kind: 'operator',
      settings: { ftp: 'yes', username: 'anything', more: 1 },
      attributes: { etoe_partner: 1 },
    }).expect(400);
    expect(answer.body).toMatchObject({
      status: 400,
      code: 'invalid_input',
      title: 'Bad Request',
      type: 'about:blank',
    });
    const paths = [...new Set(issuesOf(answer.body).map(({ path }) => path))].sort();
    expect(paths).toEqual([
      'attributes.etoe_partner',
      'kind',
      'name',
      'settings.ftp',
      'settings.more',
      'settings.username',
    ]);
  });

  it.each([
    ['a missing field', {}, 'name'],
    ['null', { name: null }, 'name'],
    ['a list', { name: ['x'] }, 'name'],
    ['blanks', { name: '   ' }, 'name'],
    ['a NUL', { name: 'a\u0000b' }, 'name'],
    ['a lone surrogate', { name: 'a\ud800b' }, 'name'],
    ['a line break', { name: 'a\nb' }, 'name'],
    ['more than 200 characters', { name: 'x'.repeat(201) }, 'name'],
    ['a number of half a megabyte of text', { name: ' '.repeat(500_000) }, 'name'],
    ['a list instead of an object', [], ''],
    ['an unknown field', { name: 'x', id: 'mine' }, 'id'],
    ['a field of the prototype', JSON.parse('{"name":"x","__proto__":{"kind":"operator"}}') as object, '__proto__'],
  ])('is invalid_input: %s', async (_, body, path) => {
    const answer = await send('post', '/organizations', body).expect(400);
    expect(answer.body.code).toBe('invalid_input');
    expect(issuesOf(answer.body).map((issue) => issue.path)).toContain(path);
  });

  it.each([
    ['an unknown parameter', 'nme=x', 'query.nme'],
    ['a parameter twice', 'name=x&name=y', 'query.name'],
    ['a limit of 0', 'limit=0', 'query.limit'],
    ['a limit over 200', 'limit=201', 'query.limit'],
    ['a limit that is no number', 'limit=1e2', 'query.limit'],
    ['a cursor that we did not make', 'after=x', 'query.after'],
  ])('tells faults of the query with their path: %s', async (_, search, path) => {
    const answer = await send('get', `/organizations?${search}`).expect(400);
    expect(issuesOf(answer.body)).toMatchObject([{ path }]);
  });

  it('takes RFC 3339 instants and nothing else', async () => {
    for (const expiresAt of ['2030-01-01', '2030-02-30T00:00:00Z', 'tomorrow', 1893456000, '1969-01-01T00:00:00Z']) {
      const answer = await send('post', '/api-tokens', { name: 'x', roles: ['auditor'], expiresAt }).expect(400);
      expect(issuesOf(answer.body)).toMatchObject([{ path: 'expiresAt' }]);
    }
    const made = await send('post', '/api-tokens', {
      name: 'x',
      roles: ['auditor'],
      expiresAt: '2090-01-01T02:00:00+02:00',
    }).expect(201);
    expect(made.body.expiresAt).toBe('2090-01-01T00:00:00.000Z');
  });

  it('names the fault inside the gift that was meant', async () => {
    const at = `/organizations/${OPERATOR_ORGANIZATION_ID}`;
    const gift = { application: 'emasspost', customerAccountId: 'no id', values: { rights: 7 } };
    const answer = await send('post', `${at}/assignments`, {
      subjectKind: 'user',
      subjectId: OPERATOR_ORGANIZATION_ID,
      gifts: [gift],
    }).expect(400);
    expect(issuesOf(answer.body).length).toBeGreaterThan(0);
    expect(issuesOf(answer.body).every(({ path }) => path.startsWith('gifts.0'))).toBe(true);
  });

  it('passes the faults of the domain on in the same form', async () => {
    const uris = ['https://app.example/#x', 'http://app.example/'];
    const answer = await send('post', '/clients', {
      client_name: 'x',
      kind: 'web',
      application: 'emasspost',
      redirect_uris: uris,
    }).expect(400);
    expect(issuesOf(answer.body).map(({ path }) => path)).toEqual(['redirect_uris[0]', 'redirect_uris[1]']);
  });

  it('refuses a body where none is taken', async () => {
    const answer = await send('get', '/organizations', { name: 'x' }).expect(400);
    expect(answer.body.code).toBe('invalid_input');
  });
});

describe('an address that is none', () => {
  it.each([
    '/',
    '/nothing',
    '/organizations/',
    '/Organizations',
    '/organizations/x/y/z',
    '/organizations/%00',
    '/organizations/%ED%A0%80',
  ])('answers 404 or 400 as a problem: %s', async (path) => {
    const answer = await send('get', path);
    expect([400, 404]).toContain(answer.status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it('answers 405 with the methods that are possible', async () => {
    const answer = await send('delete', '/organizations').expect(405);
    expect(answer.headers['allow']).toBe('POST, GET');
    expect(answer.body).toMatchObject({ status: 405, code: 'invalid_request' });
  });

  it('answers 404 for an id that is none, and for one that nobody has', async () => {
    for (const id of ['x', '0', '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10', "'; drop table users; --"]) {
      const answer = await send('get', `/organizations/${encodeURIComponent(id)}`).expect(404);
      expect(answer.body.code).toBe('not_found');
    }
  });

  it('answers 404 for an id that is none also where what it names is locked first', async () => {
    const { at, user } = await setUp(send, 'Locked first');
    const there = (await send('post', '/organizations', { name: 'There' }).expect(201)).body;
    for (const id of ['x', 'constructor', '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10']) {
      const members = await send('post', `${at}/groups/${id}/members`, { add: [user] }).expect(404);
      const move = { toOrganizationId: there.id, endRights: true };
      const moved = await send('post', `${at}/customer-accounts/${id}/move`, move).expect(404);
      expect([members.body.code, moved.body.code]).toEqual(['not_found', 'not_found']);
    }
  });
});
