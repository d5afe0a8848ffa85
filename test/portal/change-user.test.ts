import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { findSession } from '../../src/credentials/find-session.ts';
import { anOrganization, auditOf, aUser, gift, type Organization, type Person } from '../giving/world.ts';
import type { Browser, Page } from '../oidc/browser.ts';
import {
  aNamedUser,
  aProvisionedUser,
  openCompanyPortal,
  post,
  signedIn,
  submit,
  textOf,
  type PortalHub,
} from './portal-hub.ts';

let hub: PortalHub;
let organization: Organization;
let chief: Person;
let byChief: Browser;
let administrator: Person;
let byAdministrator: Browser;
let numbered = 0;

beforeAll(async () => {
  ({ hub, organization, chief, byChief } = await openCompanyPortal());
  administrator = await aUser(organization, ['manage_users'], [gift(organization, 'a', '1')]);
  byAdministrator = await signedIn(hub, organization.id, administrator.id);
});
afterAll(() => hub.stop());

const aColleague = () =>
  aNamedUser(organization, {
    userName: `colleague-${++numbered}`,
    name: 'Nele Wouters',
    email: `nele${numbered}@company.example`,
  });
const stateOf = async (id: string) =>
  (
    await query<{ active: boolean; user_name: string; document: Record<string, unknown> }>(
      'select active, user_name, document from users where id = $1',
      [id],
    )
  )[0];
const DETAILS = { salutation: '', givenName: 'Nele', familyName: 'Wouters', language: 'en' };

/** Sends the page's form as a person does who changes these fields. */
async function edit(browser: Browser, id: string, fields: Record<string, string>): Promise<Page> {
  const page = await browser.open(`/portal/users/${id}/edit`);
  const shown = [...page.html.matchAll(/<input id="(\w+)" name="\w+" type="\w+" value="([^"]*)"/g)].map(
    ([, name, value]) => [name ?? '', value ?? ''],
  );
  const version = /name="version" value="(\d+)"/.exec(page.html)?.[1] ?? '';
  return post(browser, page, `/portal/users/${id}/edit`, {
    version,
    ...DETAILS,
    ...Object.fromEntries(shown),
    ...fields,
  });
}

describe('the page of a user', () => {
  it("is not there for another organization's people, by any address", async () => {
    const stranger = await aUser(await anOrganization());
    const token = await byChief.open('/portal/users/new');
    for (const path of ['', '/edit', '/deactivate', '/temporary-password', '/administration-rights', '/created']) {
      expect((await byChief.open(`/portal/users/${stranger.id}${path}`)).status).toBe(404);
    }
    for (const path of [
      '/edit',
      '/deactivate',
      '/reactivate',
      '/invitation',
      '/password',
      '/temporary-password',
      '/administration-rights',
    ]) {
      expect((await post(byChief, token, `/portal/users/${stranger.id}${path}`)).status).toBe(404);
    }
    expect((await byChief.open('/portal/users/nonsense')).status).toBe(404);
    expect((await stateOf(stranger.id))?.active).toBe(true);
  });

  it('says of a right that ends the last day on which it holds, in every list', async () => {
    const id = await aColleague();
    const validUntil = new Date('2031-05-31T22:00:00Z');
    const subject = { kind: 'user', id } as const;
    await assign(chief.ctx, { subject, gifts: [{ ...gift(organization, 'b', '1'), validUntil }] });
    await giveAdministrationRight(chief.ctx, { subject, name: 'manage_users', validUntil });
    const page = textOf(await byChief.open(`/portal/users/${id}`));
    expect(page).toContain('31 May 2031');
    expect(page).not.toContain('1 June 2031');
    const ticks = textOf(await byChief.open(`/portal/users/${id}/administration-rights`));
    expect(ticks).toContain('Valid until 31 May 2031.');
  });

  it('says beside what is not possible why not', async () => {
    const page = await byAdministrator.open(`/portal/users/${chief.id}`);
    expect(textOf(page)).toContain('What you cannot do here, and why');
    expect(textOf(page)).toContain('You are not entitled to change this administrator. Ask a chief administrator.');
    expect(page.html).not.toContain(`/portal/users/${chief.id}/deactivate`);
  });
});

describe('editing', () => {
  it('changes details, username and address, and nothing that was not touched', async () => {
    const id = await aColleague();
    const answer = await edit(byChief, id, {
      familyName: 'Jansen',
      userName: `renamed-${id}`,
      email: 'new@company.example',
    });
    expect(answer.url.search).toBe('?done=edited');
    expect(textOf(answer)).toContain('The details of Nele Jansen have been saved.');
    const user = await stateOf(id);
    expect(user?.user_name).toBe(`renamed-${id}`);
    expect(user?.document).toMatchObject({
      displayName: 'Nele Jansen',
      emails: [{ value: 'new@company.example' }],
      preferredLanguage: 'en',
    });
    const names = await query<{ name_key: string }>(
      'select name_key from sign_in_names where user_id = $1 order by 1',
      [id],
    );
    expect(names.map(({ name_key }) => name_key)).toEqual(['new@company.example', `renamed-${id}`]);
  });

  it('ends the links that went to the former address', async () => {
    const id = await aColleague();
    await post(byChief, await byChief.open(`/portal/users/${id}`), `/portal/users/${id}/invitation`, { act: 'send' });
    const live = () => query('select 1 from links where user_id = $1 and used_at is null', [id]);
    expect(await live()).toHaveLength(1);
    await edit(byChief, id, { email: 'elsewhere@company.example' });
    expect(await live()).toEqual([]);
  });

  it('is refused above one’s rank, in the page and at the server', async () => {
    expect(textOf(await byAdministrator.open(`/portal/users/${chief.id}/edit`))).toContain(
      'You are not entitled to change this administrator.',
    );
    const refused = await edit(byAdministrator, chief.id, {
      givenName: 'Taken',
      familyName: 'Over',
      userName: 'mine',
      email: 'mine@evil.example',
    });
    expect(refused.status).toBe(403);
    expect((await stateOf(chief.id))?.user_name).not.toBe('mine');
  });

  it('does not give an address or a username to whoever lacks what the person holds', async () => {
    const rich = await aUser(organization, [], [gift(organization, 'a', '2')]);
    const page = await byAdministrator.open(`/portal/users/${rich.id}/edit`);
    expect(textOf(page)).toContain('This user holds rights that you do not hold yourself.');
    expect(page.html).not.toContain('<input id="email"');
    expect((await edit(byAdministrator, rich.id, { email: 'mine@evil.example' })).status).toBe(403);
    const renamed = await edit(byAdministrator, rich.id, { givenName: 'Only', familyName: 'Renamed' });
    expect(renamed.url.search).toBe('?done=edited');
  });

  it('leaves to the directory what the directory owns', async () => {
    const id = await aProvisionedUser(organization, 'owned@company.example');
    expect(textOf(await byChief.open(`/portal/users/${id}/edit`))).toContain('Your directory manages this');
    expect((await edit(byChief, id, { givenName: 'Changed' })).status).toBe(403);
    expect((await stateOf(id))?.document['name']).toBeUndefined();
  });

  it('tells whoever is second that somebody was first', async () => {
    const id = await aColleague();
    const second = await edit(byChief, id, { version: '99', familyName: 'Second' });
    expect(second.status).toBe(409);
    expect(textOf(second)).toContain('Somebody else has changed this in the meantime.');
    expect(second.html).toContain('value="Second"');
  });
});

describe('deactivating', () => {
  it('says before what ends, and then ends it with one commit', async () => {
    const person = await aUser(organization, [], [gift(organization, 'b', '1')]);
    const theirs = await signedIn(hub, organization.id, person.id);
    expect((await theirs.open('/portal')).status).toBe(200);
    const question = await byAdministrator.open(`/portal/users/${person.id}/deactivate`);
    expect(textOf(question)).toContain('1 open session');
    expect(textOf(question)).toContain('1 right, in plain');
    expect((await stateOf(person.id))?.active).toBe(true);
    const done = await submit(byAdministrator, question);
    expect(textOf(done)).toContain('All access has ended.');
    expect((await stateOf(person.id))?.active).toBe(false);
    expect((await theirs.open('/portal')).url.pathname).toBe('/oidc/auth');
    expect(await findSession(theirs.cookie('session') ?? '', new Date())).toBeUndefined();
    expect(await auditOf(organization.id, person.id)).toContain('user.deactivated');
  });

  it('does not happen to the last chief administrator, not even by himself', async () => {
    const other = await anOrganization();
    const only = await aUser(other, ['chief_administrator']);
    const browser = await signedIn(hub, other.id, only.id);
    const question = await browser.open(`/portal/users/${only.id}/deactivate`);
    expect(textOf(question)).toContain('This is the last active chief administrator of your organization.');
    const refused = await post(browser, question, `/portal/users/${only.id}/deactivate`);
    expect(refused.status).toBe(409);
    expect(textOf(refused)).toContain('Appoint another one first.');
    expect((await stateOf(only.id))?.active).toBe(true);
    const rights = await browser.open(`/portal/users/${only.id}/administration-rights`);
    expect(rights.html).toMatch(/value="chief_administrator" checked aria-disabled="true"/);
    expect((await post(browser, rights, `/portal/users/${only.id}/administration-rights`)).status).toBe(409);
  });

  it('is undone by whoever holds what returns, and by nobody else', async () => {
    const person = await aUser(organization, [], [gift(organization, 'a', '2')]);
    await post(
      byAdministrator,
      await byAdministrator.open(`/portal/users/${person.id}`),
      `/portal/users/${person.id}/deactivate`,
    );
    expect((await stateOf(person.id))?.active).toBe(false);
    const refused = await post(
      byAdministrator,
      await byAdministrator.open(`/portal/users/${person.id}`),
      `/portal/users/${person.id}/reactivate`,
    );
    expect(refused.status).toBe(403);
    expect(textOf(refused)).toContain('This user holds rights that you do not hold yourself.');
    const question = await byChief.open(`/portal/users/${person.id}/reactivate`);
    expect(textOf(question)).toContain('What returns Application');
    expect(textOf(await submit(byChief, question))).toContain('is active again');
  });
});

describe('the way in', () => {
  it('is sent, copied and revoked', async () => {
    const id = await aColleague();
    const path = `/portal/users/${id}/invitation`;
    const sent = await post(byChief, await byChief.open(`/portal/users/${id}`), path, { act: 'send' });
    expect(textOf(sent)).toContain('An invitation is on its way to Nele Wouters.');
    const copied = await post(byChief, sent, path, { act: 'copy' });
    expect(copied.html).toMatch(/<code[^>]*>http:\/\/localhost:\d+\/welcome\/[^<]+<\/code>/);
    await post(byChief, copied, path, { act: 'revoke' });
    expect(await query('select 1 from links where user_id = $1 and used_at is null', [id])).toEqual([]);
  });

  it('gives no password of somebody who holds more', async () => {
    const rich = await aUser(organization, [], [gift(organization, 'a', '2')]);
    const page = await byAdministrator.open(`/portal/users/${rich.id}/temporary-password`);
    expect(textOf(page)).toContain('This user holds rights that you do not hold yourself.');
    const refused = await post(byAdministrator, page, `/portal/users/${rich.id}/temporary-password`);
    expect(refused.status).toBe(403);
    expect(refused.html).not.toContain('<code');
    expect(await query('select 1 from passwords where user_id = $1', [rich.id])).toEqual([]);
  });

  it('shows a temporary password only in the answer to the form', async () => {
    const id = await aColleague();
    const question = await byAdministrator.open(`/portal/users/${id}/temporary-password`);
    expect(question.html).not.toContain('<code');
    const answer = await submit(byAdministrator, question);
    expect(answer.html).toMatch(/<code[^>]*>[a-z2-9-]{19}<\/code>/);
  });
});

describe('the second factor', () => {
  it('is reset by whoever holds what the person holds, and by nobody else', async () => {
    const rich = await aUser(organization, [], [gift(organization, 'a', '2')]);
    const path = `/portal/users/${rich.id}/second-factor`;
    const page = await byAdministrator.open(path);
    expect(textOf(page)).toContain('This user holds rights that you do not hold yourself.');
    expect((await post(byAdministrator, page, path, { act: 'reset' })).status).toBe(403);
    expect(await auditOf(organization.id, rich.id)).not.toContain('second_factor.reset');
    const done = await post(byChief, await byChief.open(path), path, { act: 'reset' });
    expect(textOf(done)).toContain('has been reset');
    expect(await auditOf(organization.id, rich.id)).toContain('second_factor.reset');
  });
});

describe('administration rights', () => {
  it('are given and taken by ticks', async () => {
    const id = await aColleague();
    const path = `/portal/users/${id}/administration-rights`;
    const given = await post(byChief, await byChief.open(path), path, { right: 'manage_users' });
    expect(textOf(given)).toContain('The administration rights of Nele Wouters have been saved.');
    expect(textOf(given)).toContain('Right to create and manage users');
    // The other tick was not sent: the person may no longer recover a password.
    expect(textOf(given)).not.toContain("Right to reset one's own password");
    const taken = await post(byChief, await byChief.open(path), path, { right: 'recover_password' });
    expect(textOf(taken)).not.toContain('Right to create and manage users');
  });

  it('are locked with the reason with which the server refuses them', async () => {
    const id = await aColleague();
    const path = `/portal/users/${id}/administration-rights`;
    const page = await byAdministrator.open(path);
    expect(page.html).toMatch(/value="chief_administrator" aria-disabled="true"/);
    expect(textOf(page)).toContain('Switched off. Contact the operator');
    const refused = await post(byAdministrator, page, path, { right: 'chief_administrator' });
    expect(refused.status).toBe(403);
    expect((await post(byAdministrator, page, path, { right: 'ftp_access' })).status).toBe(403);
    expect(await query('select 1 from administration_rights where subject_id = $1 and ended_at is null', [id])).toEqual(
      [],
    );
  });

  it('are not given to oneself', async () => {
    const path = `/portal/users/${administrator.id}/administration-rights`;
    const page = await byAdministrator.open(path);
    expect((await post(byAdministrator, page, path, { right: 'view_account_settings' })).status).not.toBe(500);
    const refused = await post(byAdministrator, page, path, {
      right: `view_account_settings@${organization.accountId}`,
    });
    expect(refused.status).toBe(403);
  });
});
