// A connection's settings, the log of its requests, dry runs, tokens, and existing users that are handed over to it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { query } from '../../src/database/query.ts';
import { createToken, revokeToken } from '../../src/provisioning/connection.ts';
import { changeConnectionSettings, type ConnectionSettings } from '../../src/provisioning/connection-settings.ts';
import { findHandoverCandidates, handOverUsers } from '../../src/provisioning/hand-over.ts';
import { flushRequests, listRequests, lostRequests, sweepRequests } from '../../src/provisioning/request-log.ts';
import { createUser } from '../../src/users/create-user.ts';
import { aUser, anOrganization, gift, QUEUES, useTestCatalogue } from '../giving/world.ts';
import { refusalOf } from '../support/refusal.ts';
import { closeTestDatabase, openTestDatabase, silent } from '../support/database.ts';
import {
  ENTERPRISE,
  GROUP,
  USER,
  connectDirectory,
  patch,
  scimApp,
  systemCtx,
  type Directory,
} from '../support/directory.ts';

let app: Express;
let directory: Directory;
beforeAll(async () => {
  useTestCatalogue();
  await openTestDatabase(QUEUES);
  app = scimApp();
  directory = await connectDirectory(app);
});
afterAll(() => closeTestDatabase());

/** A connection with these settings from its first request on. */
async function withSettings(settings: Partial<ConnectionSettings>): Promise<Directory> {
  const made = await connectDirectory(app);
  await changeConnectionSettings(systemCtx(made.organizationId), made.connectionId, settings);
  return made;
}
const create = async (at: Directory, userName: string = crypto.randomUUID(), more: object = {}) =>
  (await at.send('post', '/Users', { schemas: [USER], userName, ...more }).expect(201)).body;
const filtered = (filter: string) => `/Users?filter=${encodeURIComponent(filter)}`;

describe('a strict connection', () => {
  it('takes filters by the letter of RFC 7644 figure 1 only, where a lenient one takes what Entra ID writes', async () => {
    const strict = await withSettings({ strict: true });
    for (const filter of ['externalId eq jyoung', 'active eq True']) {
      expect((await strict.send('get', filtered(filter)).expect(400)).body.scimType).toBe('invalidFilter');
      await directory.send('get', filtered(filter)).expect(200);
    }
    await strict.send('get', filtered('externalId eq "jyoung" and active eq true')).expect(200);
  });

  it('refuses attributes that no schema defines and texts for true and false, which a lenient one ignores or reads', async () => {
    const strict = await withSettings({ strict: true });
    const bodies = [{ shoeSize: 44 }, { active: 'False' }, { [ENTERPRISE]: { shoeSize: 44 } }];
    for (const more of bodies) {
      await strict.send('post', '/Users', { schemas: [USER], userName: crypto.randomUUID(), ...more }).expect(400);
      await directory.send('post', '/Users', { schemas: [USER], userName: crypto.randomUUID(), ...more }).expect(201);
    }
    const user = await create(strict);
    await strict.send('patch', `/Users/${user.id}`, patch({ op: 'replace', value: { shoeSize: 44 } })).expect(400);
    await strict.send('put', `/Users/${user.id}`, { ...user, title: 'whole object back' }).expect(200);
  });
});

describe('a connection that must send If-Match (RFC 7644 section 3.14)', () => {
  it('is answered 428 without it, 412 with another version, and done with the right one', async () => {
    const careful = await withSettings({ ifMatchRequired: true });
    const user = await create(careful);
    const change = (headers = {}) =>
      careful.send('patch', `/Users/${user.id}`, patch({ op: 'replace', path: 'title', value: 'x' }), headers);
    await change().expect(428);
    await change({ 'If-Match': 'W/"9"' }).expect(412);
    await change({ 'If-Match': user.meta.version }).expect(200);
    await careful.send('delete', `/Users/${user.id}`).expect(428);
    const bulk = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [{ method: 'DELETE', path: `/Users/${user.id}` }],
    };
    expect((await careful.send('post', '/Bulk', bulk).expect(200)).body.Operations[0].status).toBe('428');
  });
});

describe('mapped attributes', () => {
  const mapping = [
    { from: `${ENTERPRISE}:employeeNumber`, to: 'externalId' },
    { from: 'nickName', to: 'name.formatted' },
    { from: 'urn:acme:2.0:User:mailbox', to: 'title' },
  ];

  it('are taken for others in POST, PUT and PATCH, nested or dotted', async () => {
    const mapped = await withSettings({ mapping });
    const user = await create(mapped, 'mapped', {
      [ENTERPRISE]: { employeeNumber: '0815' },
      nickName: 'Jo',
      name: { givenName: 'J' },
      'urn:acme:2.0:User': { mailbox: 'B7' },
    });
    expect(user).toMatchObject({ externalId: '0815', name: { givenName: 'J', formatted: 'Jo' }, title: 'B7' });
    expect(user).not.toHaveProperty('nickName');
    expect(user).not.toHaveProperty([ENTERPRISE]);
    const change = (...operations: object[]) =>
      mapped.send('patch', `/Users/${user.id}`, patch(...operations)).expect(200);
    expect((await change({ op: 'Replace', path: 'nickname', value: 'Joe' })).body.name.formatted).toBe('Joe');
    expect((await change({ op: 'replace', value: { [`${ENTERPRISE}:employeeNumber`]: '4711' } })).body.externalId).toBe(
      '4711',
    );
    await mapped
      .send('put', `/Users/${user.id}`, { schemas: [USER], userName: 'mapped', nickName: 'Put' })
      .expect(200)
      .expect((answer) => expect(answer.body.name).toEqual({ formatted: 'Put' }));
  });

  it('leave other connections and groups alone', async () => {
    expect(await create(directory, 'unmapped', { nickName: 'Jo' })).toMatchObject({ nickName: 'Jo' });
    const mapped = await withSettings({ mapping: [{ from: 'displayName', to: 'title' }] });
    await mapped.send('post', '/Groups', { schemas: [GROUP], displayName: 'Named' }).expect(201);
  });

  it.each([
    [[{ from: 'a b', to: 'title' }]],
    [[{ from: 'emails[type eq "work"].value', to: 'title' }]],
    [[{ from: 'x', to: 'id' }]],
    [[{ from: 'x', to: 'title' }, { from: 'y', to: 'TITLE' }]], // prettier-ignore
    [Array.from({ length: 21 }, (_, i) => ({ from: `a${i}`, to: `b${i}` }))],
  ])('are refused when they mean nothing: %j', async (wrong) => {
    const ctx = systemCtx(directory.organizationId);
    expect(
      (await refusalOf(() => changeConnectionSettings(ctx, directory.connectionId, { mapping: wrong }))).code,
    ).toBe('invalid_input');
  });
});

describe('a dry run', () => {
  const TABLES = ['users', 'groups', 'group_users', 'sign_in_names', 'resource_counts', 'audit_events', 'jobs.job'];
  const state = async (): Promise<string[]> => {
    const counts: string[] = [];
    for (const table of TABLES) {
      const [row] = await query<{ n: string }>(
        `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '' order by t::text)), '') as n from ${table} t`,
      );
      counts.push(`${table} ${row?.n}`);
    }
    return counts;
  };
  const DRY = { 'Mandate-Dry-Run': 'true' };

  it('answers what would have happened and leaves nothing: no row, no audit, no job', async () => {
    const own = await connectDirectory(app);
    const user = await create(own, 'dry-run');
    const { id: group } = (await own.send('post', '/Groups', { schemas: [GROUP], displayName: 'Dry' }).expect(201))
      .body;
    const before = await state();
    const made = await own
      .send('post', '/Users', { schemas: [USER], userName: 'never' }, DRY)
      .expect(201)
      .expect('Mandate-Dry-Run', 'true');
    await own.send('get', `/Users/${made.body.id}`).expect(404);
    await own
      .send('patch', `/Users/${user.id}`, patch({ op: 'replace', path: 'active', value: false }), DRY)
      .expect(200)
      .expect((answer) => expect(answer.body.active).toBe(false));
    await own
      .send('put', `/Groups/${group}`, { schemas: [GROUP], displayName: 'Dry', members: [{ value: user.id }] }, DRY)
      .expect(200)
      .expect((answer) => expect(answer.body.members).toHaveLength(1));
    await own.send('delete', `/Users/${user.id}`, undefined, DRY).expect(204);
    await own.send('post', '/Users', { schemas: [USER], userName: 'DRY-run' }, DRY).expect(409);
    expect(await state()).toEqual(before);
  });

  it('can be a setting of the connection', async () => {
    const own = await withSettings({ dryRun: true });
    await own
      .send('post', '/Users', { schemas: [USER], userName: 'never' })
      .expect(201)
      .expect('Mandate-Dry-Run', 'true');
    expect((await own.send('get', '/Users').expect(200)).body.totalResults).toBe(0);
  });
});

describe("the log of a connection's requests", () => {
  const logOf = async ({ organizationId, connectionId }: Directory, failedOnly = false) => {
    await flushRequests(silent);
    return listRequests(systemCtx(organizationId), { connectionId, failedOnly, limit: 100 });
  };

  it('tells method, path, status, scimType, reason, duration and the body without secrets', async () => {
    const own = await connectDirectory(app);
    await create(own, 'logged', { password: 'S3cret!', name: { givenName: 'Lo' } });
    await own.send('post', '/Users', { schemas: [USER], userName: 'logged' }).expect(409);
    await own.send('get', filtered('shoeSize eq 1')).expect(400);
    const [row] = (await own.send('get', filtered('userName eq "logged"'))).body.Resources;
    await own
      .send('patch', `/Users/${row.id}`, patch({ op: 'replace', path: 'password', value: 'S3cret!' }))
      .expect(200);
    const log = (await logOf(own)).toReversed();
    expect(log.map(({ method, status }) => [method, status])).toEqual([['POST', 201], ['POST', 409], ['GET', 400], ['GET', 200], ['PATCH', 200]]); // prettier-ignore
    expect(log[1]).toMatchObject({
      path: '/Users',
      scimType: 'uniqueness',
      why: expect.stringContaining('active user'),
      dryRun: false,
    });
    expect(log[0]?.body).toContain('"givenName":"Lo"');
    expect(JSON.stringify(log)).not.toContain('S3cret!');
    expect(log.every(({ durationMs, requestId }) => durationMs >= 0 && requestId !== '')).toBe(true);
    expect((await logOf(own, true)).map(({ status }) => status)).toEqual([400, 409]);
  });

  it('is not seen by others', async () => {
    const own = await connectDirectory(app);
    await create(own);
    await flushRequests(silent);
    const stranger = systemCtx(directory.organizationId);
    expect((await refusalOf(() => listRequests(stranger, { connectionId: own.connectionId, limit: 10 }))).code).toBe(
      'not_found',
    );
  });

  it('counts successes beyond fifty a second in one row, keeps every failure, and loses none', async () => {
    const own = await connectDirectory(app);
    await flushRequests(silent);
    const before = lostRequests();
    await Promise.all(
      Array.from({ length: 80 }, (_, i) =>
        own.send('get', i % 4 === 0 ? `/Users/${crypto.randomUUID()}` : '/Users?count=0'),
      ),
    );
    const log = await logOf(own);
    expect(log.reduce((sum, { requests }) => sum + requests, 0)).toBe(80);
    expect(log.filter(({ status }) => status === 404)).toHaveLength(20);
    expect(lostRequests()).toBe(before);
  });

  it('survives what no text column takes', async () => {
    const own = await connectDirectory(app);
    await own.send('post', '/Users', { schemas: [USER], userName: 'nul\u0000byte', title: '\ud800' });
    await own.send('get', '/Users/%00').expect(404);
    expect((await logOf(own)).length).toBe(2);
  });

  it('forgets after 30 days', async () => {
    const own = await connectDirectory(app);
    await create(own);
    await create(own);
    const [newest] = await logOf(own);
    await query(
      "update provisioning_requests set at = now() - interval '31 days' where organization_id = $1 and id <> $2",
      [own.organizationId, newest?.id],
    );
    await sweepRequests.run({});
    expect((await logOf(own)).map(({ id }) => id)).toEqual([newest?.id]);
  });
});

describe("a connection's tokens (behaviour 21)", () => {
  const get = (token: string) => request(app).get('/scim/v2/Users').set('Authorization', `Bearer ${token}`);

  it('are two at most, each alone enough, kept as a hash, with the time of last use', async () => {
    const own = await connectDirectory(app);
    const ctx = systemCtx(own.organizationId);
    const second = await createToken(ctx, own.connectionId, { name: 'second' });
    await get(own.token).expect(200);
    await get(second.token).expect(200);
    expect((await refusalOf(() => createToken(ctx, own.connectionId, { name: 'third' }))).code).toBe('too_many');
    const rows = await query<{ secret_hash: Buffer; last_used_at: Date | null }>(
      'select secret_hash, last_used_at from provisioning_tokens where organization_id = $1',
      [own.organizationId],
    );
    expect(rows.map(({ secret_hash: hash }) => hash.length)).toEqual([32, 32]);
    expect(JSON.stringify(rows)).not.toContain(second.token.split('.')[1]);
    await revokeToken(ctx, own.connectionId, second.id);
  });

  it('end by their date, and may be for reading or writing only', async () => {
    const own = await connectDirectory(app);
    const ctx = systemCtx(own.organizationId);
    const expired = await createToken(ctx, own.connectionId, { name: 'old', expiresAt: new Date(Date.now() - 1000) });
    await get(expired.token)
      .expect(401)
      .expect('WWW-Authenticate', /^Bearer/);
    const reading = await createToken(ctx, own.connectionId, { name: 'reader', scopes: ['read'] });
    await get(reading.token).expect(200);
    await request(app)
      .post('/scim/v2/Users')
      .set('Authorization', `Bearer ${reading.token}`)
      .set('Content-Type', 'application/scim+json')
      .send(JSON.stringify({ schemas: [USER], userName: 'x' }))
      .expect(403);
  });
});

describe('existing users (behaviour 22)', () => {
  it('are never adopted by a matching name or address: POST is 409 and names the page', async () => {
    const own = await connectDirectory(app);
    const document = {
      schemas: [USER],
      userName: 'taken@noordzee.example',
      emails: [{ value: 'taken@noordzee.example' }],
    };
    const { id } = await createUser(systemCtx(own.organizationId), { document });
    const refused = await own.send('post', '/Users', document).expect(409);
    expect(refused.body.detail).toContain('hand existing users over');
    const other = await create(own, 'other-name', { emails: [{ value: 'taken@noordzee.example' }] });
    expect(other.id).not.toBe(id);
  });

  it('pass to the directory when an administrator hands them over: same id, in the counts, on record', async () => {
    const organization = await anOrganization();
    const own = await connectDirectory(app, organization.id);
    const people = [await aUser(organization, [], [gift(organization, 'a')]), await aUser(organization)];
    const candidates = await findHandoverCandidates(organization.operator, own.connectionId);
    expect(candidates.map(({ id }) => id).sort()).toEqual(people.map(({ id }) => id).sort());
    await own.send('get', `/Users/${people[0]!.id}`).expect(404);
    expect(
      await handOverUsers(organization.operator, {
        connectionId: own.connectionId,
        userIds: people.map(({ id }) => id),
      }),
    ).toBe(2);
    await own.send('get', `/Users/${people[0]!.id}`).expect(200);
    expect((await own.send('get', '/Users?count=0')).body.totalResults).toBe(2);
    const [audit] = await query(
      'select action, before, after from audit_events where organization_id = $1 and target_id = $2 order by id desc limit 1',
      [organization.id, people[0]!.id],
    );
    expect(audit).toEqual({
      action: 'user.handed_over',
      before: { connection: null },
      after: { connection: own.connectionId },
    });
    const [rights] = await query(
      'select count(*)::int as n from assignments where organization_id = $1 and subject_id = $2 and ended_at is null',
      [organization.id, people[0]!.id],
    );
    expect(rights).toEqual({ n: 1 });
    expect(
      await handOverUsers(organization.operator, { connectionId: own.connectionId, userIds: [people[0]!.id] }),
    ).toBe(0);
    // To its successor.
    const successor = await connectDirectory(app, organization.id);
    expect(
      await handOverUsers(organization.operator, {
        connectionId: successor.connectionId,
        from: own.connectionId,
        userIds: [people[1]!.id],
      }),
    ).toBe(1);
    await own.send('get', `/Users/${people[1]!.id}`).expect(404);
    expect((await own.send('get', '/Users?count=0')).body.totalResults).toBe(1);
    expect((await successor.send('get', '/Users?count=0')).body.totalResults).toBe(1);
  });

  it('pass only by somebody of sufficient rank who could give what they hold', async () => {
    const organization = await anOrganization();
    const own = await connectDirectory(app, organization.id);
    const target = await aUser(organization, [], [gift(organization, 'a')]);
    const chief = await aUser(organization, ['chief_administrator']);
    const giver = await aUser(organization, ['manage_users'], [gift(organization, 'a')]);
    const poor = await aUser(organization, ['manage_users']);
    const nobody = await aUser(organization);
    const by = (person: { ctx: typeof organization.operator }, id: string) =>
      handOverUsers(person.ctx, { connectionId: own.connectionId, userIds: [id] });
    expect((await refusalOf(() => by(nobody, target.id))).code).toBe('not_permitted');
    expect((await refusalOf(() => by(poor, target.id))).code).toBe('target_holds_more');
    expect((await refusalOf(() => by(giver, chief.id))).code).toBe('rank_too_low');
    expect((await refusalOf(() => by(giver, crypto.randomUUID()))).code).toBe('not_found');
    await own.send('get', `/Users/${target.id}`).expect(404);
    expect(await by(giver, target.id)).toBe(1);
  });
});
