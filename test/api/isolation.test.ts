import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeTestDatabase } from '../support/database.ts';
import { apiApp, depositing, openHub, sender, setUp, tokenWith, type Method, type Send, type SetUp } from './client.ts';

let send: Send;
let mine: SetUp;
let other: SetUp;
let foreign: Record<string, string>;
let mineConnection: string;

/** One of each kind of thing, in the other organization. */
async function things(): Promise<Record<string, string>> {
  const { at, make, user, group, role, account } = other;
  const connection = await make(`${at}/connections`, { name: 'Entra ID' });
  const token = await make(`${at}/connections/${connection.id}/tokens`, { name: 'first' });
  const setupLink = await make(`${at}/connections/${connection.id}/setup-links`, { holder: 'IT' });
  const connectionClient = await make(`${at}/connections/${connection.id}/clients`, { client_name: 'Entra ID' });
  await send('put', `${at}/connections/${connection.id}/openings`, { kind: 'group', targetId: group }).expect(200);
  const roleEntitlements = await make(`${at}/roles/${role}/entitlements`, { entitlements: [depositing(account)] });
  const assignment = await make(`${at}/assignments`, {
    subjectKind: 'user',
    subjectId: user,
    gifts: [depositing(account)],
  });
  const right = await make(`${at}/administration-rights`, {
    subjectKind: 'user',
    subjectId: user,
    name: 'manage_users',
  });
  const third = await setUp(send, 'Derde');
  const terms = {
    boxes: [{ application: 'emasspost', values: { products: '*', billing_addresses: '*', rights: '*' } }],
  };
  const mandate = await make(`${at}/mandates`, {
    customerAccountId: account,
    receiverOrganizationId: third.organization,
    ...terms,
  });
  const request = await make(`${at}/requests`, { userId: user, application: 'pickup', reason: 'Pick-ups on Fridays' });
  const service = await make(`${at}/users`, { kind: 'service', userName: 'robot' });
  const client = await make(`${at}/clients`, {
    client_name: 'Robot',
    application: 'emasspost',
    service_user_id: service.id,
  });
  return {
    connection: connection.id,
    connectionToken: token.id,
    setupLink: setupLink.id,
    connectionClient: connectionClient.client_id,
    roleEntitlement: roleEntitlements.items[0].id,
    assignment: assignment.items[0].id,
    administrationRight: right.id,
    mandate: mandate.id,
    request: request.id,
    service: service.id,
    client: client.client_id,
  };
}

beforeAll(async () => {
  await openHub();
  send = sender(apiApp(), await tokenWith('owner'));
  mine = await setUp(send, 'Eigen');
  other = await setUp(send, 'Ander');
  foreign = await things();
  mineConnection = (await mine.make(`${mine.at}/connections`, { name: 'Own' })).id;
});
afterAll(() => closeTestDatabase());

const values = { products: '*', billing_addresses: '*', rights: '*' };
const f = (name: string) => foreign[name] as string;

/** What is asked below my own organization, with the other's id in the path or the body. */
const nothing = () => undefined;
const ASKED: [string, Method, () => string, () => unknown][] = [
  ['user read', 'get', () => `/users/${other.user}`, nothing],
  ['user changed', 'patch', () => `/users/${other.user}`, () => ({ title: 'x' })],
  ['user deactivated', 'post', () => `/users/${other.user}/deactivate`, nothing],
  ['user reactivated', 'post', () => `/users/${other.user}/reactivate`, nothing],
  ['user deleted', 'delete', () => `/users/${other.user}`, nothing],
  ['link of a user', 'post', () => `/users/${other.user}/links`, () => ({ purpose: 'recovery' })],
  ['temporary password of a user', 'post', () => `/users/${other.user}/temporary-password`, nothing],
  ['effective entitlements of a user', 'get', () => `/users/${other.user}/effective`, nothing],
  ['administration rights of a user', 'get', () => `/users/${other.user}/administration-rights`, nothing],
  ['group read', 'get', () => `/groups/${other.group}`, nothing],
  ['group changed', 'patch', () => `/groups/${other.group}`, () => ({ displayName: 'x' })],
  ['group deleted', 'delete', () => `/groups/${other.group}`, nothing],
  ['members of a group', 'get', () => `/groups/${other.group}/members`, nothing],
  ['own user into a foreign group', 'post', () => `/groups/${other.group}/members`, () => ({ add: [mine.user] })],
  ['customer account read', 'get', () => `/customer-accounts/${other.account}`, nothing],
  ['resources read', 'get', () => `/customer-accounts/${other.account}/resources`, nothing],
  [
    'resources written',
    'put',
    () => `/customer-accounts/${other.account}/resources`,
    () => ({ resources: [{ kind: 'contracts', number: 'X', label: 'X' }] }),
  ],
  [
    'resources closed',
    'post',
    () => `/customer-accounts/${other.account}/resources/close`,
    () => ({ kind: 'billing_addresses', numbers: ['B-1'] }),
  ],
  [
    'subscription on a foreign account',
    'post',
    () => '/subscriptions',
    () => ({ customerAccountId: other.account, application: 'emasspost', values }),
  ],
  [
    'subscription changed',
    'put',
    () => `/subscriptions/${other.subscription}`,
    () => ({ customerAccountId: mine.account, application: 'emasspost', values }),
  ],
  ['subscription ended', 'delete', () => `/subscriptions/${other.subscription}`, nothing],
  ['role read', 'get', () => `/roles/${other.role}`, nothing],
  ['role ended', 'delete', () => `/roles/${other.role}`, nothing],
  ['entitlements of a role', 'get', () => `/roles/${other.role}/entitlements`, nothing],
  [
    'entitlement added to a role',
    'post',
    () => `/roles/${other.role}/entitlements`,
    () => ({ entitlements: [depositing(mine.account)] }),
  ],
  ['entitlement of a role ended', 'delete', () => `/role-entitlements/${f('roleEntitlement')}`, nothing],
  [
    'foreign role given to an own user',
    'post',
    () => '/assignments',
    () => ({ subjectKind: 'user', subjectId: mine.user, gifts: [{ roleId: other.role }] }),
  ],
  [
    'own rights given to a foreign user',
    'post',
    () => '/assignments',
    () => ({ subjectKind: 'user', subjectId: other.user, gifts: [depositing(mine.account)] }),
  ],
  [
    'own rights given to a foreign group',
    'post',
    () => '/assignments',
    () => ({ subjectKind: 'group', subjectId: other.group, gifts: [depositing(mine.account)] }),
  ],
  [
    'foreign account given to an own user',
    'post',
    () => '/assignments',
    () => ({ subjectKind: 'user', subjectId: mine.user, gifts: [depositing(other.account)] }),
  ],
  ['assignments of a user', 'get', () => `/assignments?subjectKind=user&subjectId=${other.user}`, nothing],
  ['assignment read', 'get', () => `/assignments/${f('assignment')}`, nothing],
  ['assignment ended', 'delete', () => `/assignments/${f('assignment')}`, nothing],
  [
    'administration right of a foreign user',
    'post',
    () => '/administration-rights',
    () => ({ subjectKind: 'user', subjectId: other.user, name: 'manage_users' }),
  ],
  ['administration right ended', 'delete', () => `/administration-rights/${f('administrationRight')}`, nothing],
  [
    'mandate changed',
    'put',
    () => `/mandates/${f('mandate')}`,
    () => ({ boxes: [{ application: 'emasspost', values }] }),
  ],
  ['mandate withdrawn', 'delete', () => `/mandates/${f('mandate')}`, nothing],
  [
    'mandate on a foreign account',
    'post',
    () => '/mandates',
    () => ({
      customerAccountId: other.account,
      receiverOrganizationId: mine.organization,
      boxes: [{ application: 'emasspost', values }],
    }),
  ],
  ['connection ended', 'delete', () => `/connections/${f('connection')}`, nothing],
  ['token of a connection', 'post', () => `/connections/${f('connection')}/tokens`, () => ({ name: 'x' })],
  ['token revoked', 'delete', () => `/connections/${f('connection')}/tokens/${f('connectionToken')}`, nothing],
  [
    'group opened to a foreign connection',
    'put',
    () => `/connections/${f('connection')}/openings`,
    () => ({ kind: 'group', targetId: mine.group }),
  ],
  ['settings of a connection', 'get', () => `/connections/${f('connection')}/settings`, nothing],
  ['settings changed', 'patch', () => `/connections/${f('connection')}/settings`, () => ({ dryRun: true })],
  ['requests of a connection', 'get', () => `/connections/${f('connection')}/requests`, nothing],
  ['clients of a connection', 'get', () => `/connections/${f('connection')}/clients`, nothing],
  [
    'client of a foreign connection',
    'post',
    () => `/connections/${f('connection')}/clients`,
    () => ({ client_name: 'x' }),
  ],
  [
    'client of a connection ended',
    'delete',
    () => `/connections/${f('connection')}/clients/${f('connectionClient')}`,
    nothing,
  ],
  ['set-up links of a connection', 'get', () => `/connections/${f('connection')}/setup-links`, nothing],
  ['set-up link made', 'post', () => `/connections/${f('connection')}/setup-links`, () => ({ holder: 'x' })],
  ['set-up link revoked', 'delete', () => `/connections/${f('connection')}/setup-links/${f('setupLink')}`, nothing],
  [
    'foreign set-up link revoked by an own connection',
    'delete',
    () => `/connections/${mineConnection}/setup-links/${f('setupLink')}`,
    nothing,
  ],
  ['candidates of a connection', 'get', () => `/connections/${f('connection')}/handover-users`, nothing],
  ['groups that could pass', 'get', () => `/connections/${f('connection')}/handover-groups`, nothing],
  [
    'own user to a foreign connection',
    'post',
    () => `/connections/${f('connection')}/handovers`,
    () => ({ userIds: [mine.user] }),
  ],
  [
    'foreign user to an own connection',
    'post',
    () => `/connections/${mineConnection}/handovers`,
    () => ({ userIds: [other.user] }),
  ],
  [
    'foreign group to an own connection',
    'post',
    () => `/connections/${mineConnection}/handovers`,
    () => ({ groupIds: [other.group] }),
  ],
  [
    'from a foreign connection',
    'get',
    () => `/connections/${mineConnection}/handover-users?from=${f('connection')}`,
    nothing,
  ],
  ['opening closed', 'delete', () => `/connections/${f('connection')}/openings/${other.group}`, nothing],
  ['service client read', 'get', () => `/clients/${f('client')}`, nothing],
  ['service client ended', 'delete', () => `/clients/${f('client')}`, nothing],
  [
    'client of a foreign service user',
    'post',
    () => '/clients',
    () => ({ client_name: 'x', application: 'emasspost', service_user_id: f('service') }),
  ],
];

describe('the id of another organization', () => {
  it.each(ASKED)('is 404: %s', async (_, method, path, body) => {
    const answer = await send(method, `${mine.at}${path()}`, body());
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });

  it('is no member of an own group', async () => {
    for (const id of [other.user, other.group]) {
      const answer = await send('post', `${mine.at}/groups/${mine.group}/members`, { add: [id] }).expect(400);
      expect(answer.body.code).toBe('invalid_input');
    }
  });

  it('left everything there as it was', async () => {
    await send('get', `${other.at}/users/${other.user}`)
      .expect(200)
      .expect(({ body }) => expect(body).toMatchObject({ active: true, title: null, version: 1 }));
    await send('get', `${other.at}/assignments/${f('assignment')}`).expect(200);
    await send('get', `${other.at}/clients/${f('client')}`).expect(200);
    const resources = await send('get', `${other.at}/customer-accounts/${other.account}/resources`).expect(200);
    expect(
      resources.body.items.map(({ number, state }: { number: string; state: string }) => `${number} ${state}`),
    ).toEqual(['B-1 active', 'B-2 active', 'C-1 active']);
    const mandates = await send('get', `${other.at}/mandates?side=given`).expect(200);
    expect(mandates.body.items).toHaveLength(1);
  });
});
