// /Me: the user behind an access token (RFC 7644 section 3.11).
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';
import { USER, connectDirectory, scimApp, type Directory } from '../support/directory.ts';

let app: Express;
let directory: Directory;
let id: string;
beforeAll(async () => {
  await openTestDatabase();
  app = scimApp({
    me: (token) =>
      Promise.resolve(token === 'hers' ? { organizationId: directory.organizationId, userId: id } : undefined),
  });
  directory = await connectDirectory(app);
  id = (await directory.send('post', '/Users', { schemas: [USER], userName: 'herself', title: 'Clerk' }).expect(201))
    .body.id;
});
afterAll(() => closeTestDatabase());

const me = (token: string, path = '/Me') => request(app).get(`/scim/v2${path}`).set('Authorization', `Bearer ${token}`);

describe('/Me (RFC 7644 section 3.11)', () => {
  it('is the own record, with its ETag and what was asked for', async () => {
    const answer = await me('hers').expect(200).expect('Content-Type', 'application/scim+json').expect('ETag', 'W/"1"');
    expect(answer.body).toMatchObject({
      id,
      userName: 'herself',
      meta: { location: `http://localhost:3000/scim/v2/Users/${id}` },
    });
    expect((await me('hers', '/Me?attributes=userName').expect(200)).body).not.toHaveProperty('title');
    await me('hers').set('If-None-Match', 'W/"1"').expect(304);
  });

  it('opens to no other token, least of all a directory’s', async () => {
    for (const token of ['', 'x', directory.token])
      await me(token)
        .expect(401)
        .expect('WWW-Authenticate', /^Bearer/);
    await request(app).patch('/scim/v2/Me').set('Authorization', 'Bearer hers').expect(405);
    await me('hers', '/Me/x').expect(404);
  });

  it('answers 501 where access tokens cannot be verified', async () => {
    const answer = await request(scimApp()).get('/scim/v2/Me').set('Authorization', 'Bearer hers').expect(501);
    expect(answer.body).toMatchObject({ status: '501' });
  });
});
