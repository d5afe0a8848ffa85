// Provisioning connections over the management API: settings, the log of requests, clients, and handing over.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { query } from '../../src/database/query.ts';
import { flushRequests } from '../../src/provisioning/request-log.ts';
import { scim } from '../../src/scim/mount.ts';
import { assignRequestId } from '../../src/web/request-id.ts';
import { closeTestDatabase, silent } from '../support/database.ts';
import { GROUP, patch, USER } from '../support/directory.ts';
import { apiApp, depositing, openHub, PUBLIC_URL, sender, setUp, tokenWith, type Send, type SetUp } from './client.ts';

let send: Send;
let directory: express.Express;
beforeAll(async () => {
  await openHub();
  send = sender(apiApp(), await tokenWith('owner'));
  directory = express();
  directory.use(assignRequestId({ trustProxy: 0 }));
  directory.use('/scim/v2', scim({ publicUrl: PUBLIC_URL, log: silent }));
});
afterAll(() => closeTestDatabase());

type Connected = { hub: SetUp; at: string; id: string; scim: Scim };
type Scim = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object) => request.Test;

/** A connection made over the API, and its directory. */
async function connect(name: string, hub?: SetUp): Promise<Connected> {
  const own = hub ?? (await setUp(send, name));
  const { id } = await own.make(`${own.at}/connections`, { name });
  const at = `${own.at}/connections/${id}`;
  const { token } = await own.make(`${at}/tokens`, { name: 'first' });
  return {
    hub: own,
    at,
    id,
    scim: (method, path, body) => {
      const sent = request(directory)[method](`/scim/v2${path}`).set('Authorization', `Bearer ${token}`);
      return body === undefined ? sent : sent.set('Content-Type', 'application/scim+json').send(JSON.stringify(body));
    },
  };
}

describe("a connection's settings", () => {
  it('are read, changed one by one, in force at once and on record', async () => {
    const { at, scim: ask, hub, id } = await connect('Instellingen');
    expect((await send('get', `${at}/settings`).expect(200)).body).toEqual({
      strict: false,
      ifMatchRequired: false,
      dryRun: false,
      mapping: [],
    });
    await ask('get', '/Users?filter=active eq True').expect(200);
    const mapping = [{ from: 'nickName', to: 'title' }];
    const changed = await send('patch', `${at}/settings`, { strict: true, mapping }).expect(200);
    expect(changed.body).toEqual({ strict: true, ifMatchRequired: false, dryRun: false, mapping });
    await ask('get', '/Users?filter=active eq True').expect(400);
    const made = await ask('post', '/Users', { schemas: [USER], userName: 'mapped', nickName: 'Jo' }).expect(201);
    expect(made.body.title).toBe('Jo');
    await send('patch', `${at}/settings`, { ifMatchRequired: true }).expect(200);
    await ask('delete', `/Users/${made.body.id}`).expect(428);
    const events = await query<{ before: object; after: object }>(
      "select before, after from audit_events where organization_id = $1 and target_id = $2 and action = 'connection.settings_changed'",
      [hub.organization, id],
    );
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({ before: { strict: false }, after: { strict: true } });
    // What changes nothing leaves no trace.
    await send('patch', `${at}/settings`, { strict: true }).expect(200);
    expect((await send('get', `${hub.at}/audit-events?limit=200`)).body.items.filter((event: { action: string }) => event.action === 'connection.settings_changed')).toHaveLength(2); // prettier-ignore
  });

  it('can make every request a dry run', async () => {
    const { at, scim: ask } = await connect('Proef');
    await send('patch', `${at}/settings`, { dryRun: true }).expect(200);
    await ask('post', '/Users', { schemas: [USER], userName: 'never' })
      .expect(201)
      .expect('Mandate-Dry-Run', 'true');
    expect((await ask('get', '/Users')).body.totalResults).toBe(0);
  });

  it.each([
    { mapping: [{ from: 'emails[type eq "work"].value', to: 'title' }] },
    { mapping: [{ from: 'x', to: 'id' }] },
    { mapping: [{ from: 'x' }] },
    { strict: 'yes' },
    { unknown: true },
  ])('are refused when they mean nothing: %j', async (change) => {
    const { at } = await connect('Onzin');
    expect((await send('patch', `${at}/settings`, change).expect(400)).body.code).toBe('invalid_input');
  });

  it("an organization's days until erasure have limits", async () => {
    const { hub } = await connect('Wissen');
    const change = (eraseAfterDays: unknown) => send('patch', hub.at, { settings: { eraseAfterDays } });
    expect((await send('get', hub.at).expect(200)).body.settings.eraseAfterDays).toBe(90);
    expect((await change(30).expect(200)).body.settings.eraseAfterDays).toBe(30);
    for (const wrong of [0, 731, 1.5, '30', null]) await change(wrong).expect(400);
    expect((await send('get', hub.at).expect(200)).body.settings.eraseAfterDays).toBe(30);
  });
});

describe("the log of a connection's requests", () => {
  it('is read newest first, page by page, by failure, method and time', async () => {
    const { at, scim: ask } = await connect('Logboek');
    const { id } = (await ask('post', '/Users', { schemas: [USER], userName: 'log', password: 'S3cret!' })).body;
    await ask('patch', `/Users/${id}`, patch({ op: 'replace', path: 'title', value: 'x' })).expect(200);
    await ask('get', '/Users?filter=shoeSize eq 1').expect(400);
    await flushRequests(silent);
    const between = new Date().toISOString();
    await ask('get', '/Users/unknown').expect(404);
    await ask('delete', `/Users/${id}`).expect(204);
    await flushRequests(silent);
    const list = async (search = '') => {
      const { body } = await send('get', `${at}/requests?${search}`).expect(200);
      return body.items.map(({ method, status }: { method: string; status: number }) => `${method} ${status}`);
    };
    const all = ['DELETE 204', 'GET 404', 'GET 400', 'PATCH 200', 'POST 201'];
    expect(await list()).toEqual(all);
    expect(await list('failed=true')).toEqual(['GET 404', 'GET 400']);
    expect(await list('failed=false&method=GET')).toEqual(['GET 404', 'GET 400']);
    expect(await list(`since=${between}`)).toEqual(['DELETE 204', 'GET 404']);
    expect(await list(`since=${between}&failed=true&method=DELETE`)).toEqual([]);
    const first = (await send('get', `${at}/requests?limit=2`)).body;
    expect(await list(`limit=2&after=${first.next}`)).toEqual(all.slice(2, 4));
    expect(JSON.stringify((await send('get', `${at}/requests`)).body)).not.toContain('S3cret!');
    await send('get', `${at}/requests?since=yesterday`).expect(400);
    await send('get', `${at}/requests?method=BREW`).expect(400);
    // It outlives the connection.
    await send('delete', at).expect(204);
    expect(await list('failed=true')).toEqual(['GET 404', 'GET 400']);
  });
});

describe("a connection's clients", () => {
  it('are two at most, listed without their secrets, and ended', async () => {
    const { at, hub, id } = await connect('Okta');
    const made = (await send('post', `${at}/clients`, { client_name: 'Okta', scopes: ['read'] }).expect(201)).body;
    expect(made).toMatchObject({
      token_endpoint: 'http://localhost:3000/oidc/token',
      scope: 'scim:read',
      baseUrl: 'http://localhost:3000/scim/v2',
    });
    await send('post', `${at}/clients`, { client_name: 'next' }).expect(201);
    expect((await send('post', `${at}/clients`, { client_name: 'third' })).body.code).toBe('too_many');
    const listed = (await send('get', `${at}/clients`).expect(200)).body.items;
    expect(listed.map(({ client_name: name }: { client_name: string }) => name).sort()).toEqual(['Okta', 'next']);
    await send('delete', `${at}/clients/${made.client_id}`).expect(204);
    await send('delete', `${at}/clients/${made.client_id}`).expect(404);
    const left = (await send('get', `${at}/clients`)).body.items;
    expect(left).toHaveLength(1);
    // They are no service user's.
    expect((await send('get', `${hub.at}/clients`)).body.items).toEqual([]);
    expect((await send('get', `/clients/${left[0].client_id}`).expect(200)).body.connection_id).toBe(id);
  });
});

describe('handing over', () => {
  it('lists who and what could pass, page by page, and passes them with ids and rights', async () => {
    const { hub, at, scim: ask } = await connect('Overdracht');
    const people = [hub.user];
    for (const userName of ['bea', 'carl', 'dirk']) people.push((await hub.make(`${hub.at}/users`, { userName })).id);
    await hub.make(`${hub.at}/groups`, { displayName: 'Archive' });
    await send('post', `${hub.at}/groups/${hub.group}/members`, { add: people.slice(0, 2) }).expect(200);
    const names = async (path: string, key: string) => {
      const all: string[] = [];
      for (let after = ''; ;) {
        const { body } = await send('get', `${at}/${path}?limit=2${after}`).expect(200);
        all.push(...body.items.map((item: Record<string, string>) => item[key]));
        if (body.next === null) return all;
        after = `&after=${body.next}`;
      }
    };
    expect((await names('handover-users', 'userName')).slice(1)).toEqual(['bea', 'carl', 'dirk']);
    expect(await names('handover-groups', 'displayName')).toEqual(['Archive', 'Mailroom']);
    expect((await send('get', `${at}/handover-users?search=EA`)).body.items).toMatchObject([{ userName: 'bea' }]);
    await ask('post', '/Users', { schemas: [USER], userName: 'bea' }).expect(409);
    const passed = await send('post', `${at}/handovers`, { userIds: people, groupIds: [hub.group] }).expect(200);
    expect(passed.body).toEqual({ users: 4, groups: 1 });
    expect((await ask('get', '/Users')).body.totalResults).toBe(4);
    expect((await ask('get', '/Groups')).body.totalResults).toBe(1);
    const group = (await ask('get', `/Groups/${hub.group}`).expect(200)).body;
    expect(group.members.map(({ value }: { value: string }) => value).sort()).toEqual(people.slice(0, 2).sort());
    await ask('patch', `/Groups/${hub.group}`, patch({ op: 'add', path: 'members', value: [{ value: people[2] }] })).expect(204); // prettier-ignore
    // From now on the directory alone decides who is in it.
    const byHand = await send('post', `${hub.at}/groups/${hub.group}/members`, { remove: [people[0]] });
    expect(byHand.body.code).toBe('directory_owned');
    expect((await send('post', `${at}/handovers`, { userIds: people, groupIds: [hub.group] })).body).toEqual({ users: 0, groups: 0 }); // prettier-ignore
    const events = (await send('get', `${hub.at}/audit-events?limit=200`)).body.items as { action: string }[];
    expect(events.filter(({ action }) => action === 'user.handed_over')).toHaveLength(4);
    expect(events.filter(({ action }) => action === 'group.handed_over')).toHaveLength(1);
  });

  it('is all or nothing', async () => {
    const { hub, at, scim: ask } = await connect('Alles of niets');
    const body = { userIds: [hub.user], groupIds: [crypto.randomUUID()] };
    expect((await send('post', `${at}/handovers`, body)).body.code).toBe('not_found');
    await ask('get', `/Users/${hub.user}`).expect(404);
  });

  it('of a group that gives rights lets nobody in before it was opened', async () => {
    const { hub, at, scim: ask } = await connect('Rechten');
    await hub.make(`${hub.at}/assignments`, { subjectKind: 'group', subjectId: hub.group, gifts: [depositing(hub.account)] }); // prettier-ignore
    await send('post', `${at}/handovers`, { userIds: [hub.user], groupIds: [hub.group] }).expect(200);
    const join = () => ask('patch', `/Groups/${hub.group}`, patch({ op: 'add', path: 'members', value: [{ value: hub.user }] })); // prettier-ignore
    expect((await join().expect(403)).body.detail).toContain('page "Connections"');
    await send('put', `${at}/openings`, { kind: 'group', targetId: hub.group }).expect(200);
    await join().expect(204);
  });

  it('goes on from one connection to its successor, and from one that has ended', async () => {
    const old = await connect('Oud');
    const { hub } = old;
    const { id: user } = (await old.scim('post', '/Users', { schemas: [USER], userName: 'anke' }).expect(201)).body;
    const { id: group } = (await old.scim('post', '/Groups', { schemas: [GROUP], displayName: 'Team' }).expect(201))
      .body;
    const next = await connect('Nieuw', hub);
    expect((await send('get', `${next.at}/handover-users?from=${old.id}`)).body.items).toMatchObject([{ id: user }]);
    expect((await send('get', `${next.at}/handover-groups?from=${old.id}`)).body.items).toMatchObject([{ id: group }]);
    await send('post', `${next.at}/handovers`, { from: old.id, userIds: [user], groupIds: [group] }).expect(200);
    for (const kind of ['Users', 'Groups']) {
      expect((await old.scim('get', `/${kind}?count=0`)).body.totalResults).toBe(0);
      expect((await next.scim('get', `/${kind}?count=0`)).body.totalResults).toBe(1);
    }
    await send('delete', next.at).expect(204);
    const third = await connect('Derde', hub);
    const passed = await send('post', `${third.at}/handovers`, { userIds: [user], groupIds: [group] }).expect(200);
    expect(passed.body).toEqual({ users: 1, groups: 1 });
    expect((await third.scim('get', `/Groups/${group}`).expect(200)).body.displayName).toBe('Team');
  });
});
