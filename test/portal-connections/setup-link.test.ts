// A colleague without an account sets a connection up with a link, sees it arrive, and reaches nothing else.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { createConnection } from '../../src/provisioning/connection.ts';
import { createSetupLink, revokeSetupLink } from '../../src/provisioning/setup-link.ts';
import { changeUser } from '../../src/users/change-user.ts';
import { anOrganization, ctxOf, OPERATOR, type Organization } from '../giving/world.ts';
import { Browser, type Page } from '../oidc/browser.ts';
import { aNamedUser, post, signedIn, submit, textOf, type PortalHub } from '../portal/portal-hub.ts';
import { EntraClient } from '../support/entra-client.ts';
import { actionsOn, aChief, directoryWith, logged, made, openHub, secretIn } from './connections-hub.ts';

let hub: PortalHub;
let of: Organization;
let chief: Browser;
let chiefId: string;
beforeAll(async () => {
  hub = await openHub();
  of = await anOrganization();
  ({ browser: chief, id: chiefId } = await aChief(hub, of));
});
afterAll(() => hub.stop());

/** A browser that has nothing of the hub but its language. */
function colleague(): Browser {
  const browser = new Browser(hub.origin);
  browser.setCookie('language', 'en');
  return browser;
}

const linkIn = (page: Page): string => new URL(secretIn(page)).pathname;
const linkOf = async (path: string, holder = 'Jan of IT'): Promise<string> =>
  linkIn(await post(chief, await chief.open(path), `${path}/links`, { holder }));

describe('a set-up link', () => {
  it('is enough for a colleague in IT to connect Entra ID and to see it arrive', async () => {
    const path = await made(chief, 'entra', 'Kade');
    const link = await linkOf(path);
    expect(link).toMatch(/^\/connect\/[0-9a-f-]{36}\.[\w-]{43}$/);
    const it = colleague();
    const start = await it.open(link);
    expect(start.url.pathname).toBe('/connect');
    expect(textOf(start)).toContain('For Jan of IT, made by');
    expect(textOf(start)).toContain('Lindenhof');
    expect(textOf(start)).toContain('Secret Token');
    const shown = await post(it, start, '/connect/tokens', { name: 'By IT', days: '90' });
    const entra = new EntraClient(directoryWith(hub, secretIn(shown)));
    expect(textOf(await it.open('/connect'))).toContain('Waiting for the first request');

    await entra.testConnection();
    await logged();
    expect(textOf(await it.open('/connect'))).toContain('In use, last request now');
    const an = {
      externalId: 'e-1',
      userName: 'an@it.example',
      givenName: 'An',
      familyName: 'Maes',
      mail: 'an@it.example',
    };
    const bo = { ...an, externalId: 'e-2', userName: 'bo@it.example', mail: 'bo@it.example', givenName: 'Bo' };
    const ids = [await entra.syncUser(an), await entra.syncUser(bo)];
    await entra.syncUser({ ...an, department: 'Sales' });
    await entra.setManager(ids[0] ?? '', ids[1] ?? '');
    await entra.syncGroup('Sales', 'g-1', ids);
    await entra.disable(ids[1] ?? '');
    await logged();
    const log = textOf(await it.open('/connect/requests?show=all'));
    expect(log).toContain('POST /Users');
    expect(log).toContain('PATCH /Groups/');
    expect(textOf(await chief.open(path))).toContain('2 users, 1 group ');

    // Another visit by the same link, on another day and device; the first token is changed for a second.
    const again = colleague();
    const second = await post(again, await again.open(link), '/connect/tokens', { name: 'Second', days: '365' });
    const revoke = /href="(\/connect\/tokens\/[^"]*\/revoke)"/.exec(second.html)?.[1] ?? '';
    expect(textOf(await submitForm(again, await again.open(revoke)))).toContain('The token was revoked');
    await directoryWith(hub, secretIn(second)).send('get', '/Users').expect(200);

    const events = await actionsOn(of, path.split('/').at(-1) ?? '');
    expect(events.map(({ action }) => action)).toEqual([
      'connection.created',
      'setup_link.created',
      'provisioning_token.created',
      'provisioning_token.created',
      'provisioning_token.revoked',
    ]);
    const [, , byLink] = events;
    expect(byLink?.actor).toMatchObject({ kind: 'connection', label: 'Jan of IT' });
    expect(byLink?.actor.setupLink).toBeDefined();
    expect((await chief.open('/portal/history?kind=directory')).html).toContain('by a set-up link, Jan of IT');
  });

  /** The form that is not the one in the head. */
  const submitForm = (browser: Browser, page: Page): Promise<Page> =>
    browser.submit({ ...page, html: /<form class="section"[\s\S]*?<\/form>/.exec(page.html)?.[0] ?? '' });

  it('opens that connection only: not the portal, not the pages of an administrator, not another connection', async () => {
    const [path, other] = [await made(chief, 'other', 'One'), await made(chief, 'other', 'Two')];
    const it = colleague();
    const start = await it.open(await linkOf(path));
    for (const page of [path, `${path}/existing`, `${path}/openings`, `${path}/settings`, '/portal'])
      expect((await it.open(page)).url.pathname).not.toMatch(/^\/portal/);
    for (const page of ['existing', 'openings', 'settings', 'end', 'links', 'clients'])
      expect((await post(it, start, `/connect/${page}`, { holder: 'x' })).status).toBe(404);
    const token = await post(chief, await chief.open(`${other}/setup`), `${other}/setup/tokens`, { name: 'Other' });
    const id = /\/tokens\/([^/"]*)\/revoke/.exec(token.html)?.[1] ?? '';
    expect((await it.open(`/connect/tokens/${id}/revoke`)).status).toBe(404);
    expect((await post(it, start, `/connect/tokens/${id}/revoke`)).status).toBe(404);
    await directoryWith(hub, secretIn(token)).send('get', '/Users').expect(200);
    const forged = await it.submit({ ...start, html: '<form action="/connect/tokens"></form>' }, { name: 'x' });
    expect(forged.status).toBe(403);
  });

  it('is shown once, kept as a hash, and refused for a plain administrator and without a holder', async () => {
    const path = await made(chief, 'other', 'Once');
    const link = await linkOf(path);
    expect((await chief.open(path)).html).not.toContain(link);
    const rows = await query<{ row: string }>('select l::text as row from setup_links l where organization_id = $1', [
      of.id,
    ]);
    expect(JSON.stringify(rows)).not.toContain(link.split('.')[1]);
    const blank = await post(chief, await chief.open(path), `${path}/links`, { holder: ' ' });
    expect(blank.status).toBe(422);
    const id = path.split('/').at(-1) ?? '';
    const plain = await aNamedUser(of, { userName: 'plain' });
    const ctx = ctxOf(of.id, { kind: 'user', id: plain, organizationId: of.id, label: 'plain' });
    await expect(createSetupLink(ctx, id, { holder: 'x' })).rejects.toMatchObject({ code: 'not_permitted' });
    for (let i = 0; i < 2; i++) await linkOf(path);
    const fourth = await post(chief, await chief.open(path), `${path}/links`, { holder: 'x' });
    expect(fourth.status).toBe(422);
    expect(await signedIn(hub, of.id, plain)).toBeDefined();
  });

  it('that was revoked, has expired, is garbled or whose maker left opens nothing, and says which', async () => {
    const { id } = await createConnection(of.operator, { name: 'Ends' });
    const revoked = await createSetupLink(of.operator, id, { holder: 'revoked' });
    const it = colleague();
    const open = await it.open(`/connect/${revoked.token}`);
    expect(open.status).toBe(200);
    await revokeSetupLink(of.operator, id, revoked.id);
    // Also where a page of it is open.
    const refused = await post(it, open, '/connect/tokens', { name: 'x' });
    expect(refused.status).toBe(410);
    expect(refused.html).toContain('This link was withdrawn');

    const old = ctxOf(of.id, OPERATOR, new Date(Date.now() - 8 * 86_400_000));
    const expired = await createSetupLink(old, id, { holder: 'expired' });
    const late = await colleague().open(`/connect/${expired.token}`);
    expect([late.status, late.html.includes('This link has expired')]).toEqual([410, true]);
    const cutWithin = `${'a'.repeat(199)}%F0%9F%98%80`;
    for (const garbled of ['x', revoked.token.slice(0, -3), `${revoked.token}x`, '%00', 'a'.repeat(5000), cutWithin]) {
      const page = await colleague().open(`/connect/${garbled}`);
      expect([page.status, page.html.includes('This link is not complete')]).toEqual([404, true]);
    }
    const closed = await colleague().open('/connect');
    expect([closed.status, closed.html.includes('closed in this browser')]).toEqual([404, true]);

    const { id: leaver, browser } = await aChief(hub, of, 'leaver');
    const path = `/portal/connections/${id}`;
    const his = linkIn(await post(browser, await browser.open(path), `${path}/links`, { holder: 'his' }));
    expect((await colleague().open(his)).status).toBe(200);
    await changeUser(of.operator, leaver, (document) => ({ ...document, active: false }));
    expect((await colleague().open(his)).status).toBe(410);
    expect(chiefId).not.toBe(leaver);
  });

  it('is revoked by its administrator after a page that asks', async () => {
    const path = await made(chief, 'other', 'Revoking');
    const link = await linkOf(path, 'Old colleague');
    const ask = /href="([^"]*\/links\/[^"]*\/revoke)"/.exec((await chief.open(path)).html)?.[1] ?? '';
    const page = await chief.open(ask);
    expect(textOf(page)).toContain('The link for Old colleague opens nothing');
    expect(textOf(await submit(chief, page))).toContain('The set-up link was revoked');
    expect((await colleague().open(link)).status).toBe(410);
  });
});
