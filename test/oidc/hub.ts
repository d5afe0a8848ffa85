// The OpenID Connect edge on a real port and a real database, with an organization, people and clients. What somebody
// holds is said by the test: `hub.hold(userId, rights)`.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import * as client from 'openid-client';
import { v7 as uuidv7 } from 'uuid';
import { loadCatalogue } from '../../src/applications/catalogue.ts';
import { createClient, type CreatedClient, type NewClient } from '../../src/clients/create-client.ts';
import { loadConfig } from '../../src/config.ts';
import type { Ctx } from '../../src/context.ts';
import { hashPassword, startPasswordHashing } from '../../src/credentials/password-hash.ts';
import { openSecrets } from '../../src/credentials/secrets.ts';
import { storePassword } from '../../src/credentials/store-password.ts';
import { query } from '../../src/database/query.ts';
import { startJobs, stopJobs, type JobHandlers } from '../../src/database/jobs.ts';
import type { TokenRights } from '../../src/entitlements/token-rights.ts';
import { startMail } from '../../src/mail/mail-settings.ts';
import { mountOidc } from '../../src/oidc/mount.ts';
import type { OidcSettings } from '../../src/oidc/oidc-settings.ts';
import { loadTexts } from '../../src/texts.ts';
import { scim } from '../../src/scim/mount.ts';
import { createUser } from '../../src/users/create-user.ts';
import { encodeSubject } from '../../src/users/subject.ts';
import { errorPages } from '../../src/web/error-page.ts';
import { securityHeaders } from '../../src/web/headers.ts';
import { createRender, type Render, type Site } from '../../src/web/render.ts';
import { assignRequestId } from '../../src/web/request-id.ts';
import { closeTestDatabase, openTestDatabase, silent, type TestDatabase } from '../support/database.ts';
import { LOCALES, testSite } from '../web/site.ts';
import { Browser, type Page } from './browser.ts';

export const PASSWORD = 'a quiet harbour at dawn';
export const CALLBACK = 'https://app.example/callback';
const PASSWORDS = { minimum_length: 15, temporary_hours: 72, hash_memory_kib: 7168, hash_passes: 1, hash_queue: 64 };
const TOKENS = {
  access_token_seconds: 300,
  refresh_idle_seconds: 28_800,
  session_seconds: 86_400,
  offline_refresh_seconds: 2_592_000,
};

export type TestUser = { organizationId: string; userId: string; userName: string; sub: string };
export type TestHub = Awaited<ReturnType<typeof startHub>>;

export const SOME_RIGHTS: TokenRights = {
  roles: ['Depot'],
  authorizationDetails: [{ type: 'entitlement', identifier: '0100', privileges: ['creation'] }],
  entV: 'v1v1v1v1v1v1v1v1',
  notAfter: null,
  holdsAny: true,
};
export const NO_RIGHTS: TokenRights = {
  roles: [],
  authorizationDetails: [],
  entV: 'none',
  notAfter: null,
  holdsAny: false,
};

export const systemCtx = (organizationId?: string): Ctx => ({
  ...(organizationId !== undefined && { organizationId }),
  actor: { kind: 'system', id: 'test', label: 'test' },
  requestId: 'test-request',
  now: new Date(),
  log: silent,
});

/** Opens the database with the secrets and password hashing that everything here needs. */
export async function openCredentials(): Promise<TestDatabase> {
  const opened = await openTestDatabase();
  await openSecrets({
    secrets_key: Buffer.alloc(32, 9).toString('base64'),
    secrets_key_file: null,
    database_url: opened.url,
    data_dir: opened.dataDir,
    production: false,
  });
  await startPasswordHashing(PASSWORDS);
  await startMail(loadConfig({ PUBLIC_URL: 'http://localhost:3000' }), await loadTexts(LOCALES));
  return opened;
}

export async function addOrganization(name: string, kind: 'customer' | 'operator' = 'customer'): Promise<string> {
  const id = uuidv7();
  await query('insert into organizations (id, name, kind) values ($1, $2, $3)', [id, name, kind]);
  return id;
}

export type NewTestUser = {
  userName?: string;
  email?: string;
  password?: string | null;
  temporaryUntil?: Date;
  kind?: 'person' | 'service';
};
let numbered = 0;

export async function addUser(organizationId: string, input: NewTestUser = {}): Promise<TestUser> {
  const { userName = `user.${++numbered}`, password = PASSWORD, kind = 'person', email, temporaryUntil } = input;
  const ctx = { ...systemCtx(), organizationId };
  const document = {
    userName,
    name: { givenName: 'Anke', familyName: 'Smets' },
    displayName: 'Anke Smets',
    preferredLanguage: 'nl-BE',
    ...(email !== undefined && { emails: [{ value: email, type: 'work', primary: true }] }),
  };
  const { id: userId } = await createUser(ctx, { document, kind });
  if (password !== null && kind === 'person') {
    await storePassword(ctx, {
      organizationId,
      userId,
      hash: await hashPassword(password),
      ...(temporaryUntil && { temporaryUntil }),
    });
  }
  return { organizationId, userId, userName, sub: encodeSubject(organizationId, userId) };
}

/** More edges, beside the OpenID Connect one. */
export type Beside = (parts: { app: express.Express; site: Site; render: Render }) => Promise<void>;

/** `moreJobs`: queues that only the whole hub works on. */
export async function startHub(beside: Beside = () => Promise.resolve(), moreJobs: JobHandlers = {}) {
  const opened = await openCredentials();
  const operator = await addOrganization('Operator', 'operator');
  const organizationId = await addOrganization('Noordzee Media');
  const held = new Map<string, TokenRights>();
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const settings = await settingsAt(origin, held);
  const handlers = await mountAt(app, settings, beside);
  await stopJobs();
  await startJobs({ ...handlers, ...moreJobs }, opened.url, silent);
  const issuer = `${origin}/oidc`;

  const register = async (input: Partial<NewClient> = {}): Promise<CreatedClient & { clientSecret: string }> => {
    const kind = input.kind ?? 'web';
    const uris = kind === 'service' ? {} : { redirectUris: [CALLBACK] };
    const made = await createClient(systemCtx(operator), {
      name: 'Test',
      kind,
      application: 'emasspost',
      ...uris,
      ...input,
    });
    return { clientSecret: '', ...made };
  };

  return {
    origin,
    issuer,
    settings,
    operator,
    organizationId,
    audience: `${origin}/applications/emasspost`,
    register,
    browser: (headers?: Record<string, string>) => new Browser(origin, headers),
    addUser: (input?: NewTestUser) => addUser(organizationId, input),
    /** Nothing is held unless said. */
    hold: (userId: string, rights: TokenRights) => void held.set(userId, rights),
    relyingParty: (made: CreatedClient) =>
      client.discovery(
        new URL(issuer),
        made.clientId,
        made.clientSecret ? { client_secret: made.clientSecret } : {},
        made.clientSecret ? client.ClientSecretBasic(made.clientSecret) : client.None(),
        {
          execute: [client.allowInsecureRequests],
        },
      ),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await closeTestDatabase();
    },
  };
}

/** What the edge at an origin is made with. */
async function settingsAt(origin: string, held: ReadonlyMap<string, TokenRights>): Promise<OidcSettings> {
  const site = await testSite(origin);
  return {
    publicUrl: new URL(origin),
    production: false,
    trustProxy: 0,
    tokens: TOKENS,
    catalogue: await loadCatalogue(new URL('../../config/applications/', import.meta.url).pathname),
    site,
    render: createRender(site),
    log: silent,
    // The state of user and organization is the database's, what he holds is the test's.
    rights: async ({ organizationId, userId }) => {
      const [live] = await query(
        `select 1 from users u join organizations o on o.id = u.organization_id
         where u.organization_id = $1 and u.id = $2 and u.active and u.deleted_at is null and o.state = 'active'`,
        [organizationId, userId],
      );
      return live ? (held.get(userId) ?? NO_RIGHTS) : undefined;
    },
    recoverHref: '/recover',
  };
}

async function mountAt(app: express.Express, settings: OidcSettings, beside: Beside): Promise<JobHandlers> {
  const { site, render, publicUrl } = settings;
  app.use(assignRequestId({ trustProxy: 0 }), securityHeaders(site));
  app.use('/assets', site.assets.handler);
  const { jobs: handlers, personOf: me, directoryToken } = await mountOidc(app, settings);
  app.use('/scim/v2', scim({ publicUrl, log: silent, me, directoryToken }));
  await beside({ app, site, render });
  app.use(errorPages({ render, log: silent }));
  return handlers;
}

export type Request = { url: URL; verifier: string; state: string; nonce?: string | undefined };

/** An authorization request of a client, with PKCE. */
export async function ask(config: client.Configuration, parameters: Record<string, string> = {}): Promise<Request> {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    ...parameters,
  });
  return { url, verifier, state, nonce: parameters['nonce'] };
}

export const typeIn = (browser: Browser, page: Page, user: { userName: string }, password = PASSWORD): Promise<Page> =>
  browser.submit(page, { identifier: user.userName, password });

/** The whole code flow in a browser: the tokens of a person who types the right password. */
export async function signIn(
  config: client.Configuration,
  browser: Browser,
  user: TestUser,
  parameters: Record<string, string> = {},
) {
  const request = await ask(config, parameters);
  let page = await browser.open(request.url);
  if (page.url.pathname.startsWith('/sign-in/')) page = await typeIn(browser, page, user);
  return exchange(config, page, request);
}

export const exchange = (config: client.Configuration, page: Page, request: Request) =>
  client.authorizationCodeGrant(config, page.url, {
    pkceCodeVerifier: request.verifier,
    expectedState: request.state,
    ...(request.nonce !== undefined && { expectedNonce: request.nonce }),
    idTokenExpected: true,
  });

export type { Server };
