import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeTestDatabase } from '../support/database.ts';
import { apiApp, openHub, sender, setUp, tokenWith, type Send, type SetUp } from './client.ts';

let send: Send;
let hub: SetUp;
beforeAll(async () => {
  await openHub();
  send = sender(apiApp(), await tokenWith('owner'));
  hub = await setUp(send, 'Lijsten');
});
afterAll(() => closeTestDatabase());

type Item = Record<string, unknown>;

/** Every item of a list, two at a time. */
async function walk(path: string): Promise<Item[]> {
  const all: Item[] = [];
  for (let after = ''; ;) {
    const { body } = await send(
      'get',
      `${path}${path.includes('?') ? '&' : '?'}limit=2${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`,
    ).expect(200);
    expect(body.items.length).toBeLessThanOrEqual(2);
    all.push(...body.items);
    if (body.next === null) return all;
    after = body.next;
  }
}

describe('a list', () => {
  it('gives every user once, page by page, the same as in one page', async () => {
    for (let i = 0; i < 5; i += 1) await hub.make(`${hub.at}/users`, { userName: `user${i}` });
    const whole = (await send('get', `${hub.at}/users`).expect(200)).body;
    expect(whole.next).toBeNull();
    expect(whole.items).toHaveLength(6);
    expect(await walk(`${hub.at}/users`)).toEqual(whole.items);
  });

  it('gives every organization once, the newest first', async () => {
    const made: string[] = [];
    for (let i = 0; i < 3; i += 1) made.unshift((await hub.make('/organizations', { name: `Reeks ${i}` })).id);
    const ids = (await walk('/organizations?name=reeks')).map(({ id }) => id);
    expect(ids).toEqual(made);
  });

  it('gives every resource once, whatever its number', async () => {
    const numbers = ['BPI/2024/1', 'é 7', 'Ω', '*a', 'a b'];
    await send('put', `${hub.at}/customer-accounts/${hub.account}/resources`, {
      resources: numbers.map((number) => ({ kind: 'contracts', number, label: number })),
    }).expect(200);
    const all = await walk(`${hub.at}/customer-accounts/${hub.account}/resources`);
    expect(all.map(({ number }) => number).sort()).toEqual([...numbers, 'B-1', 'B-2', 'C-1'].sort());
  });

  it('goes on where it was when the last one seen has gone', async () => {
    const roles: string[] = [];
    for (const name of ['r1', 'r2', 'r3', 'r4']) roles.push((await hub.make(`${hub.at}/roles`, { name })).id);
    const first = (await send('get', `${hub.at}/roles?limit=3`).expect(200)).body;
    const last = first.items.at(-1);
    await send('delete', `${hub.at}/roles/${last.id}`).expect(204);
    const rest = (await send('get', `${hub.at}/roles?after=${first.next}`).expect(200)).body;
    expect([...first.items, ...rest.items].map(({ id }: Item) => id)).toEqual(expect.arrayContaining(roles));
    expect(rest.items.map(({ id }: Item) => id)).not.toContain(last.id);
  });

  it('gives users before groups among the members of a group', async () => {
    const inner = await hub.make(`${hub.at}/groups`, { displayName: 'Inner' });
    const people = (await walk(`${hub.at}/users`)).map(({ id }) => id as string);
    await send('post', `${hub.at}/groups/${hub.group}/members`, { add: [inner.id, ...people] }).expect(200);
    const members = await walk(`${hub.at}/groups/${hub.group}/members`);
    expect(members.map(({ id }) => id)).toEqual([...people.sort(), inner.id]);
  });

  it.each([
    ['applications', () => '/applications'],
    ['API tokens', () => '/api-tokens'],
    ['groups', () => `${hub.at}/groups`],
    ['customer accounts', () => `${hub.at}/customer-accounts`],
    ['subscriptions', () => `${hub.at}/subscriptions`],
    ['connections', () => `${hub.at}/connections`],
  ])('of %s is the same in pages as whole', async (_, path) => {
    const whole = (await send('get', `${path()}?limit=200`).expect(200)).body;
    expect(await walk(path())).toEqual(whole.items);
  });

  it('finds a user by his username, whatever the case', async () => {
    const found = (await send('get', `${hub.at}/users?userName=USER3`).expect(200)).body;
    expect(found.items).toMatchObject([{ userName: 'user3' }]);
  });
});
