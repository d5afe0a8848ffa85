import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { mayDo, rolesWith } from '../../src/organizations/permissions.ts';
import { everyOperation } from '../../src/api/operations.ts';
import { paramNames } from '../../src/api/operation.ts';
import { query } from '../../src/database/query.ts';
import { API_ROLES, type ApiRole } from '../../src/organizations/api-token.ts';
import { OPERATOR_ORGANIZATION_ID } from '../../src/organizations/operator-organization.ts';
import { closeTestDatabase } from '../support/database.ts';
import { apiApp, openHub, sender, setUp, tokenWith, type Send } from './client.ts';

let app: Express;
const as = {} as Record<ApiRole, Send>;
beforeAll(async () => {
  await openHub();
  app = apiApp();
  for (const role of API_ROLES) as[role] = sender(app, await tokenWith(role));
});
afterAll(() => closeTestDatabase());

const NOBODY = '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const pathOf = (path: string) => paramNames(path).reduce((made, name) => made.replace(`{${name}}`, NOBODY), path);

describe('the roles of an API token', () => {
  it.each(everyOperation)('let through exactly whom the table names: %s', async (_, operation) => {
    for (const role of API_ROLES) {
      const { status } = await as[role](
        operation.method,
        pathOf(operation.path),
        operation.method === 'get' ? undefined : {},
      );
      const allowed = operation.needs === null || rolesWith(operation.needs).includes(role);
      expect([role, status === 403]).toEqual([role, !allowed]);
    }
  });

  it('let the auditor read everything and write nothing', () => {
    for (const [key, { needs, method }] of everyOperation) {
      // What would come of an act is asked with the act's own body, and nothing is kept of it.
      const reads = method === 'get' || key.startsWith('assignment.preview');
      if (needs !== null) expect([key, mayDo(['auditor'], needs)]).toEqual([key, reads]);
    }
  });

  it('let the owner do everything', () => {
    expect(everyOperation.every(([, { needs }]) => needs === null || mayDo(['owner'], needs))).toBe(true);
  });

  it('say in the refusal which role is needed', async () => {
    const answer = await as.auditor('post', '/organizations', { name: 'x' }).expect(403);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="api", error="insufficient_scope"');
    expect(answer.body).toMatchObject({ code: 'not_permitted', details: { roles: ['owner', 'support'] } });
  });

  it("leave the operator's own people to the owner", async () => {
    const at = `/organizations/${OPERATOR_ORGANIZATION_ID}`;
    const made = await as.owner('post', `${at}/users`, { userName: 'staff' }).expect(201);
    await as.support('get', `${at}/users/${made.body.id}`).expect(200);
    await as.support('post', `${at}/users/${made.body.id}/links`, { purpose: 'recovery' }).expect(403);
    await as.support('post', `${at}/users/${made.body.id}/temporary-password`).expect(403);
    await as
      .support('post', `/organizations/${OPERATOR_ORGANIZATION_ID.toUpperCase()}/users`, { userName: 'intruder' })
      .expect(403);
    await as.owner('post', `${at}/users/${made.body.id}/links`, { purpose: 'first_password' }).expect(201);
  });

  it('never suspend the operator', async () => {
    const answer = await as.owner('post', `/organizations/${OPERATOR_ORGANIZATION_ID}/suspend`, {}).expect(403);
    expect(answer.body.code).toBe('not_permitted');
  });
});

describe('an API token', () => {
  it('stands in the audit as the actor', async () => {
    const { organization } = await setUp(as.owner, 'Spoor');
    const rows = await query<{ actor: { kind: string; label: string } }>(
      "select actor from audit_events where organization_id = $1 and action = 'organization.created'",
      [organization],
    );
    expect(rows).toMatchObject([{ actor: { kind: 'operator', label: 'owner' } }]);
  });

  it('opens nothing once it is revoked', async () => {
    const made = await as.owner('post', '/api-tokens', { name: 'short', roles: ['auditor'] }).expect(201);
    const send = sender(app, made.body.token as string);
    await send('get', '/applications').expect(200);
    await as.security('delete', `/api-tokens/${made.body.id}`).expect(204);
    await send('get', '/applications').expect(401);
    await as.security('delete', `/api-tokens/${made.body.id}`).expect(204);
  });

  it('opens nothing after its end', async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    const made = await as
      .owner('post', '/api-tokens', { name: 'ends', roles: ['auditor'], expiresAt: soon })
      .expect(201);
    await query("update api_tokens set expires_at = now() - interval '1 second' where id = $1", [made.body.id]);
    await sender(app, made.body.token as string)('get', '/applications').expect(401);
  });

  it('cannot be made to end in the past', async () => {
    const answer = await as
      .owner('post', '/api-tokens', { name: 'late', roles: ['auditor'], expiresAt: '2001-01-01T00:00:00Z' })
      .expect(400);
    expect(answer.body.code).toBe('invalid_input');
  });
});
