// Finding organizations over the API, and all that is kept about one of them.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { closeTestDatabase } from '../support/database.ts';
import { apiApp, openHub, sender, setUp, tokenWith, type Send, type SetUp } from './client.ts';

let send: Send;
let hub: SetUp;
beforeAll(async () => {
  await openHub();
  send = sender(apiApp(), await tokenWith('owner'));
  hub = await setUp(send, 'Noordzee Media');
  await setUp(send, 'Polder Print');
  await send('post', `${hub.at}/suspend`, { reason: 'unpaid' }).expect(200);
});
afterAll(() => closeTestDatabase());

describe('the list of organizations', () => {
  it.each([
    ['a part of the name', () => 'name=noordzee', ['Noordzee Media']],
    ['a whole customer number', () => `customerNumber=${hub.number}`, ['Noordzee Media']],
    ['no part of a customer number', () => `customerNumber=${hub.number.slice(0, -1)}`, []],
    ['the state', () => 'state=suspended', ['Noordzee Media']],
    ['the lack of a chief administrator', () => 'withoutChief=true', ['Polder Print']],
    ['all of them', () => 'name=polder&state=active&withoutChief=true', ['Polder Print']],
    ['two that nothing meets', () => 'name=polder&state=closed', []],
  ])('is narrowed by %s', async (_what, asked, names) => {
    const { body } = await send('get', `/organizations?${asked()}`).expect(200);
    expect((body.items as { name: string }[]).map(({ name }) => name)).toEqual(names);
  });

  it('refuses a state that does not exist', () => send('get', '/organizations?state=gone').expect(400));
});

describe('the export of an organization', () => {
  it('holds its people, rights and history, and no secret, and is itself in the history', async () => {
    const { body, headers } = await send('post', `${hub.at}/export`).expect(200);
    expect(headers['content-type']).toContain('application/json');
    expect(body).toMatchObject({
      organization: { id: hub.organization, name: 'Noordzee Media' },
      users: [{ id: hub.user }],
    });
    expect(Object.keys(body)).toEqual(expect.arrayContaining(['customerAccounts', 'assignments', 'history']));
    expect(JSON.stringify(body)).not.toMatch(/password_hash|secret|token_hash/);
    const actions = await query<{ action: string }>('select action from audit_events where organization_id = $1', [
      hub.organization,
    ]);
    expect(actions.map(({ action }) => action)).toContain('organization.exported');
  });

  it('is for those who may close one, and of one that exists', async () => {
    const security = sender(apiApp(), await tokenWith('security'));
    expect((await security('post', `${hub.at}/export`)).body.code).toBe('not_permitted');
    const gone = await send('post', '/organizations/019391c2-7a5e-7c11-9a63-0c5f7a2f9f10/export').expect(404);
    expect(gone.headers['content-type']).toContain('application/problem+json');
  });
});
