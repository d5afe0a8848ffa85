import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPERATOR_ORGANIZATION_ID } from '../../src/organizations/operator-organization.ts';
import { closeTestDatabase } from '../support/database.ts';
import { apiApp, depositing, openHub, sender, setUp, tokenWith, type Send, type SetUp } from './client.ts';

let send: Send;
let hub: SetUp;
beforeAll(async () => {
  await openHub();
  send = sender(apiApp(), await tokenWith('owner'));
  hub = await setUp(send, 'Spoor');
  await hub.make(`${hub.at}/assignments`, {
    subjectKind: 'user',
    subjectId: hub.user,
    gifts: [depositing(hub.account)],
  });
});
afterAll(() => closeTestDatabase());

type Event = { id: string; action: string; targetId: string; actor: { kind: string; label: string } };
const events = async (search = ''): Promise<Event[]> =>
  (await send('get', `${hub.at}/audit-events${search}`).expect(200)).body.items;

describe('the audit over the API', () => {
  it('tells what happened in an organization, newest first, and who did it', async () => {
    const all = await events();
    expect(all[0]).toMatchObject({
      action: 'assignment.given',
      targetId: hub.user,
      actor: { kind: 'operator', label: 'owner' },
    });
    expect(all.at(-1)).toMatchObject({ action: 'organization.created', targetId: hub.organization });
  });

  it('tells of one target only what concerns it', async () => {
    const ofGroup = await events(`?target=${hub.group}`);
    expect(ofGroup.map(({ action }) => action)).toEqual(['group.created']);
    expect((await events(`?target=${hub.user}&kind=rights`)).map(({ action }) => action)).toEqual(['assignment.given']);
  });

  it('gives every event once, page by page', async () => {
    const whole = (await events('?limit=200')).map(({ id }) => id);
    const seen: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const { body } = await send(
        'get',
        `${hub.at}/audit-events?limit=3${after === '' ? '' : `&after=${after}`}`,
      ).expect(200);
      seen.push(...(body.items as Event[]).map(({ id }) => id));
      after = body.next as string | null;
    }
    expect(seen).toEqual(whole);
  });

  it('ends where it is asked to', async () => {
    expect(await events('?until=2000-01-01T00:00:00Z')).toEqual([]);
    expect((await events('?from=2000-01-01T00:00:00Z')).length).toBeGreaterThan(5);
  });

  it("keeps the operator's own acts in his organization", async () => {
    const made = await send('post', '/api-tokens', { name: 'seen', roles: ['auditor'] }).expect(201);
    const { body } = await send(
      'get',
      `/organizations/${OPERATOR_ORGANIZATION_ID}/audit-events?target=${made.body.id}`,
    ).expect(200);
    expect(body.items).toMatchObject([{ action: 'api_token.created', after: { name: 'seen', roles: ['auditor'] } }]);
  });

  it('shows nothing of another organization', async () => {
    const other = await setUp(send, 'Ander spoor');
    expect(await events(`?target=${other.user}`)).toEqual([]);
  });
});
