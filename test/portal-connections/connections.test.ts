// A chief administrator connects a directory by himself: the steps, tokens, states, log, handing over, opening, ending.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrganizationCtx } from '../../src/context.ts';
import { query } from '../../src/database/query.ts';
import { touchRefusals } from '../../src/entitlements/check-rank.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { createRole } from '../../src/entitlements/change-role.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { openToConnection } from '../../src/entitlements/open-to-connection.ts';
import { changeGroup } from '../../src/groups/change-group.ts';
import { touchRefusalsOfMany } from '../../src/entitlements/touch-many.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { announceTokenEnds } from '../../src/provisioning/announce-token-ends.ts';
import { createConnection, createToken } from '../../src/provisioning/connection.ts';
import { dryRun } from '../../src/provisioning/dry-run.ts';
import { handOver } from '../../src/provisioning/hand-over-groups.ts';
import { handOverRefusals } from '../../src/provisioning/may-hand-over.ts';
import { aGroup, anOrganization, aUser, ctxOf, gift, OPERATOR, type Organization } from '../giving/world.ts';
import type { Browser, Page } from '../oidc/browser.ts';
import { aNamedUser, post, signedIn, submit, textOf, type PortalHub } from '../portal/portal-hub.ts';
import { patch, USER } from '../support/directory.ts';
import { refusalOf } from '../support/refusal.ts';
import { EntraClient } from '../support/entra-client.ts';
import { actionsOn, aChief, directoryWith, issued, LIST, logged, made, openHub, secretIn } from './connections-hub.ts';

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

const idIn = (path: string) => path.split('/').at(-1) ?? '';
const person = {
  externalId: 'e-1',
  userName: 'an@kade.example',
  givenName: 'An',
  familyName: 'Maes',
  mail: 'an@kade.example',
};

describe('connecting a directory', () => {
  it('begins with an explanation, asks for the product, and leads to its steps with the values to copy', async () => {
    const empty = await chief.open(LIST);
    expect(empty.status).toBe(200);
    expect(textOf(empty)).toContain('No directory is connected yet');
    expect(empty.html).toMatch(/<a href="\/portal\/connections" aria-current="page">/);
    const wrong = await post(chief, empty, `${LIST}/new`, { product: 'ldap', name: 'x' });
    expect(wrong.status).toBe(422);
    expect(textOf(wrong)).toContain('Choose which directory');
    const path = await made(chief, 'entra');
    const setup = await chief.open(`${path}/setup`);
    expect(textOf(setup)).toContain('Secret Token');
    expect(setup.html).toContain(`${hub.origin}/scim/v2?aadOptscim062020`);
    expect(textOf(setup)).toContain('No valid token');
    expect(setup.html).toContain('<noscript><meta http-equiv="refresh"');
    expect(textOf(await chief.open(LIST))).toContain('Microsoft Entra ID');
  });

  it('shows a token once, waits for the first request, and then says what came', async () => {
    const path = await made(chief, 'entra', 'Kade');
    const page = await post(chief, await chief.open(`${path}/setup`), `${path}/setup/tokens`, {
      name: 'First',
      days: '365',
    });
    const token = secretIn(page);
    expect(token).toMatch(/^[0-9a-f-]{36}\.[\w-]{43}$/);
    // A page that shows a secret does not show itself anew.
    expect(page.html).not.toContain('http-equiv="refresh"');
    const after = await chief.open(`${path}/setup`);
    expect(after.html).not.toContain(token);
    expect(textOf(after)).toContain('Waiting for the first request');
    const state = async (): Promise<unknown> => JSON.parse((await chief.open(`${path}/setup/state`)).html);
    expect(await state()).toMatchObject({ state: 'waiting' });

    const entra = new EntraClient(directoryWith(hub, token));
    await entra.testConnection();
    await logged();
    expect(await state()).toEqual({ state: 'in_use', text: 'In use, last request now' });
    const id = await entra.syncUser(person);
    await entra.disable(id);
    await entra.syncGroup('Sales', 'g-1', [id]);
    await directoryWith(hub, token).send('get', '/Users?filter=shoeSize%20eq%201').expect(400);
    await logged();
    expect(await state()).toMatchObject({ state: 'refused' });

    const one = textOf(await chief.open(path));
    expect(one).toContain('1 user, 1 group ');
    expect(one).toContain('1 of them is deactivated');
    expect(one).toMatch(/Created now .*? 2 /);
    expect(one).toContain('Refused or failed');
    expect(one).toContain('Match by userName, externalId');
    // Rotation: two at most, then one goes.
    const second = await issued(chief, `${path}/setup`);
    const third = await post(chief, await chief.open(`${path}/setup`), `${path}/setup/tokens`, { name: 'Third' });
    expect(textOf(third)).not.toContain('Issue a token Two');
    expect(third.status).toBe(422);
    expect(textOf(third)).toContain('two valid tokens already');
    const revokeHref = /href="([^"]*\/tokens\/[^"]*\/revoke)"/.exec(third.html)?.[1] ?? '';
    const ask = await chief.open(revokeHref);
    expect(textOf(ask)).toContain('“First” opens nothing from then on');
    await submit(chief, ask);
    await directoryWith(hub, token).send('get', '/Users').expect(401);
    await directoryWith(hub, second).send('get', '/Users').expect(200);
    expect((await actionsOn(of, idIn(path))).map(({ action }) => action)).toEqual([
      'connection.created',
      'provisioning_token.created',
      'provisioning_token.created',
      'provisioning_token.revoked',
    ]);
  });

  it('warns in the list of a token that ends soon', async () => {
    const other = await anOrganization();
    const { browser } = await aChief(hub, other);
    const { id } = await createConnection(other.operator, { name: 'Soon' });
    await createToken(other.operator, id, { name: 't', expiresAt: new Date(Date.now() + 5 * 86_400_000 - 1000) });
    const text = textOf(await browser.open(LIST));
    expect(text).toContain('SCIM token expires soon');
    expect(text).toContain('5 days left');
  });

  it('registers an OAuth client instead, shows its secret once, and ends it', async () => {
    const path = await made(chief, 'other', 'With a client');
    const page = await post(chief, await chief.open(path), `${path}/clients`);
    expect(secretIn(page)).not.toBe('');
    expect(page.html).toContain(`${hub.origin}/oidc/token`);
    const end = /href="([^"]*\/clients\/[^"]*\/end)"/.exec(page.html)?.[1] ?? '';
    const ended = await submit(chief, await chief.open(end));
    expect(textOf(ended)).toContain('The client was ended');
    expect(ended.html).not.toContain('/clients/');
  });
});

describe('the log of requests', () => {
  it('shows failures first with the reason in words, redacts bodies, filters, and pages by its place', async () => {
    const path = await made(chief, 'other', 'Log');
    const directory = directoryWith(hub, await issued(chief, `${path}/setup`));
    expect(textOf(await chief.open(`${path}/requests`))).toContain('No request has arrived');
    await directory.send('post', '/Users', { schemas: [USER], userName: 'log-1', password: 'S3cret!' }).expect(201);
    await directory.send('post', '/Users', { schemas: [USER], userName: 'chief' }).expect(409);
    for (let i = 0; i < 55; i++) await directory.send('get', '/Users?count=0');
    await logged();
    const first = await chief.open(`${path}/requests`);
    expect(textOf(first)).toContain('409 refused');
    expect(textOf(first)).toContain('hand them over under “Existing users”');
    expect(textOf(first)).not.toContain('201');
    const all = await chief.open(`${path}/requests?show=all`);
    expect(all.html).not.toContain('S3cret!');
    const next = /href="([^"]*)" rel="next"/.exec(all.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(next).toContain('before=');
    expect(textOf(await chief.open(next))).toContain('(hidden)');
    const posts = textOf(await chief.open(`${path}/requests?show=all&method=POST&period=day`));
    expect(posts).toContain('201 accepted');
    expect(posts).not.toContain('GET /Users');
  });
});

describe('existing users', () => {
  it('whom the directory asked for stand first, pass only by a tick, after a preview, and keep id and rights', async () => {
    const path = await made(chief, 'entra', 'Handing over');
    const entra = new EntraClient(directoryWith(hub, await issued(chief, `${path}/setup`)));
    const id = await aNamedUser(of, { userName: 'jo@kade.example', name: 'Jo Peeters', email: 'jo@kade.example' });
    await aNamedUser(of, { userName: 'never.asked', name: 'Never Asked' });
    const jo = { ...person, userName: 'jo@kade.example', mail: 'jo@kade.example' };
    await expect(entra.syncUser(jo)).rejects.toThrow('409');
    await logged();
    const page = await chief.open(`${path}/existing`);
    const wanted = /<section aria-labelledby="wanted">[\s\S]*?<\/section>/.exec(page.html)?.[0] ?? '';
    expect(wanted).toContain('Jo Peeters');
    expect(wanted).not.toContain('Never Asked');
    expect(page.html).not.toMatch(/name="user"[^>]*checked/);
    const nobody = await post(chief, page, `${path}/existing`, { act: 'preview' });
    expect(nobody.status).toBe(422);
    const preview = await post(chief, page, `${path}/existing`, { act: 'preview', user: id });
    expect(textOf(preview)).toContain('Passing to the directory: 1 user, 0 groups');
    expect(textOf(preview)).toContain('jo@kade.example');
    const before = await query('select connection_id from users where organization_id = $1 and id = $2', [of.id, id]);
    expect(before).toEqual([{ connection_id: null }]);
    const done = await submit(chief, preview, { act: 'save' });
    expect(textOf(done)).toContain('Handed over: 1 user, 0 groups');
    expect(await entra.syncUser(jo)).toBe(id);
  });

  it('are greyed by the rule by which handing them over is refused, however many they are', async () => {
    const manager = await aUser(of, ['manage_users']);
    const [plain, holder] = [await aUser(of), await aUser(of, [], [gift(of, 'a')])];
    const ids = [plain.id, holder.id, chiefId];
    const many = await touchRefusalsOfMany(manager.ctx, ids, 'change_username');
    expect(ids.map((id) => many.get(id) ?? null)).toEqual([null, 'target_holds_more', 'rank_too_low']);
    for (const id of ids) expect((await touchRefusals(manager.ctx, id)).change_username).toBe(many.get(id) ?? null);
  });

  it('are groups too: each is refused by itself for the reason for which it is greyed, in a constant number of reads', async () => {
    const { id: connectionId } = await createConnection(of.operator, { name: 'For groups' });
    const manager = await aUser(of, ['manage_users'], [gift(of, 'a')]);
    const [plain, within, beyond, administrators] = [
      await aGroup(of),
      await aGroup(of),
      await aGroup(of),
      await aGroup(of),
    ];
    const inner = await aGroup(of);
    await changeGroup(of.operator, beyond, { steps: [{ add: [inner], remove: [] }] });
    await assign(of.operator, { subject: { kind: 'group', id: within }, gifts: [gift(of, 'a')] });
    await assign(of.operator, { subject: { kind: 'group', id: beyond }, gifts: [gift(of, 'b')] });
    const subject = { kind: 'group' as const, id: administrators };
    await giveAdministrationRight(of.operator, { subject, name: 'manage_administrators' });
    const ids = [plain, within, beyond, administrators, inner];
    const greyed = await handOverRefusals(manager.ctx, ids);
    expect(ids.map((id) => greyed.get(id) ?? null)).toEqual([null, null, 'grantor_lacks_right', 'rank_too_low', 'grantor_lacks_right']); // prettier-ignore
    for (const id of ids) {
      const pass = () => dryRun(() => handOver(manager.ctx, { connectionId, userIds: [], groupIds: [id] }));
      const refused = greyed.get(id);
      if (refused === undefined) expect(await pass()).toEqual({ users: 0, groups: 1 });
      else expect((await refusalOf(pass)).code).toBe(refused);
    }
    const page = await chief.open(`${LIST}/${connectionId}/existing?kind=groups`);
    expect(page.status).toBe(200);
    expect(page.html).toContain(`name="group" value="${within}"`);
  });

  it('are handed over by holders of the right to manage users and by nobody else, through every door', async () => {
    const { id: connectionId } = await createConnection(of.operator, { name: 'Doors' });
    const [target, group] = [await aUser(of), await aGroup(of)];
    const pass = (ctx: OrganizationCtx) => handOver(ctx, { connectionId, userIds: [target.id], groupIds: [group] });
    const nothing = (ctx: OrganizationCtx) => handOver(ctx, { connectionId, userIds: [], groupIds: [] });
    const account = { name: 'manage_account_settings' as const, customerAccountId: of.accountId };
    const settings = await aUser(of);
    for (const right of [account, { ...account, name: 'view_account_settings' as const }])
      await giveAdministrationRight(of.operator, { subject: { kind: 'user', id: settings.id }, ...right });
    const another = await anOrganization();
    const stranger = await aUser(another, ['chief_administrator']);
    const directory = { kind: 'connection' as const, id: connectionId, organizationId: of.id, label: 'Doors' };
    const refused: OrganizationCtx[] = [
      (await aUser(of)).ctx,
      settings.ctx,
      { ...stranger.ctx, organizationId: of.id },
      ctxOf(of.id, directory),
      ctxOf(of.id, { ...directory, setupLink: 'Somebody of IT' }),
    ];
    for (const ctx of refused)
      for (const act of [pass, nothing]) expect((await refusalOf(() => act(ctx))).code).toBe('not_permitted');
    const manager = await aUser(of, ['manage_users']);
    const browser = await signedIn(hub, of.id, manager.id);
    const list = await browser.open(LIST);
    expect(list.html).toContain(`href="${LIST}/${connectionId}/existing"`);
    expect(list.html).not.toContain(`${LIST}/new`);
    const page = await browser.open(`${LIST}/${connectionId}/existing`);
    expect(page.html).toContain(`name="user" value="${target.id}"`);
    expect(page.html).toMatch(new RegExp(`value="${chiefId}" disabled`));
    expect(page.html).not.toContain(`${LIST}/${connectionId}/settings`);
    const preview = await post(browser, page, `${LIST}/${connectionId}/existing`, { act: 'preview', user: target.id });
    expect(textOf(preview)).toContain('Passing to the directory: 1 user, 0 groups');
    const beyond = await post(browser, page, `${LIST}/${connectionId}/existing`, { act: 'save', user: chiefId });
    expect(beyond.status).toBe(403);
    const bySettings = await signedIn(hub, of.id, settings.id);
    for (const path of [LIST, `${LIST}/${connectionId}/existing`])
      expect((await bySettings.open(path)).status).toBe(403);
    for (const { ctx } of [manager, { ctx: of.operator }])
      expect(await dryRun(() => pass(ctx))).toEqual({ users: 1, groups: 1 });
  });

  it('of another organization cannot be handed over', async () => {
    const another = await anOrganization();
    const { browser } = await aChief(hub, another);
    const path = await made(browser, 'other', 'Strange');
    const foreign = await aUser(of);
    const refused = await post(browser, await browser.open(`${path}/existing`), `${path}/existing`, {
      act: 'save',
      user: foreign.id,
    });
    expect(refused.status).toBe(404);
  });
});

/** An organization of its own, with sixty groups and a role, and its chief. */
async function withManyGroups() {
  const place = await anOrganization();
  for (let i = 0; i < 60; i++)
    await createGroup(place.operator, { schemas: [], displayName: `Depot ${String(i).padStart(2, '0')}` }, []);
  await createRole(place.operator, { name: 'Counter' });
  return { of: place, browser: (await aChief(hub, place)).browser };
}

describe('what a directory may hand on', () => {
  it('is opened with a consent that says what it gives, and closed again', async () => {
    const path = await made(chief, 'entra', 'Opening');
    const token = await issued(chief, `${path}/setup`);
    const role = await aGroup(of);
    await assign(of.operator, { subject: { kind: 'group', id: role }, gifts: [gift(of, 'a')] });
    const ask = await chief.open(`${path}/openings/open?target=group:${role}`);
    expect(textOf(ask)).toContain('I consent that everybody whom Opening puts into');
    expect(textOf(ask)).toContain(of.number);
    const without = await submit(chief, ask);
    expect(without.status).toBe(422);
    const done = await submit(chief, without, { consent: '1' });
    expect(textOf(done)).toContain('may hand this on from now on');
    const close = /href="([^"]*\/close)"/.exec(done.html)?.[1] ?? '';
    expect(textOf(await submit(chief, await chief.open(close)))).toContain('Nothing is open to this directory');
    expect((await actionsOn(of, idIn(path))).map(({ action }) => action).slice(-2)).toEqual([
      'connection.opened',
      'connection.closed',
    ]);
    await directoryWith(hub, token).send('get', '/Groups').expect(200);
  });

  it('is found and walked through however many groups and roles there are, each once, what is open left out', async () => {
    const { browser, of: place } = await withManyGroups();
    const path = await made(browser, 'other', 'Long list');
    const walked = async (first: string): Promise<string[]> => {
      const names: string[] = [];
      for (let address: string | undefined = first; address !== undefined;) {
        const page: Page = await browser.open(address);
        names.push(...[...page.html.matchAll(/<th scope="row">([^<]+)/g)].map(([, name]) => name ?? ''));
        address = /<a href="([^"]*)" rel="next"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&');
      }
      return names;
    };
    const choose = `${path}/openings/choose`;
    expect(await walked(choose)).toEqual(Array.from({ length: 60 }, (_, i) => `Depot ${String(i).padStart(2, '0')}`));
    expect(await walked(`${choose}?q=depot%205`)).toHaveLength(10);
    expect(await walked(`${choose}?kind=role`)).toEqual(['Counter']);
    expect(textOf(await browser.open(`${choose}?q=nothing-like-it`))).toContain('Nothing matches');
    const page = await browser.open(`${choose}?q=depot%2042`);
    const href = /href="([^"]*\/openings\/open[^"]*)"/.exec(page.html)?.[1] ?? '';
    expect(textOf(await submit(browser, await browser.open(href), { consent: '1' }))).toContain('Depot 42');
    expect(await walked(choose)).not.toContain('Depot 42');
    for (const group of await query<{ id: string }>(
      "select id from groups where organization_id = $1 and display_name like 'Depot %' and display_name <> 'Depot 42'",
      [place.id],
    ))
      await openToConnection(place.operator, { connectionId: idIn(path), kind: 'group', targetId: group.id });
    expect(textOf(await browser.open(choose))).toContain('Every group is open to this directory');
    expect(await walked(`${path}/openings`)).toHaveLength(60);
    expect(await walked(`${path}/openings?q=depot%201`)).toHaveLength(10);
    expect(textOf(await browser.open(`${path}/end`))).toContain('60 opened groups and roles');
  });

  it('reaches administration rights only by a tick of their own', async () => {
    const path = await made(chief, 'entra', 'Administrators');
    const { id } = await createGroup(of.operator, { schemas: [], displayName: 'Beheerders' }, []);
    await giveAdministrationRight(of.operator, { subject: { kind: 'group', id }, name: 'manage_users' });
    const ask = await chief.open(`${path}/openings/open?target=group:${id}`);
    const half = await submit(chief, ask, { consent: '1' });
    expect(half.status).toBe(422);
    expect(textOf(half)).toContain('carries administration rights');
    expect(textOf(await submit(chief, half, { consent: '1', administration: '1' }))).toContain('Beheerders');
  });
});

describe('settings and the end', () => {
  it('a dry run is announced on each page and writes nothing; a mapping that means nothing is refused', async () => {
    const path = await made(chief, 'other', 'Trying');
    const directory = directoryWith(hub, await issued(chief, `${path}/setup`));
    const page = await chief.open(`${path}/settings`);
    const saved = await post(chief, page, `${path}/settings`, { on: 'dryRun', from: 'nickName', to: 'title' });
    expect(textOf(saved)).toContain('Dry run: everything that arrives');
    await directory.send('post', '/Users', { schemas: [USER], userName: 'dry' }).expect(201);
    expect((await directory.send('get', '/Users')).body.totalResults).toBe(0);
    const wrong = await post(chief, page, `${path}/settings`, { from: 'x', to: 'id' });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toContain('value="id"');
  });

  it('ending says what happens first, stops the tokens, and leaves the users to the organization', async () => {
    const path = await made(chief, 'other', 'Leaving');
    const directory = directoryWith(hub, await issued(chief, `${path}/setup`));
    const { id } = (await directory.send('post', '/Users', { schemas: [USER], userName: 'stays' }).expect(201)).body;
    const ask = await chief.open(`${path}/end`);
    expect(textOf(ask)).toContain('1 token or client stops working');
    expect(textOf(ask)).toContain('1 user and 0 groups stay');
    expect(textOf(await submit(chief, ask))).toContain('The connection was ended');
    await directory.send('patch', `/Users/${id}`, patch({ op: 'replace', path: 'title', value: 'x' })).expect(401);
    expect((await chief.open(path)).status).toBe(404);
  });
});

describe('who may', () => {
  it('is a chief administrator of that organization and nobody else, but for handing over', async () => {
    const path = await made(chief, 'okta', 'Private');
    const manager = await aUser(of, ['manage_administrators']);
    const his = await signedIn(hub, of.id, manager.id);
    const another = await anOrganization();
    const { browser: foreign } = await aChief(hub, another);
    const pages = ['', '/setup', '/setup/state', '/requests', '/openings', '/openings/choose', '/settings', '/end'];
    for (const page of pages) expect((await his.open(`${path}${page}`)).status).toBe(403);
    for (const page of [...pages, '/existing']) expect((await foreign.open(`${path}${page}`)).status).toBe(404);
    // But for handing over, which is every administrator's.
    expect((await his.open('/portal')).html).toContain(LIST);
    const nobody = await signedIn(hub, of.id, (await aUser(of)).id);
    expect((await nobody.open('/portal')).html).not.toContain(LIST);
    const form = await foreign.open(`${LIST}/new`);
    for (const act of ['/setup/tokens', '/links', '/clients', '/settings', '/existing', '/openings/open', '/end'])
      expect((await post(foreign, form, `${path}${act}`, { name: 'x', holder: 'x' })).status).toBe(404);
    await expect(createConnection(manager.ctx, { name: 'x' })).rejects.toMatchObject({ code: 'not_permitted' });
  });
});

describe('a token that ends', () => {
  it('is announced 30, 7 and 1 days before, once each, to the chiefs and whoever issued it', async () => {
    const own = await anOrganization();
    const { id: boss } = await aChief(hub, own, 'boss');
    const issuer = await aNamedUser(own, { userName: 'issuer', email: 'issuer@post.example' });
    const { id } = await createConnection(own.operator, { name: 'Entra ID' });
    const end = new Date(Date.now() + 90 * 86_400_000);
    const { id: token } = await createToken(own.operator, id, { name: 'ninety', expiresAt: end });
    await query('update provisioning_tokens set created_by = $3 where organization_id = $1 and id = $2', [
      own.id,
      token,
      JSON.stringify({ kind: 'user', id: issuer, organizationId: own.id, label: 'issuer' }),
    ]);
    // Issued for ten days: not announced thirty days before.
    await createToken(own.operator, id, { name: 'short', expiresAt: new Date(Date.now() + 10 * 86_400_000) });
    const announced = (daysBefore: number, last = end) =>
      announceTokenEnds(ctxOf(own.id, OPERATOR, new Date(last.getTime() - daysBefore * 86_400_000)));
    expect(await announceTokenEnds(own.operator)).toBe(0);
    expect(await announced(31)).toBe(0);
    expect([await announced(30), await announced(29), await announced(8)]).toEqual([1, 0, 0]);
    expect([await announced(6.5), await announced(6)]).toEqual([1, 0]);
    expect([await announced(0.9), await announced(0.5), await announced(-1)]).toEqual([1, 0, 0]);
    for (const reader of [boss, issuer]) {
      const mails = await query('select kind from mails where organization_id = $1 and user_id = $2', [own.id, reader]);
      expect(mails).toEqual([{ kind: 'token_ending' }, { kind: 'token_ending' }, { kind: 'token_ending' }]);
    }
    expect(chiefId).not.toBe(boss);
  });
});
