// A customer's directory at the SCIM door: an organization with a connection, its token, and requests with it.
import express from 'express';
import request from 'supertest';
import { v7 as uuidv7 } from 'uuid';
import { setCatalogue } from '../../src/applications/current-catalogue.ts';
import type { OrganizationCtx } from '../../src/context.ts';
import { openSecrets } from '../../src/credentials/secrets.ts';
import { query } from '../../src/database/query.ts';
import { createConnection, createToken } from '../../src/provisioning/connection.ts';
import { scim, type ScimSettings } from '../../src/scim/mount.ts';
import { assignRequestId } from '../../src/web/request-id.ts';
import { silent } from './database.ts';

// A directory needs no application; tests that do set theirs afterwards.
setCatalogue(new Map());

export const PUBLIC_URL = new URL('http://localhost:3000');

/** The SCIM edge alone; `me` as in its settings. */
export function scimApp(more: Pick<ScimSettings, 'me'> = {}): express.Express {
  const app = express();
  app.use(assignRequestId({ trustProxy: 0 }));
  app.use('/scim/v2', scim({ publicUrl: PUBLIC_URL, log: silent, ...more }));
  return app;
}

/** What cursors are signed with. */
export const openTestSecrets = () =>
  openSecrets({
    secrets_key: Buffer.alloc(32, 7).toString('base64'),
    secrets_key_file: null,
    database_url: null,
    data_dir: '',
    production: false,
  });

/** A Ctx of the hub itself, working in one organization. */
export const systemCtx = (organizationId: string): OrganizationCtx => ({
  organizationId,
  actor: { kind: 'system', id: 'test', label: 'test' },
  requestId: 'test-request',
  now: new Date(),
  log: silent,
});

export async function createTestOrganization(name = 'Noordzee Media'): Promise<string> {
  const id = uuidv7();
  await query('insert into organizations (id, name) values ($1, $2)', [id, name]);
  return id;
}

export type Directory = {
  organizationId: string;
  connectionId: string;
  token: string;
  send: (
    method: 'get' | 'post' | 'put' | 'patch' | 'delete',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => request.Test;
};

/** Another connection of the organization, or of a new one. */
export async function connectDirectory(app: express.Express, organizationId?: string): Promise<Directory> {
  const organization = organizationId ?? (await createTestOrganization());
  const ctx = systemCtx(organization);
  const connection = await createConnection(ctx, { name: 'Entra ID' });
  const { token } = await createToken(ctx, connection.id, { name: 'first' });
  return {
    organizationId: organization,
    connectionId: connection.id,
    token,
    send: (method, path, body, headers = {}) => {
      const sent = request(app)[method](`/scim/v2${path}`).set('Authorization', `Bearer ${token}`).set(headers);
      return body === undefined ? sent : sent.set('Content-Type', 'application/scim+json').send(JSON.stringify(body));
    },
  };
}

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** A PATCH body. */
export const patch = (...operations: object[]) => ({ schemas: [PATCH], Operations: operations });
