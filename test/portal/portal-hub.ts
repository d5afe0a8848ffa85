// The portal on a real port and a real database, with an organization of the giving tests. Whoever signs in gets a session
// of the provider's form; how people come by one is test/oidc's.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { catalogue } from '../../src/applications/current-catalogue.ts';
import { artefactHash } from '../../src/credentials/artefact-hash.ts';
import { query } from '../../src/database/query.ts';
import { SELF_GIVING_NOTICE } from '../../src/entitlements/check-giving.ts';
import { portal } from '../../src/portal/mount.ts';
import { createConnection } from '../../src/provisioning/connection.ts';
import { USER_SCHEMA } from '../../src/provisioning/schemas.ts';
import { createUser } from '../../src/users/create-user.ts';
import { errorPages, notFoundPage } from '../../src/web/error-page.ts';
import { securityHeaders } from '../../src/web/headers.ts';
import { rememberChoices } from '../../src/web/page.ts';
import { createRender, type Render, type Site } from '../../src/web/render.ts';
import { assignRequestId } from '../../src/web/request-id.ts';
import { anOrganization, aUser, useTestCatalogue, type Organization } from '../giving/world.ts';
import { openMailHub } from '../mail/mail-hub.ts';
import { Browser, type Page } from '../oidc/browser.ts';
import { closeTestDatabase, silent } from '../support/database.ts';
import { testSite } from '../web/site.ts';

const QUEUES = [
  SELF_GIVING_NOTICE,
  'mandate-notice',
  'access-request-notice',
  'backchannel-logout',
  'end-organization-access',
  'deliver-mail',
  'run-bulk-act',
];

export type PortalHub = Awaited<ReturnType<typeof openPortal>>;

/** Adds routes that the portal's people meet elsewhere. */
type ExtendPortal = (app: express.Express, parts: { site: Site; render: Render; log: Logger }) => void;

export async function openPortal({ extend }: { extend?: ExtendPortal } = {}) {
  await openMailHub(Object.fromEntries(QUEUES.map((name) => [name, { run: () => Promise.resolve() }])));
  useTestCatalogue();
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const site = await testSite(origin);
  const render = createRender(site);
  app.use(assignRequestId({ trustProxy: 0 }), securityHeaders(site), rememberChoices(site));
  extend?.(app, { site, render, log: silent });
  app.use('/portal', await portal({ site, render, catalogue: catalogue(), log: silent }));
  app.use(notFoundPage(render), errorPages({ render, log: silent }));
  return {
    origin,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await closeTestDatabase();
    },
  };
}

/** With one organization and its chief administrator, signed in. */
export async function openCompanyPortal() {
  const hub = await openPortal();
  const organization = await anOrganization();
  const chief = await aUser(organization, ['chief_administrator']);
  return { hub, organization, chief, byChief: await signedIn(hub, organization.id, chief.id) };
}

type NamedUser = { userName: string; name?: string; email?: string; active?: boolean };

/** A person with a name of the test's own. */
export async function aNamedUser({ operator }: Organization, input: NamedUser): Promise<string> {
  const { userName, name = userName, email, active = true } = input;
  const [givenName = '', ...rest] = name.split(' ');
  const document = {
    schemas: [USER_SCHEMA],
    userName,
    displayName: name,
    name: { givenName, familyName: rest.join(' ') || givenName },
    active,
    preferredLanguage: 'en',
    ...(email !== undefined && { emails: [{ value: email, type: 'work', primary: true }] }),
  };
  return (await createUser(operator, { document })).id;
}

/** A person whom a directory made. */
export async function aProvisionedUser({ operator, id }: Organization, userName: string): Promise<string> {
  const connection = await createConnection(operator, { name: 'Entra ID' });
  const actor = { kind: 'connection' as const, id: connection.id, organizationId: id, label: connection.name };
  const document = { schemas: [USER_SCHEMA], userName, displayName: userName, active: true };
  return (await createUser({ ...operator, actor }, { document })).id;
}

/** A browser in which the person is signed in, in English. */
export async function signedIn({ origin }: PortalHub, organizationId: string, userId: string): Promise<Browser> {
  const id = randomBytes(16).toString('base64url');
  await query(
    `insert into oidc_artefacts (model, id_hash, payload, organization_id, user_id, uid, issued_at, expires_at)
     values ('Session', $1, $2, $3, $4, $5, now(), now() + interval '1 hour')`,
    [
      artefactHash(id),
      { loginTs: Math.floor(Date.now() / 1000), amr: ['pwd', 'otp', 'mfa'] },
      organizationId,
      userId,
      uuidv7(),
    ],
  );
  const browser = new Browser(origin);
  browser.setCookie('session', id);
  browser.setCookie('language', 'en');
  return browser;
}

/** Posts to an address with the proof that the page's forms carry. */
export async function post(
  browser: Browser,
  page: Page,
  path: string,
  fields: Record<string, string> = {},
): Promise<Page> {
  const csrf = /name="csrf" value="([^"]*)"/.exec(page.html)?.[1] ?? '';
  const html = `<form action="${path}"><input type="hidden" name="csrf" value="${csrf}"></form>`;
  return browser.submit({ ...page, html }, fields);
}

/** Posts the page's own form, not one of the frame around it, with its hidden fields and these. */
export const submit = (browser: Browser, page: Page, fields: Record<string, string> = {}): Promise<Page> =>
  browser.submit({ ...page, html: /<main[\s\S]*<\/main>/.exec(page.html)?.[0] ?? '' }, fields);

/** What a person reads: the page without its tags, its text in one line. */
export const textOf = ({ html }: Page): string =>
  (/<main[\s\S]*<\/main>/.exec(html)?.[0] ?? html)
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');

/** The usernames of the list, in its order. */
export const usernamesIn = ({ html }: Page): string[] =>
  [...html.matchAll(/<a class="name"[^>]*>([^<]*)</g)].map(([, name]) => name ?? '');
