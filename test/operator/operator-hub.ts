// The whole hub on a real port and a real database, with staff of every role. Whoever signs in as staff gets a session of the
// provider's form; how people come by one is test/oidc's, and the journey's.
import { createServer, type RequestListener } from 'node:http';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { v7 as uuidv7 } from 'uuid';
import { createApp } from '../../src/app.ts';
import { startCatalogue } from '../../src/applications/published-catalogue.ts';
import { loadConfig } from '../../src/config.ts';
import type { Ctx } from '../../src/context.ts';
import { artefactHash } from '../../src/credentials/artefact-hash.ts';
import { query } from '../../src/database/query.ts';
import { startJobs, stopJobs } from '../../src/database/jobs.ts';
import { setTokenIssuer } from '../../src/entitlements/token-issuer.ts';
import { issuerOf } from '../../src/oidc/oidc-settings.ts';
import { API_ROLES, type ApiRole } from '../../src/organizations/api-token.ts';
import { OPERATOR_ORGANIZATION_ID } from '../../src/organizations/operator-organization.ts';
import { setStaffRoles } from '../../src/organizations/staff-roles.ts';
import { createUser } from '../../src/users/create-user.ts';
import { openMailHub } from '../mail/mail-hub.ts';
import { Browser } from '../oidc/browser.ts';
import { systemCtx } from '../oidc/hub.ts';
import { closeTestDatabase, silent } from '../support/database.ts';

export type OperatorHub = Awaited<ReturnType<typeof openOperator>>;

export async function openOperator() {
  await openMailHub();
  await startCatalogue(new URL('../../config/applications/', import.meta.url).pathname);
  await stopJobs();
  let handle: RequestListener = (_req, res) => void res.writeHead(503).end();
  const server = createServer((req, res) => handle(req, res));
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const config = loadConfig({ PUBLIC_URL: origin, PASSWORD_HASH_MEMORY_KIB: '7168', PASSWORD_HASH_PASSES: '1' });
  setTokenIssuer(issuerOf(config.public_url));
  const { app, handlers } = await createApp({
    config,
    log: silent,
    ready: () => Promise.resolve(true),
    extend: () => Promise.resolve(),
  });
  await startJobs(handlers, process.env['TEST_DATABASE_URL'] ? await databaseUrl() : null, silent);
  handle = app;
  const staff = {} as Record<ApiRole, string>;
  for (const role of API_ROLES) staff[role] = await aStaffMember(role);
  return {
    origin,
    staff,
    /** A browser of a member of staff with this role, in English. */
    as: (role: ApiRole) => staffBrowser(origin, staff[role]),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await closeTestDatabase();
    },
  };
}

/** The test's own database, as the server names it. */
async function databaseUrl(): Promise<string> {
  const [row] = await query<{ name: string }>('select current_database() as name');
  const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
  url.pathname = `/${row?.name ?? ''}`;
  return url.href;
}

/** He at work, as the pages know him. */
export const staffCtx = (userId: string): Ctx => ({
  ...systemCtx(),
  actor: { kind: 'operator', id: userId, label: 'staff' },
});

export async function aStaffMember(...roles: ApiRole[]): Promise<string> {
  const ctx = { ...systemCtx(), organizationId: OPERATOR_ORGANIZATION_ID };
  const userName = `${roles.join('-') || 'nobody'}-${uuidv7().slice(-6)}`;
  const document = { schemas: [], userName, displayName: `Staff ${userName}`, active: true };
  const { id } = await createUser(ctx, { document });
  if (roles.length > 0) await setStaffRoles(systemCtx(), id, roles);
  return id;
}

/** A browser with a session of the provider, in English. */
export async function browserOf(
  origin: string,
  organizationId: string,
  userId: string,
  amr: readonly string[],
): Promise<Browser> {
  const id = randomBytes(16).toString('base64url');
  await query(
    `insert into oidc_artefacts (model, id_hash, payload, organization_id, user_id, uid, issued_at, expires_at)
     values ('Session', $1, $2, $3, $4, $5, now(), now() + interval '1 hour')`,
    [artefactHash(id), { loginTs: Math.floor(Date.now() / 1000), amr }, organizationId, userId, uuidv7()],
  );
  const browser = new Browser(origin);
  browser.setCookie('session', id);
  browser.setCookie('language', 'en');
  return browser;
}

export const staffBrowser = (origin: string, userId: string): Promise<Browser> =>
  browserOf(origin, OPERATOR_ORGANIZATION_ID, userId, ['pwd', 'otp', 'mfa']);
