// The management API on a fresh database, asked over HTTP, and a few things made over it.
import express from 'express';
import request from 'supertest';
import { loadCatalogue } from '../../src/applications/catalogue.ts';
import { setCatalogue } from '../../src/applications/current-catalogue.ts';
import { api } from '../../src/api/api.ts';
import { loadConfig } from '../../src/config.ts';
import { startMail } from '../../src/mail/mail-settings.ts';
import { loadTexts } from '../../src/texts.ts';
import { RUN_BULK_ACT } from '../../src/bulk-acts/prepare-bulk-act.ts';
import { RUN_IMPORT } from '../../src/imports/run-import.ts';
import { createApiToken, type ApiRole } from '../../src/organizations/api-token.ts';
import { ensureOperatorOrganization } from '../../src/organizations/operator-organization.ts';
import type { Ctx } from '../../src/context.ts';
import { END_ORGANIZATION_ACCESS, endOrganizationAccessJob } from '../../src/credentials/end-access.ts';
import { BACKCHANNEL_LOGOUT } from '../../src/signals/queue-logouts.ts';
import { MANDATE_NOTICE } from '../../src/mandates/announce-mandate.ts';
import { REQUEST_NOTICE } from '../../src/requests/request-notice.ts';
import { startPasswordHashing } from '../../src/credentials/password-hash.ts';
import { openSecrets } from '../../src/credentials/secrets.ts';
import { assignRequestId } from '../../src/web/request-id.ts';
import { openTestDatabase, silent } from '../support/database.ts';

export const PUBLIC_URL = new URL('http://localhost:3000');
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type Send = (method: Method, path: string, body?: unknown) => request.Test;

const systemCtx = (): Ctx => ({
  actor: { kind: 'system', id: 'test', label: 'test' },
  requestId: 'test',
  now: new Date(),
  log: silent,
});

export function apiApp(publicUrl = PUBLIC_URL): express.Express {
  const app = express();
  app.use(assignRequestId({ trustProxy: 0 }));
  app.use('/api/v1', api({ publicUrl, log: silent }));
  return app;
}

/** A database, the catalogue and the operator's organization. Call in beforeAll; closeTestDatabase in afterAll. */
export async function openHub(): Promise<void> {
  const opened = await openTestDatabase({
    [END_ORGANIZATION_ACCESS]: endOrganizationAccessJob,
    [BACKCHANNEL_LOGOUT]: { run: () => Promise.resolve() },
    [MANDATE_NOTICE]: { run: () => Promise.resolve() },
    [REQUEST_NOTICE]: { run: () => Promise.resolve() },
    [RUN_IMPORT]: { run: () => Promise.resolve() },
    [RUN_BULK_ACT]: { run: () => Promise.resolve() },
  });
  setCatalogue(await loadCatalogue('config/applications'));
  await openSecrets({
    secrets_key: Buffer.alloc(32, 9).toString('base64'),
    secrets_key_file: null,
    database_url: opened.url,
    data_dir: opened.dataDir,
    production: false,
  });
  const config = loadConfig({ PUBLIC_URL: PUBLIC_URL.origin });
  await startPasswordHashing(config.password);
  await startMail(config, await loadTexts('locales'));
  await ensureOperatorOrganization(systemCtx(), 'Operator');
}

export async function tokenWith(...roles: ApiRole[]): Promise<string> {
  const { token } = await createApiToken(systemCtx(), { name: roles.join(' and '), roles });
  return token;
}

export const sender =
  (app: express.Express, token: string): Send =>
  (method, path, body) => {
    const sent = request(app)[method](`/api/v1${path}`).set('Authorization', `Bearer ${token}`);
    return body === undefined ? sent : sent.set('Content-Type', 'application/json').send(JSON.stringify(body));
  };

let numbers = 0;

/** An organization with an account, two contracts, a subscription on all of e-MassPost, a person, a group and a role. */
export async function setUp(send: Send, name: string) {
  const make = async (path: string, body: unknown) => (await send('post', path, body).expect(201)).body;
  const organization = (await make('/organizations', { name })).id as string;
  const at = `/organizations/${organization}`;
  const account = await make(`${at}/customer-accounts`, { number: `N-${(numbers += 1)}`, name: `${name}, Brussel` });
  const resources = [
    { kind: 'billing_addresses', number: 'B-1', label: 'Head office' },
    { kind: 'billing_addresses', number: 'B-2', label: 'Archive' },
    { kind: 'contracts', number: 'C-1', label: 'Contract one' },
  ];
  await send('put', `${at}/customer-accounts/${account.id}/resources`, { resources }).expect(200);
  const all = { products: '*', billing_addresses: '*', rights: '*' };
  const subscription = await make(`${at}/subscriptions`, {
    customerAccountId: account.id,
    application: 'emasspost',
    values: all,
  });
  const user = await make(`${at}/users`, {
    userName: `anna.${numbers}`,
    givenName: 'Anna',
    familyName: 'Peeters',
    email: 'anna@example.org',
    language: 'nl',
  });
  const group = await make(`${at}/groups`, { displayName: 'Mailroom' });
  const role = await make(`${at}/roles`, { name: 'Depositor' });
  return {
    organization,
    at,
    account: account.id as string,
    number: account.number as string,
    subscription: subscription.id as string,
    user: user.id as string,
    group: group.id as string,
    role: role.id as string,
    make,
  };
}

export type SetUp = Awaited<ReturnType<typeof setUp>>;

/** One entitlement that e-MassPost accepts. */
export const depositing = (account: string) => ({
  application: 'emasspost',
  customerAccountId: account,
  values: { products: ['prior'], billing_addresses: ['B-1'], rights: ['create_deposit'] },
});
