// The portal with the pages behind set-up links and the SCIM door beside it, and a directory that uses them.
import request from 'supertest';
import { connect, CONNECT_PATH } from '../../src/portal/connect/mount-connect.ts';
import { catalogue } from '../../src/applications/current-catalogue.ts';
import { query } from '../../src/database/query.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { flushRequests } from '../../src/provisioning/request-log.ts';
import { scim } from '../../src/scim/mount.ts';
import type { Organization } from '../giving/world.ts';
import type { Browser, Page } from '../oidc/browser.ts';
import { aNamedUser, openPortal, post, signedIn, type PortalHub } from '../portal/portal-hub.ts';
import type { Directory } from '../support/directory.ts';
import { silent } from '../support/database.ts';

export const LIST = '/portal/connections';

export const openHub = (): Promise<PortalHub> =>
  openPortal({
    extend: (app, { site, render, log }) => {
      app.use('/scim/v2', scim({ publicUrl: site.publicUrl, log }));
      app.use(CONNECT_PATH, connect({ site, render, catalogue: catalogue(), log }));
    },
  });

export async function aChief(
  hub: PortalHub,
  of: Organization,
  userName = 'chief',
): Promise<{ id: string; browser: Browser }> {
  const id = await aNamedUser(of, { userName, name: 'Els Claes', email: `${userName}@post.example` });
  await giveAdministrationRight(of.operator, { subject: { kind: 'user', id }, name: 'chief_administrator' });
  return { id, browser: await signedIn(hub, of.id, id) };
}

/** Makes a connection by the form; its address. */
export async function made(browser: Browser, product: string, name = ''): Promise<string> {
  const page = await post(browser, await browser.open(`${LIST}/new`), `${LIST}/new`, { product, name });
  return page.url.pathname.replace(/\/setup$/, '');
}

/** What the page shows this once. */
export const secretIn = ({ html }: Page): string =>
  /class="copy once"[\s\S]*?<code[^>]*>([^<]+)<\/code>/.exec(html)?.[1] ?? '';

export const issued = async (browser: Browser, setup: string, days = '90'): Promise<string> =>
  secretIn(await post(browser, await browser.open(setup), `${setup}/tokens`, { name: 'Token', days }));

export const directoryWith = ({ origin }: PortalHub, token: string): Directory => ({
  organizationId: '',
  connectionId: '',
  token,
  send: (method, path, body, headers = {}) => {
    const sent = request(origin)[method](`/scim/v2${path}`).set('Authorization', `Bearer ${token}`).set(headers);
    return body === undefined ? sent : sent.set('Content-Type', 'application/scim+json').send(JSON.stringify(body));
  },
});

export const logged = (): Promise<void> => flushRequests(silent);

export const actionsOn = async (of: Organization, id: string) =>
  query<{ action: string; actor: { kind: string; label: string; setupLink?: string } }>(
    'select action, actor from audit_events where organization_id = $1 and target_id = $2 order by id',
    [of.id, id],
  );
