import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeTestDatabase } from '../support/database.ts';
import { apiApp, depositing, openHub, sender, setUp, tokenWith, type Send, type SetUp } from './client.ts';

let send: Send;
beforeAll(async () => {
  await openHub();
  send = sender(apiApp(), await tokenWith('owner'));
});
afterAll(() => closeTestDatabase());

const effectiveOf = async ({ at, user }: SetUp) =>
  (await send('get', `${at}/users/${user}/effective?application=emasspost`).expect(200)).body;

describe('an organization set up over the API, from nothing', () => {
  it('ends with a user who holds an entitlement, with its cause', async () => {
    const hub = await setUp(send, 'Noordzee Media');
    const given = await hub.make(`${hub.at}/assignments`, {
      subjectKind: 'user',
      subjectId: hub.user,
      gifts: [depositing(hub.account)],
    });
    const answer = await effectiveOf(hub);
    expect(answer.withheld).toEqual([]);
    expect(answer.effective).toMatchObject([
      {
        application: 'emasspost',
        customerAccountId: hub.account,
        customerAccountNumber: hub.number,
        values: { products: ['prior'], billing_addresses: ['B-1'], rights: ['create_deposit'] },
        for: null,
        causes: [
          {
            assignmentId: given.items[0].id,
            givenBy: { kind: 'operator', label: 'owner' },
            groupPath: [],
            role: null,
            mandates: [],
          },
        ],
      },
    ]);
  });

  it('reaches the user through a group and a role, and says so', async () => {
    const hub = await setUp(send, 'Kustdrukkerij');
    await hub.make(`${hub.at}/roles/${hub.role}/entitlements`, { entitlements: [depositing(hub.account)] });
    await hub.make(`${hub.at}/assignments`, {
      subjectKind: 'group',
      subjectId: hub.group,
      gifts: [{ roleId: hub.role }],
    });
    expect((await effectiveOf(hub)).effective).toEqual([]);
    await send('post', `${hub.at}/groups/${hub.group}/members`, { add: [hub.user] }).expect(200);
    const [one] = (await effectiveOf(hub)).effective;
    expect(one.causes).toMatchObject([
      { groupPath: [{ id: hub.group, name: 'Mailroom' }], role: { id: hub.role, name: 'Depositor' } },
    ]);
    const members = await send('get', `${hub.at}/groups/${hub.group}/members`).expect(200);
    expect(members.body.items).toMatchObject([{ id: hub.user, kind: 'user' }]);
  });

  it('gives nothing once the subscription is ended, and says why', async () => {
    const hub = await setUp(send, 'Polder Print');
    await hub.make(`${hub.at}/assignments`, {
      subjectKind: 'user',
      subjectId: hub.user,
      gifts: [depositing(hub.account)],
    });
    await send('delete', `${hub.at}/subscriptions/${hub.subscription}`).expect(204);
    const answer = await effectiveOf(hub);
    expect(answer.effective).toEqual([]);
    expect(answer.withheld).toMatchObject([{ code: 'outside_subscription' }]);
  });

  it('loses what stands on a closed resource', async () => {
    const hub = await setUp(send, 'Duinpost');
    await hub.make(`${hub.at}/assignments`, {
      subjectKind: 'user',
      subjectId: hub.user,
      gifts: [depositing(hub.account)],
    });
    const closed = await send('post', `${hub.at}/customer-accounts/${hub.account}/resources/close`, {
      kind: 'billing_addresses',
      numbers: ['B-1'],
    }).expect(200);
    expect(closed.body).toEqual({ closed: 1 });
    expect((await effectiveOf(hub)).effective).toEqual([]);
  });

  it('ends an assignment, and takes back an administration right but not the last chief', async () => {
    const hub = await setUp(send, 'Scheldebode');
    const given = await hub.make(`${hub.at}/assignments`, {
      subjectKind: 'user',
      subjectId: hub.user,
      gifts: [depositing(hub.account)],
    });
    await send('delete', `${hub.at}/assignments/${given.items[0].id}`).expect(204);
    expect((await effectiveOf(hub)).effective).toEqual([]);
    const chief = await hub.make(`${hub.at}/administration-rights`, {
      subjectKind: 'user',
      subjectId: hub.user,
      name: 'chief_administrator',
    });
    const listed = await send('get', `${hub.at}/users/${hub.user}/administration-rights`).expect(200);
    expect(listed.body.items).toMatchObject([{ id: chief.id, name: 'chief_administrator', groupId: null }]);
    const refused = await send('delete', `${hub.at}/administration-rights/${chief.id}`).expect(409);
    expect(refused.body.code).toBe('last_chief');
  });

  it('deactivates, reactivates and deletes a user', async () => {
    const hub = await setUp(send, 'Leiebrief');
    const user = `${hub.at}/users/${hub.user}`;
    expect((await send('post', `${user}/deactivate`).expect(200)).body.active).toBe(false);
    expect((await send('post', `${user}/links`, { purpose: 'first_password' }).expect(409)).body.code).toBe('conflict');
    expect((await send('post', `${user}/temporary-password`).expect(409)).body.code).toBe('conflict');
    expect((await send('post', `${user}/reactivate`).expect(200)).body.active).toBe(true);
    await send('delete', user).expect(204);
    await send('get', user).expect(404);
  });

  it('changes personal data, and null empties a field', async () => {
    const hub = await setUp(send, 'Maaskoerier');
    const user = `${hub.at}/users/${hub.user}`;
    const changed = await send('patch', user, {
      email: 'a.peeters@example.org',
      title: 'Clerk',
      givenName: null,
    }).expect(200);
    expect(changed.body).toMatchObject({
      email: 'a.peeters@example.org',
      title: 'Clerk',
      givenName: null,
      familyName: 'Peeters',
      language: 'nl',
    });
    expect((await send('patch', user, { title: null }).expect(200)).body.title).toBeNull();
  });

  it('gives a mandate that another organization may pass on, and withdraws it', async () => {
    const owner = await setUp(send, 'Opdrachtgever');
    const house = await setUp(send, 'Mail House');
    const terms = {
      boxes: [{ application: 'emasspost', values: { products: '*', billing_addresses: ['B-1'], rights: '*' } }],
    };
    const mandate = await owner.make(`${owner.at}/mandates`, {
      customerAccountId: owner.account,
      receiverOrganizationId: house.organization,
      ...terms,
    });
    const received = await send('get', `${house.at}/mandates?side=received`).expect(200);
    expect(received.body.items).toMatchObject([{ id: mandate.id, giverOrganizationId: owner.organization }]);
    await house.make(`${house.at}/assignments`, {
      subjectKind: 'user',
      subjectId: house.user,
      gifts: [depositing(owner.account)],
    });
    expect((await effectiveOf(house)).effective).toMatchObject([
      { for: { organizationId: owner.organization, via: [mandate.id] } },
    ]);
    await send('delete', `${owner.at}/mandates/${mandate.id}`).expect(204);
    expect((await effectiveOf(house)).effective).toEqual([]);
  });

  it('suspends an organization with all that its users hold, and resumes it', async () => {
    const hub = await setUp(send, 'Vertraagde Betaler');
    await hub.make(`${hub.at}/assignments`, {
      subjectKind: 'user',
      subjectId: hub.user,
      gifts: [depositing(hub.account)],
    });
    expect((await send('post', `${hub.at}/suspend`, { reason: 'unpaid' }).expect(200)).body.state).toBe('suspended');
    expect((await effectiveOf(hub)).withheld).toMatchObject([{ code: 'organization_suspended' }]);
    expect((await send('post', `${hub.at}/resume`, {}).expect(200)).body.state).toBe('active');
    expect((await effectiveOf(hub)).effective).toHaveLength(1);
  });

  it('makes a service user with a client of his own', async () => {
    const hub = await setUp(send, 'Nachtrun');
    const service = await hub.make(`${hub.at}/users`, { kind: 'service', userName: 'night-run' });
    const client = await hub.make(`${hub.at}/clients`, {
      client_name: 'Night run',
      application: 'emasspost',
      service_user_id: service.id,
    });
    expect(client.client_secret).toMatch(/^[\w-]{43}$/);
    const read = await send('get', `${hub.at}/clients/${client.client_id}`).expect(200);
    expect(read.body).toMatchObject({ grant_types: ['client_credentials'], service_user_id: service.id });
    await send('delete', `${hub.at}/clients/${client.client_id}`).expect(204);
    await send('get', `${hub.at}/clients/${client.client_id}`).expect(404);
  });

  it('answers a natural key that is taken with 409', async () => {
    const hub = await setUp(send, 'Dubbel');
    const account = await send('post', `${hub.at}/customer-accounts`, { number: hub.number, name: 'again' }).expect(
      409,
    );
    expect(account.body).toMatchObject({ code: 'uniqueness', details: { attribute: 'number' } });
    expect((await send('post', `${hub.at}/roles`, { name: 'DEPOSITOR' }).expect(409)).body.code).toBe('uniqueness');
    await hub.make(`${hub.at}/users`, { userName: 'Same' });
    expect((await send('post', `${hub.at}/users`, { userName: 'sAME' }).expect(409)).body.code).toBe('uniqueness');
  });

  it('writes the same resources twice and changes nothing the second time', async () => {
    const hub = await setUp(send, 'Herhaling');
    const path = `${hub.at}/customer-accounts/${hub.account}/resources`;
    const resources = [{ kind: 'contracts', number: 'C-9', label: 'Nine', master: true }];
    expect((await send('put', path, { resources }).expect(200)).body).toEqual({ changed: 1 });
    expect((await send('put', path, { resources }).expect(200)).body).toEqual({ changed: 0 });
  });

  it('opens a group to a connection and closes it', async () => {
    const hub = await setUp(send, 'Directory');
    const connection = await hub.make(`${hub.at}/connections`, { name: 'Entra ID' });
    const path = `${hub.at}/connections/${connection.id}/openings`;
    expect((await send('put', path, { kind: 'group', targetId: hub.group }).expect(200)).body).toEqual({
      opened: true,
    });
    expect((await send('put', path, { kind: 'group', targetId: hub.group }).expect(200)).body).toEqual({
      opened: false,
    });
    const second = await hub.make(`${hub.at}/groups`, { displayName: 'Second' });
    await send('put', path, { kind: 'group', targetId: second.id }).expect(200);
    const first = (await send('get', `${path}?limit=1`).expect(200)).body;
    const rest = (await send('get', `${path}?limit=1&after=${String(first.next)}`).expect(200)).body;
    const ids = [...first.items, ...rest.items].map(({ targetId }: { targetId: string }) => targetId);
    expect(ids.toSorted()).toEqual([hub.group, second.id].toSorted());
    expect(rest.next).toBeNull();
    await send('delete', `${path}/${hub.group}`).expect(204);
    await send('delete', `${path}/${hub.group}`).expect(404);
  });

  it('issues at most two live tokens to a connection', async () => {
    const hub = await setUp(send, 'Rotatie');
    const connection = await hub.make(`${hub.at}/connections`, { name: 'Okta' });
    const path = `${hub.at}/connections/${connection.id}/tokens`;
    const first = await hub.make(path, { name: 'first' });
    expect(first).toMatchObject({ baseUrl: 'http://localhost:3000/scim/v2', expiresAt: null });
    await hub.make(path, { name: 'second', scopes: ['read'] });
    expect((await send('post', path, { name: 'third' }).expect(422)).body.code).toBe('too_many');
    await send('delete', `${path}/${first.id}`).expect(204);
    await hub.make(path, { name: 'third' });
  });
});
