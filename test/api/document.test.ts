import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { z } from 'zod';
import { startCatalogue } from '../../src/applications/published-catalogue.ts';
import { listSigningKeys } from '../../src/credentials/signing-keys.ts';
import { requestRegistration } from '../../src/registrations/request-registration.ts';
import { restartMail } from '../mail/mail-hub.ts';
import { systemCtx } from '../oidc/hub.ts';
import { everyOperation, OPERATIONS, type OperationKey } from '../../src/api/operations.ts';
import { problem } from '../../src/api/shapes.ts';
import { query } from '../../src/database/query.ts';
import { openSecrets } from '../../src/credentials/secrets.ts';
import { closeTestDatabase } from '../support/database.ts';
import { apiApp, depositing, openHub, sender, setUp, tokenWith, type Send } from './client.ts';

let app: Express;
let send: Send;
let document: Json;
type Json = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any -- a document of unknown shape is what is tested
beforeAll(async () => {
  await openHub();
  app = apiApp();
  send = sender(app, await tokenWith('owner'));
  document = (
    await request(app)
      .get('/api/v1/openapi.json')
      .expect(200)
      .expect('Content-Type', /^application\/json/)
  ).body;
});
afterAll(() => closeTestDatabase());

/** Every object in the document. */
function* objects(node: unknown): Generator<Json> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield node;
  for (const part of Object.values(node)) yield* objects(part);
}

const operationsOf = (): [string, string, Json][] =>
  Object.entries(document['paths'] as Json).flatMap(([path, item]) =>
    Object.entries(item as Json).map(([method, one]): [string, string, Json] => [path, method, one as Json]),
  );

describe('the OpenAPI document', () => {
  it('is public and names the hub', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: expect.any(String), version: '1' },
      servers: [{ url: 'http://localhost:3000/api/v1' }],
    });
  });

  it('has exactly the operations of the table', () => {
    const described = operationsOf().map(([path, method, { operationId }]) => `${operationId} ${method} ${path}`);
    expect(described.sort()).toEqual(
      everyOperation.map(([key, { method, path }]) => `${key} ${method} ${path}`).sort(),
    );
  });

  it('describes every path parameter once and no other', () => {
    for (const [path, , { parameters }] of operationsOf()) {
      const named = (parameters as Json[]).filter((one) => one['in'] === 'path');
      expect(named.map((one) => one['name'])).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      expect(named.every((one) => one['required'] === true)).toBe(true);
    }
  });

  it('gives every response a description and every content a schema', () => {
    for (const [, , { responses }] of operationsOf()) {
      for (const [status, response] of Object.entries(responses as Json)) {
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(response.description).toEqual(expect.any(String));
        for (const content of Object.values((response.content ?? {}) as Json)) expect(content).toHaveProperty('schema');
        if (Number(status) >= 400) expect(Object.keys(response.content as Json)).toEqual(['application/problem+json']);
      }
    }
  });

  it('documents 401 and 403 wherever a token is needed', () => {
    for (const [, , { responses, security }] of operationsOf()) {
      if (security === undefined)
        expect(Object.keys(responses as Json)).toEqual(expect.arrayContaining(['401', '403', '500', '503']));
    }
  });

  it('has a target for every reference, and no name twice', () => {
    const schemas = document['components'].schemas as Json;
    const references = [...objects(document)].flatMap((one) => (typeof one['$ref'] === 'string' ? [one['$ref']] : []));
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references)
      expect(schemas).toHaveProperty([reference.replace('#/components/schemas/', '')]);
    const ids = operationsOf().map(([, , { operationId }]) => operationId as string);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('uses only JSON Schema 2020-12, without zod leftovers', () => {
    for (const one of objects(document)) {
      expect(one).not.toHaveProperty('nullable');
      expect(one).not.toHaveProperty('$schema');
      expect(one).not.toHaveProperty('$defs');
    }
  });

  it('refuses unknown fields in every body', () => {
    for (const [, , { requestBody }] of operationsOf()) {
      if (requestBody !== undefined)
        expect(requestBody.content['application/json'].schema).toMatchObject({
          type: 'object',
          additionalProperties: false,
        });
    }
  });
});

describe('the answers', () => {
  /** Strict at every depth: what is not documented is a fault. */
  const strictly = (schema: z.ZodType): z.ZodType => {
    const json = JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input', reused: 'inline' }))) as Json;
    for (const one of objects(json))
      if (one['properties'] && one['additionalProperties'] === undefined) one['additionalProperties'] = false;
    return z.fromJSONSchema(json);
  };

  it('are what the document says, for every operation that reads or makes something', async () => {
    const { at, user, group, account, role, subscription, make, organization } = await setUp(send, 'Antwoorden');
    const other = await setUp(send, 'Ontvanger');
    const values = { products: '*', billing_addresses: '*', rights: '*' };
    const service = await make(`${at}/users`, { kind: 'service', userName: 'robot' });
    const checked = new Set<OperationKey>();
    const check = async (key: OperationKey, path: string, body?: unknown): Promise<Json> => {
      const { method, answer, status = 200 } = OPERATIONS[key] as (typeof everyOperation)[number][1];
      const got = await send(method, path, body).expect(status);
      expect(strictly(answer as z.ZodType).safeParse(got.body)).toMatchObject({ success: true });
      checked.add(key);
      return got.body as Json;
    };
    await check('organization.create', '/organizations', {
      name: 'Nieuw',
      attributes: { etoe_partner: true },
      settings: { deactivateOnlyIn: { emasspost: true }, eraseAfterDays: 30 },
    });
    await check('organization.list', '/organizations');
    await check('organization.get', at);
    await check('organization.export', `${at}/export`);
    await check('organization.change', at, { settings: { ftp: true } });
    await check('customer-account.create', `${at}/customer-accounts`, { number: 'ANT-1', name: 'x' });
    await check('customer-account.list', `${at}/customer-accounts`);
    await check('customer-account.get', `${at}/customer-accounts/${account}`);
    await check('resource.put', `${at}/customer-accounts/${account}/resources`, { resources: [] });
    await check('resource.list', `${at}/customer-accounts/${account}/resources`);
    await check('resource.close', `${at}/customer-accounts/${account}/resources/close`, {
      kind: 'contracts',
      numbers: ['C-1'],
    });
    await check('subscription.set', `${at}/subscriptions`, {
      customerAccountId: account,
      application: 'emasspost',
      values,
      validFrom: '2020-01-01T00:00:00Z',
    });
    await check('subscription.change', `${at}/subscriptions/${subscription}`, {
      customerAccountId: account,
      application: 'emasspost',
      values,
    });
    await check('subscription.list', `${at}/subscriptions`);
    await check('user.create', `${at}/users`, { userName: 'fresh' });
    await check('user.list', `${at}/users`);
    await check('user.get', `${at}/users/${user}`);
    await check('user.change', `${at}/users/${user}`, { title: 'Clerk' });
    await check('temporary-password.create', `${at}/users/${user}/temporary-password`);
    await check('link.create', `${at}/users/${user}/links`, { purpose: 'recovery' });
    await query(
      `insert into email_changes (organization_id, id, user_id, new_email, applied, requested_by, requested_at, expires_at)
       values ($1, gen_random_uuid(), $2, 'new@noordzee.example', false, '{}', now(), now() + interval '1 day')`,
      [organization, user],
    );
    await check('email-change.get', `${at}/users/${user}/email-change`);
    const noticesOf = `${at}/users/${user}/notice-preferences`;
    expect(await check('notice-preference.get', noticesOf)).toMatchObject({ rights: 'daily', requests: 'at_once' });
    expect(await check('notice-preference.set', noticesOf, { imports: 'never' })).toMatchObject({ imports: 'never' });
    await check('policy.get', `${at}/policy`);
    await check('policy.change', `${at}/policy`, {
      secondFactor: { applications: { emasspost: 'everyone' } },
      sessionHours: 12,
    });
    await check('terms.publish', `${at}/terms`, { texts: { nl: 'Een\n\nTwee', fr: 'Un', de: 'Ein', en: 'One' } });
    await check('terms.get', `${at}/terms`);
    await check('session.list', `${at}/users/${user}/sessions`);
    await check('second-factor.list', `${at}/users/${user}/second-factors`);
    await check('factor-reset.list', `${at}/factor-resets`);
    await check('logout.list', '/logouts?state=waiting');
    await check('user.deactivate', `${at}/users/${user}/deactivate`);
    await check('user.reactivate', `${at}/users/${user}/reactivate`);
    const file = { content: 'userName,givenName,familyName,email\nfirst,A,B,a@company.example\nsecond,,,' };
    const bulk = await check('bulk-act.create', `${at}/bulk-acts`, { act: 'invite', userIds: [user] });
    await check('bulk-act.get', `${at}/bulk-acts/${bulk['id']}`);
    await check('bulk-act-person.list', `${at}/bulk-acts/${bulk['id']}/people`);
    await check('bulk-act.confirm', `${at}/bulk-acts/${bulk['id']}/confirm`);
    const imported = await check('import.create', `${at}/imports`, file);
    await check('import.list', `${at}/imports`);
    await check('import.get', `${at}/imports/${imported['id']}`);
    await check('import-error.list', `${at}/imports/${imported['id']}/errors`);
    await check('import.confirm', `${at}/imports/${imported['id']}/confirm`);
    const unwanted = await check('import.create', `${at}/imports`, file);
    await check('import.discard', `${at}/imports/${unwanted['id']}/discard`);
    await check('group.create', `${at}/groups`, { displayName: 'Second', externalId: 'g2', members: [user] });
    await check('group.list', `${at}/groups`);
    const found = await check('group.search', `${at}/groups/search?name=ECON`);
    expect(found['items']).toMatchObject([{ name: 'Second', members: 1, carries: false }]);
    await check('group.get', `${at}/groups/${group}`);
    await check('group.change', `${at}/groups/${group}`, { displayName: 'First' });
    await check('member.change', `${at}/groups/${group}/members`, { add: [user] });
    await check('member.list', `${at}/groups/${group}/members`);
    await check('role.create', `${at}/roles`, { name: 'Second' });
    await check('role.list', `${at}/roles`);
    await check('role.get', `${at}/roles/${role}`);
    await check('role-entitlement.add', `${at}/roles/${role}/entitlements`, { entitlements: [depositing(account)] });
    const held = await check('role-entitlement.list', `${at}/roles/${role}/entitlements`);
    await check('role-entitlement.replace', `${at}/role-entitlements/${held['items'][0].id}`, depositing(account));
    await check('role.change', `${at}/roles/${role}`, { description: 'For the mail room' });
    const wanted = { subjectKind: 'user', subjectId: user, gifts: [{ roleId: role }] };
    const preview = await check('assignment.preview', `${at}/assignments/preview`, wanted);
    expect(preview).toMatchObject({ gained: [{ application: 'emasspost' }], lost: [], withheld: [] });
    const many = { userIds: [user], gifts: wanted.gifts };
    const weighed = await check('assignment.preview-many', `${at}/assignments/many/preview`, many);
    expect(weighed['items']).toMatchObject([{ userId: user, gifts: [0], code: null }]);
    const given = await check('assignment.give', `${at}/assignments`, {
      subjectKind: 'user',
      subjectId: user,
      gifts: [
        { roleId: role },
        { ...depositing(account), validFrom: '2090-01-01T00:00:00Z', validUntil: '2091-01-01T00:00:00Z' },
      ],
    });
    const again = await check('assignment.give-many', `${at}/assignments/many`, many);
    expect(again['items']).toMatchObject([{ userId: user, already: true }]);
    await check('role-holder.list', `${at}/roles/${role}/holders`);
    await check('assignment.list', `${at}/assignments?subjectKind=user&subjectId=${user}`);
    await check('assignment.get', `${at}/assignments/${given['items'][0].id}`);
    await check('administration-right.give', `${at}/administration-rights`, {
      subjectKind: 'user',
      subjectId: user,
      name: 'view_account_settings',
      customerAccountId: account,
    });
    await check('administration-right.list', `${at}/users/${user}/administration-rights`);
    const effective = await check('entitlement.effective', `${at}/users/${user}/effective`);
    expect([effective['effective'].length, effective['withheld'].length]).toEqual([1, 1]);
    const can = await check('access.who-can', `${at}/access?application=emasspost&customerAccountId=${account}`);
    expect(can['items']).toMatchObject([{ userId: user, allowed: true }]);
    const then = await check('access.at', `${at}/access/at?at=2090-01-01T00:00:00Z`);
    expect(then['items']).toMatchObject([{ userId: user, application: 'emasspost', groups: [] }]);
    await check('access.conflicts', `${at}/access/conflicts`);
    const stand = await make(`${at}/users`, { userName: 'stand-in' });
    const replaced = { absentUserId: user, substituteUserId: stand.id, validUntil: '2090-01-01T00:00:00Z' };
    await check('substitution.give', `${at}/substitutions`, replaced);
    await check('substitution.list', `${at}/substitutions`);
    const review = await check('review.start', `${at}/reviews`, { scope: 'all', dueOn: '2090-01-01' });
    await check('review.list', `${at}/reviews`);
    await check('review.get', `${at}/reviews/${review['id']}`);
    await send('post', `${at}/reviews/${review['id']}/decisions`, { position: 1, decision: 'keep' }).expect(204);
    const judged = await check('review.rows', `${at}/reviews/${review['id']}/rows`);
    expect(judged['items'][0]).toMatchObject({ position: 1, decision: 'keep' });
    await check('review.close', `${at}/reviews/${review['id']}/close`, {});
    await check('review-schedule.set', `${at}/review-schedule`, { everyMonths: 6, nextOn: '2090-01-01' });
    await check('review-schedule.get', `${at}/review-schedule`);
    const each = { nl: 'a', fr: 'b', de: 'c', en: 'd' };
    await check('news.publish', '/news', { day: '2026-01-01', title: each, text: each });
    await check('news.list', '/news');
    const terms = { boxes: [{ application: 'emasspost', values }], onward: 1 };
    const mandate = await check('mandate.give', `${at}/mandates`, {
      customerAccountId: account,
      receiverOrganizationId: other.organization,
      ...terms,
    });
    await check('mandate.list', `${other.at}/mandates?side=received`);
    await check('mandate.change', `${at}/mandates/${mandate['id']}`, { ...terms, onward: 0, version: 1 });
    await check('mandate.people', `${at}/mandates/${mandate['id']}/people`);
    await check('organization.change', `/organizations/${other.organization}`, {
      settings: { router: true, address: 'Kaai 1, Gent', showPeopleBy: 'number' },
    });
    const routers = await check('router.list', `${at}/routers?search=kaai`);
    expect(routers['items']).toMatchObject([{ id: other.organization, address: 'Kaai 1, Gent' }]);
    const asking = await send('post', `${at}/users`, { userName: 'asker' }).expect(201);
    const asked = { userId: (asking.body as Json)['id'], application: 'emasspost', reason: 'The autumn\ncampaign' };
    const request = await check('request.ask', `${at}/requests`, { ...asked, customerAccountId: account });
    const denied = await check('request.ask', `${at}/requests`, { ...asked, wanted: { products: ['letter'] } });
    const taken = await check('request.ask', `${at}/requests`, { ...asked, application: 'pickup' });
    await check('request.list', `${at}/requests?view=waiting`);
    await check('request.get', `${at}/requests/${request['id']}`);
    await check('request.queue', '/requests/operator-queue');
    const approved = await check('request.approve', `${at}/requests/${request['id']}/approve`, {
      gifts: [depositing(account)],
      inPart: true,
    });
    expect(approved).toMatchObject({ state: 'approved_in_part', assignments: [expect.any(String)] });
    await check('request.deny', `${at}/requests/${denied['id']}/deny`, { answer: 'No' });
    await check('request.cancel', `${at}/requests/${taken['id']}/cancel`);
    const connection = await check('connection.create', `${at}/connections`, { name: 'Okta' });
    await check('connection.list', `${at}/connections`);
    await check('connection-token.create', `${at}/connections/${connection['id']}/tokens`, {
      name: 't',
      expiresAt: '2090-01-01T00:00:00Z',
    });
    const tokens = await check('connection-token.list', `${at}/connections/${connection['id']}/tokens`);
    expect(tokens['items']).toHaveLength(1);
    await check('opening.open', `${at}/connections/${connection['id']}/openings`, { kind: 'role', targetId: role });
    const openings = await check('opening.list', `${at}/connections/${connection['id']}/openings`);
    expect(openings['items']).toMatchObject([{ kind: 'role', targetId: role }]);
    const connected = `${at}/connections/${connection['id']}`;
    await check('connection-settings.get', `${connected}/settings`);
    await check('connection-settings.change', `${connected}/settings`, {
      strict: true,
      mapping: [{ from: 'nickName', to: 'title' }],
    });
    await check('connection-request.list', `${connected}/requests?failed=true`);
    await check('connection-client.create', `${connected}/clients`, { client_name: 'Okta' });
    await check('connection-client.list', `${connected}/clients`);
    await check('support-consent.list', `${at}/support-consents`);
    await check('support-visit.list', `${at}/support-visits`);
    await check('setup-link.create', `${connected}/setup-links`, { holder: 'Jan of IT' });
    await check('setup-link.list', `${connected}/setup-links`);
    await check('handover-user.list', `${connected}/handover-users`);
    await check('handover-group.list', `${connected}/handover-groups`);
    await check('handover.create', `${connected}/handovers`, { userIds: [user], groupIds: [group] });
    const web = await check('client.create', '/clients', {
      client_name: 'App',
      kind: 'web',
      application: 'emasspost',
      redirect_uris: ['https://app.example/cb'],
    });
    await check('client.list', '/clients');
    await check('client.get', `/clients/${web['client_id']}`);
    await check('client.change', `/clients/${web['client_id']}/addresses`, {
      redirect_uris: ['https://app.example/new'],
      post_logout_redirect_uris: [],
    });
    const own = await check('service-client.create', `${at}/clients`, {
      client_name: 'Robot',
      application: 'emasspost',
      service_user_id: service.id,
    });
    const robots = await check('service-client.list', `${at}/clients`);
    expect(robots['items']).toMatchObject([{ client_id: own['client_id'] }]);
    await check('service-client.get', `${at}/clients/${own['client_id']}`);
    await openSecrets({
      secrets_key: Buffer.alloc(32, 9).toString('base64'),
      secrets_key_file: null,
      database_url: null,
      data_dir: '',
      production: false,
    });
    await check('keys.rotate', '/keys/rotate');
    await check('keys.list', '/keys');
    await check('keys.rewrap', '/keys/rewrap');
    const [stolen] = (await listSigningKeys()).filter(({ state }) => state === 'next');
    const key = `/keys/${stolen?.kid ?? ''}/destroy`;
    await check('keys.effect', key);
    await send('post', key, { reason: 'a copy was lost' }).expect(204);
    const firstHand = send;
    send = sender(app, await tokenWith('owner'));
    await check('keys.confirm-destroy', `${key}/confirm`);
    send = firstHand;
    await check('application.list', '/applications');
    await check('application.get', '/applications/parcels_international');
    await check('api-token.create', '/api-tokens', { name: 't', roles: ['auditor'] });
    await check('api-token.list', '/api-tokens');
    await check('organization.suspend', `/organizations/${organization}/suspend`, {});
    await check('organization.resume', `/organizations/${organization}/resume`, {});
    await check('audit-event.list', `${at}/audit-events`);
    await restartMail();
    await startCatalogue('config/applications');
    const asks = async (number: string): Promise<string> => {
      const registered = { company: 'Vuurtoren', customerNumber: number, proof: 'The invoice of March', phone: '' };
      const who = {
        givenName: 'Femke',
        familyName: 'Goossens',
        email: `${number}@vuurtoren.example`,
        language: 'nl' as const,
      };
      await requestRegistration(systemCtx(), { ...registered, ...who, applications: ['emasspost'] }, '192.0.2.7');
      const [row] = await query<{ id: string }>(
        "update registrations set state = 'pending', confirmed_at = now() where customer_number = $1 returning id",
        [number],
      );
      return row?.id ?? '';
    };
    const registrationId = await asks('REG-9');
    await check('registration.list', '/registrations?limit=5');
    await check('registration.get', `/registrations/${registrationId}`);
    const admitted = await check('registration.approve', `/registrations/${registrationId}/approve`, {
      note: 'called',
    });
    const newcomer = `/organizations/${admitted['organizationId']}`;
    await check('chief.list', `${newcomer}/chiefs`);
    const named = { givenName: 'An', familyName: 'Maes', email: 'an@vuurtoren.example', language: 'fr' };
    await check('chief.create', `${newcomer}/chiefs`, named);
    await check('organization.effect', `${newcomer}/effect`);
    const movable = `${newcomer}/customer-accounts/${admitted['customerAccountId']}/move`;
    await check('customer-account.move-effect', movable);
    await check('customer-account.move', movable, { toOrganizationId: other.organization, endRights: true });
    const colleague = await check('staff.create', '/staff', { ...named, roles: ['auditor'] });
    await check('staff-visit.list', `/staff/${colleague['id']}/support-visits`);
    await check('staff.list', '/staff');
    const source = await check('application.source', '/applications/pickup/source');
    const changed = { source: `${source['published']}# changed\n` };
    expect((await check('application.draft', '/applications/pickup/draft', changed))['faults']).toEqual([]);
    await check('application.effect', '/applications/pickup/draft/effect');
    await send('post', '/applications/pickup/publish', { reason: 'a comment' }).expect(204);
    await check('approval.list', '/approvals');
    const first = send;
    await first('post', '/applications/pickup/publish/confirm').expect(403);
    send = sender(app, await tokenWith('owner'));
    expect(await check('application.confirm-publish', '/applications/pickup/publish/confirm')).toEqual({ version: 1 });
    send = first;
    await check('application.versions', '/applications/pickup/versions');
    await check('mail.list', '/mails?state=kept');
    await check('job.queues', '/jobs/queues');
    await check('job.failed', '/jobs/failed');
    await check('hub.health', '/hub/health');
    await check('hub.overview', '/hub/overview?span=week');
    await check('provisioning-token.expiring', '/provisioning-tokens/expiring');
    const answering = everyOperation.flatMap(([key, { answer }]) => (answer ? [key] : []));
    expect(answering.filter((key) => !checked.has(key))).toEqual([]);
  });

  it('are problems of the documented form where they refuse', async () => {
    const answers = await Promise.all([
      request(app).get('/api/v1/organizations'),
      send('get', '/nothing'),
      send('delete', '/organizations'),
      send('post', '/organizations', { name: 1 }),
      send('get', '/organizations/019391c2-7a5e-7c11-9a63-0c5f7a2f9f10'),
    ]);
    for (const { body, status } of answers) {
      expect(problem.strict().safeParse(body)).toMatchObject({ success: true });
      expect(body.status).toBe(status);
    }
  });
});
