import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { z } from 'zod';
import { everyOperation, OPERATIONS, type OperationKey } from '../../src/api/operations.ts';
import { problem } from '../../src/api/shapes.ts';
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
      settings: { deactivateOnlyIn: { emasspost: true } },
    });
    await check('organization.list', '/organizations');
    await check('organization.get', at);
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
    await check('link.create', `${at}/users/${user}/links`, { purpose: 'recovery' });
    await check('user.deactivate', `${at}/users/${user}/deactivate`);
    await check('user.reactivate', `${at}/users/${user}/reactivate`);
    await check('group.create', `${at}/groups`, { displayName: 'Second', externalId: 'g2', members: [user] });
    await check('group.list', `${at}/groups`);
    await check('group.get', `${at}/groups/${group}`);
    await check('group.change', `${at}/groups/${group}`, { displayName: 'First' });
    await check('member.change', `${at}/groups/${group}/members`, { add: [user] });
    await check('member.list', `${at}/groups/${group}/members`);
    await check('role.create', `${at}/roles`, { name: 'Second' });
    await check('role.list', `${at}/roles`);
    await check('role.get', `${at}/roles/${role}`);
    await check('role-entitlement.add', `${at}/roles/${role}/entitlements`, { entitlements: [depositing(account)] });
    await check('role-entitlement.list', `${at}/roles/${role}/entitlements`);
    const given = await check('assignment.give', `${at}/assignments`, {
      subjectKind: 'user',
      subjectId: user,
      gifts: [
        { roleId: role },
        { ...depositing(account), validFrom: '2090-01-01T00:00:00Z', validUntil: '2091-01-01T00:00:00Z' },
      ],
    });
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
    const terms = { boxes: [{ application: 'emasspost', values }], onward: 1 };
    const mandate = await check('mandate.give', `${at}/mandates`, {
      customerAccountId: account,
      receiverOrganizationId: other.organization,
      ...terms,
    });
    await check('mandate.list', `${other.at}/mandates?side=received`);
    await check('mandate.change', `${at}/mandates/${mandate['id']}`, { ...terms, onward: 0 });
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
    await check('application.list', '/applications');
    await check('application.get', '/applications/parcels_international');
    await check('api-token.create', '/api-tokens', { name: 't', roles: ['auditor'] });
    await check('api-token.list', '/api-tokens');
    await check('organization.suspend', `/organizations/${organization}/suspend`, {});
    await check('organization.resume', `/organizations/${organization}/resume`, {});
    await check('audit-event.list', `${at}/audit-events`);
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
