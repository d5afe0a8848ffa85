// What the operator does with an organization on his pages: finding it, its people, accounts and limits, moving an account,
// suspending and closing.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '../../src/database/query.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { heldBy } from '../../src/entitlements/held-by.ts';
import { askClosing, confirmClosing } from '../../src/organizations/close-organization.ts';
import { createCustomerAccount } from '../../src/organizations/create-customer-account.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { listCustomerAccounts, listResources } from '../../src/organizations/find-customer-account.ts';
import { moveCustomerAccount } from '../../src/organizations/move-customer-account.ts';
import { putResources } from '../../src/organizations/put-resources.ts';
import { readResourcesCsv } from '../../src/organizations/read-resources-csv.ts';
import { listSubscriptions, setSubscription } from '../../src/organizations/set-subscription.ts';
import { createUser } from '../../src/users/create-user.ts';
import { eraseDeletedUsers } from '../../src/users/erase-users.ts';
import { refusalOf } from '../mail/mail-hub.ts';
import { systemCtx } from '../oidc/hub.ts';
import { post, submit, textOf } from '../portal/portal-hub.ts';
import { silent } from '../support/database.ts';
import { browserOf, openOperator, staffCtx, type OperatorHub } from './operator-hub.ts';

let hub: OperatorHub;
beforeAll(async () => {
  hub = await openOperator();
});
afterAll(() => hub.stop());

let numbered = 0;

/** With an account, two billing addresses, a limit on all of e-MassPost and somebody who holds something. */
async function anOrganization(name = `Company ${(numbered += 1)}`) {
  const { id } = await createOrganization(systemCtx(), { name });
  const ctx = { ...systemCtx(), organizationId: id };
  const number = `ORG-${(numbered += 1)}`;
  const account = await createCustomerAccount(ctx, { number, name });
  const resources = ['B-1', 'B-2'].map((one) => ({
    kind: 'billing_addresses' as const,
    number: one,
    label: `Address ${one}`,
  }));
  await putResources(ctx, { customerAccountId: account.id, resources });
  const all = { products: '*', billing_addresses: '*', rights: '*' } as const;
  await setSubscription(ctx, { customerAccountId: account.id, application: 'emasspost', values: all });
  const { id: userId } = await createUser(ctx, {
    document: { schemas: [], userName: 'piet', displayName: 'Piet Daems', active: true },
  });
  await assign(ctx, {
    subject: { kind: 'user', id: userId },
    gifts: [
      {
        application: 'emasspost',
        customerAccountId: account.id,
        values: { products: ['prior'], billing_addresses: ['B-1'], rights: ['create_deposit'] },
      },
    ],
  });
  return { id, name, ctx, number, accountId: account.id, userId, at: `/operator/organizations/${id}` };
}

const holds = async (organizationId: string, userId: string) =>
  (await heldBy({ organizationId, userId, now: new Date() })).length;

describe('an organization', () => {
  it('is found by a part of its name and by a whole customer number', async () => {
    const one = await anOrganization('Drukkerij Vandenberghe');
    const browser = await hub.as('auditor');
    for (const text of ['vandenb', one.number])
      expect(textOf(await browser.open(`/operator/organizations?q=${text}`))).toContain(one.name);
    expect(textOf(await browser.open('/operator/organizations?q=nosuchthing'))).toContain('No organization matches');
  });

  it('shows on pages of 25 and leads on to the rest', async () => {
    for (let i = 0; i < 26; i++) await createOrganization(systemCtx(), { name: `Rij ${i}` });
    const browser = await hub.as('auditor');
    const first = await browser.open('/operator/organizations?q=Rij');
    const next = /href="([^"]*before=[^"]*)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect([...first.html.matchAll(/Rij \d+/g)]).toHaveLength(25);
    expect([...(await browser.open(next)).html.matchAll(/Rij \d+/g)]).toHaveLength(1);
  });

  it('gets a chief administrator by invitation, or by appointing somebody it has', async () => {
    const one = await anOrganization();
    const browser = await hub.as('support');
    let page = await browser.open(one.at);
    expect(textOf(page)).toContain('There is none. Nobody of this organization can give access now.');
    page = await post(browser, page, `${one.at}/chiefs`, {
      givenName: 'Lotte',
      familyName: 'Maes',
      email: 'lotte@company.example',
      language: 'nl',
    });
    expect(textOf(page)).toContain('Lotte Maes');
    page = await post(browser, page, `${one.at}/chiefs/appoint`, { user: 'nobody' });
    expect([page.status, textOf(page)]).toEqual([
      422,
      expect.stringContaining('Nobody in this organization has this username.'),
    ]);
    page = await post(browser, page, `${one.at}/chiefs/appoint`, { user: 'PIET' });
    expect(textOf(page)).toContain('Piet Daems');
  });

  it('takes attributes and switches', async () => {
    const one = await anOrganization();
    const browser = await hub.as('support');
    const page = await post(browser, await browser.open(one.at), `${one.at}/settings`, {
      name: 'Renamed',
      tick: 'ftp',
      username: 'email',
    });
    expect(textOf(page)).toContain('Renamed');
    const [row] = await query<{ settings: object }>('select settings from organizations where id = $1', [one.id]);
    expect(row?.settings).toMatchObject({ ftp: true, username: 'email', deactivate_only: false });
  });

  it('is suspended after a look at what that concerns, and let in again', async () => {
    const one = await anOrganization();
    const browser = await hub.as('security');
    let page = await browser.open(`${one.at}/suspend`);
    expect(textOf(page)).toContain('one active user');
    page = await submit(browser, page, { reason: 'unpaid' });
    expect(textOf(page)).toContain('Suspended');
    expect(await holds(one.id, one.userId)).toBe(0);
    await submit(browser, await browser.open(`${one.at}/resume`), { reason: '' });
    expect(await holds(one.id, one.userId)).toBe(1);
  });

  it('is not there for a customer, whatever he asks for', async () => {
    const one = await anOrganization();
    const customer = await browserOf(hub.origin, one.id, one.userId, ['pwd', 'otp', 'mfa']);
    for (const path of ['', '/close', '/export.json', `/accounts/${one.accountId}`])
      expect((await customer.open(`${one.at}${path}`)).url.pathname).toMatch(/^\/sign-in\//);
  });
});

describe('resources by table', () => {
  it('are read with their kinds, states and services, whatever the order of columns', async () => {
    const text =
      'label;number;kind;state;master;services\nMaster;C-1;contract;closed;yes;prior nonprior\nOffice;B-9;billing_address;;;\n';
    expect(await readResourcesCsv(text)).toEqual([
      {
        kind: 'contracts',
        number: 'C-1',
        label: 'Master',
        address: '',
        state: 'closed',
        master: true,
        services: ['prior', 'nonprior'],
      },
      {
        kind: 'billing_addresses',
        number: 'B-9',
        label: 'Office',
        address: '',
        state: 'active',
        master: false,
        services: [],
      },
    ]);
  });

  it.each([
    ['kind,number\ncontract,1', /Line 1: the column "label" is missing/],
    ['kind,number,label,color\ncontract,1,x,red', /Line 1: "color" is no column/],
    ['kind,number,label\ncontract,1,x\npallet,2,y', /Line 3: "pallet" is no kind/],
    ['kind,number,label\ncontract,*,x', /Line 2: a number is missing or cannot be used/],
    ['kind,number,label,state\ncontract,1,x,gone', /Line 2: "gone" is no state/],
    ['', /Line 1/],
  ])('are refused as a whole, with the line: %j', async (text, message) => {
    await expect(readResourcesCsv(text)).rejects.toThrow(message);
  });

  it('come as a pasted table or as a file; nothing is written of one that is wrong', async () => {
    const one = await anOrganization();
    const browser = await hub.as('support');
    const path = `${one.at}/accounts/${one.accountId}`;
    const wrong = await post(browser, await browser.open(path), `${path}/resources`, {
      table: 'kind,number,label\nbilling_address,B-3,x\nnothing,1,y',
    });
    expect([wrong.status, textOf(wrong)]).toEqual([422, expect.stringContaining('Line 3')]);
    const page = await browser.open(path);
    const form = new FormData();
    form.set('csrf', /name="csrf" value="([^"]*)"/.exec(page.html)?.[1] ?? '');
    form.set('file', new Blob(['kind,number,label\nbilling_address,B-3,Harbour\n']), 'resources.csv');
    const sent = await fetch(`${hub.origin}${path}/resources`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
      headers: { cookie: `session=${browser.cookie('session') ?? ''}` },
    });
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `${path}?changed=1`]);
    expect((await listResources(one.ctx, one.accountId)).map(({ number }) => number)).toEqual(['B-1', 'B-2', 'B-3']);
  });
});

describe('the editor of a subscription', () => {
  it('shows a preview first and then narrows the limit, at once for whoever works under it', async () => {
    const one = await anOrganization();
    const browser = await hub.as('catalogue');
    const [subscription] = await listSubscriptions(one.ctx);
    const path = `${one.at}/accounts/${one.accountId}/subscriptions/${subscription?.id ?? ''}`;
    const page = await browser.open(path);
    expect([...page.html.matchAll(/value="\*" checked/g)]).toHaveLength(3);
    const changed = { application: 'emasspost', products: '*', billing_addresses: 'B-2', rights: '*' };
    const preview = await post(browser, page, path, { ...changed, act: 'preview' });
    expect(textOf(preview)).toContain('one assignment to a user or group');
    expect(textOf(preview)).toContain('has no effect from the next token on');
    expect(await holds(one.id, one.userId)).toBe(1);
    const saved = await post(browser, preview, path, { ...changed, act: 'save' });
    expect(textOf(saved)).toContain('This has been saved.');
    expect(await holds(one.id, one.userId)).toBe(0);
  });

  it('takes and shows the days of the portal’s time zone, the last one included', async () => {
    const one = await anOrganization();
    const browser = await hub.as('catalogue');
    const [subscription] = await listSubscriptions(one.ctx);
    const account = `${one.at}/accounts/${one.accountId}`;
    const path = `${account}/subscriptions/${subscription?.id ?? ''}`;
    const all = { application: 'emasspost', products: '*', billing_addresses: '*', rights: '*' };
    const page = await browser.open(path);
    const backwards = { ...all, from: '2030-07-02', until: '2030-07-01' };
    for (const wrong of [backwards, { ...all, until: '2030-02-30' }]) {
      const refused = await post(browser, page, path, { ...wrong, act: 'preview' });
      expect([refused.status, textOf(refused)]).toEqual([422, expect.stringContaining('This is no day')]);
    }
    const days = { ...all, from: '2026-07-01', until: '2030-12-31' };
    const preview = await post(browser, page, path, { ...days, act: 'preview' });
    expect(textOf(preview)).toContain('from 1 July 2026, until 31 December 2030');
    const saved = await post(browser, preview, path, { ...days, act: 'save' });
    expect(textOf(saved)).toContain('from 1 July 2026, until 31 December 2030');
    const [kept] = await listSubscriptions(one.ctx);
    expect([kept?.validFrom?.toISOString(), kept?.validUntil?.toISOString()]).toEqual([
      '2026-06-30T22:00:00.000Z',
      '2030-12-31T23:00:00.000Z',
    ]);
    const shown = await browser.open(path);
    expect(shown.html).toMatch(/name="from" type="date" value="2026-07-01"/);
    expect(shown.html).toMatch(/name="until" type="date" value="2030-12-31"/);
  });

  it('wants one value in each list', async () => {
    const one = await anOrganization();
    const browser = await hub.as('catalogue');
    const path = `${one.at}/accounts/${one.accountId}/subscriptions/new`;
    const page = await browser.open(`${path}?application=emasspost`);
    const refused = await post(browser, page, path, {
      application: 'emasspost',
      products: '*',
      rights: '*',
      act: 'preview',
    });
    expect([refused.status, textOf(refused)]).toEqual([
      422,
      expect.stringContaining('Tick at least one value in each list.'),
    ]);
  });

  it('ends a subscription after a look at who works under it', async () => {
    const one = await anOrganization();
    const browser = await hub.as('catalogue');
    const [subscription] = await listSubscriptions(one.ctx);
    const path = `${one.at}/accounts/${one.accountId}/subscriptions/${subscription?.id ?? ''}/end`;
    await submit(browser, await browser.open(path));
    expect(await listSubscriptions(one.ctx)).toEqual([]);
  });
});

describe('a customer account', () => {
  it('moves with resources and subscriptions; what was held on it ends, if that was ticked', async () => {
    const [from, to] = [await anOrganization(), await anOrganization()];
    const browser = await hub.as('support');
    const path = `${from.at}/accounts/${from.accountId}/move`;
    const page = await browser.open(`${path}?q=${to.number}`);
    expect(textOf(page)).toContain('Ends at once: 1 assignments');
    const refused = await post(browser, page, path, { target: to.id, q: to.number });
    expect([refused.status, textOf(refused)]).toEqual([409, expect.stringContaining('This is still in use.')]);
    expect(await holds(from.id, from.userId)).toBe(1);
    const moved = await post(browser, page, path, { target: to.id, q: to.number, end: 'yes' });
    expect(moved.url.pathname).toMatch(new RegExp(`^/operator/organizations/${to.id}/accounts/`));
    expect(textOf(moved)).toContain('B-2');
    expect(await holds(from.id, from.userId)).toBe(0);
    expect(await listCustomerAccounts(from.ctx)).toEqual([]);
    expect((await listCustomerAccounts(to.ctx)).map(({ number }) => number).sort()).toEqual(
      [from.number, to.number].sort(),
    );
    expect(await listSubscriptions(to.ctx)).toHaveLength(2);
    const told = await query('select 1 from audit_events where action in ($1, $2)', [
      'customer_account.moved_away',
      'customer_account.moved_here',
    ]);
    expect(told).toHaveLength(2);
  });

  it('does not move to where it cannot be, nor from where it is not', async () => {
    const [from, other] = [await anOrganization(), await anOrganization()];
    const move = (organization: typeof from, toOrganizationId: string) =>
      refusalOf(() =>
        moveCustomerAccount(organization.ctx, { customerAccountId: from.accountId, toOrganizationId, endRights: true }),
      );
    expect((await move(from, from.id)).code).toBe('conflict');
    expect((await move(from, '00000000-0000-7000-8000-000000000001')).code).toBe('conflict');
    expect((await move(from, '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10')).code).toBe('not_found');
    expect((await move(other, from.id)).code).toBe('not_found');
    expect(await holds(from.id, from.userId)).toBe(1);
  });

  it('has a number that nobody else has', async () => {
    const one = await anOrganization();
    const browser = await hub.as('support');
    const page = await post(browser, await browser.open(one.at), `${one.at}/accounts`, {
      number: one.number,
      name: 'Second',
    });
    expect([page.status, textOf(page)]).toEqual([
      409,
      expect.stringContaining('belongs to another organization already'),
    ]);
  });
});

describe('closing an organization', () => {
  it('takes two people: whoever asked cannot confirm', async () => {
    const one = await anOrganization();
    const support = await hub.as('support');
    const asked = await submit(support, await support.open(`${one.at}/close`), { reason: 'merged into another' });
    expect(textOf(asked)).toContain('asked on');
    expect((await support.open('/operator/approvals')).html).toContain(`Close ${one.name}`);
    const himself = await post(support, asked, `${one.at}/close/confirm`);
    expect(himself.status).toBe(403);
    expect(await holds(one.id, one.userId)).toBe(1);
    const owner = await hub.as('owner');
    const done = await post(owner, await owner.open(`${one.at}/close`), `${one.at}/close/confirm`);
    expect(textOf(done)).toContain('Closed');
    expect(await holds(one.id, one.userId)).toBe(0);
  });

  it('frees its customer numbers, ends what hangs on it and erases its people later', async () => {
    const one = await anOrganization();
    await giveAdministrationRight(one.ctx, { subject: { kind: 'user', id: one.userId }, name: 'chief_administrator' });
    await askClosing(staffCtx(hub.staff.support), one.id, 'gone');
    await confirmClosing(staffCtx(hub.staff.owner), one.id);
    const other = await createOrganization(systemCtx(), { name: 'Heir' });
    await createCustomerAccount({ ...systemCtx(), organizationId: other.id }, { number: one.number, name: 'Heir' });
    const [user] = await query<{ active: boolean; erased: boolean }>(
      'select active, erased_at is not null as erased from users where id = $1',
      [one.userId],
    );
    expect(user).toEqual({ active: false, erased: false });
    await eraseDeletedUsers(new Date(Date.now() + 91 * 24 * 3_600_000), silent);
    const [erased] = await query<{ name: string }>('select user_name as name from users where id = $1', [one.userId]);
    expect(erased?.name).toBe(`erased-${one.userId}`);
    expect((await refusalOf(() => askClosing(staffCtx(hub.staff.support), one.id, 'again'))).code).toBe('conflict');
  });

  it('is asked for once at a time, is withdrawn by whoever asked and refused by others', async () => {
    const one = await anOrganization();
    const support = staffCtx(hub.staff.support);
    await askClosing(support, one.id, 'first');
    expect((await refusalOf(() => askClosing(support, one.id, 'second'))).code).toBe('conflict');
    const owner = await hub.as('owner');
    await post(owner, await owner.open(`${one.at}/close`), `${one.at}/close/refuse`);
    expect((await refusalOf(() => confirmClosing(staffCtx(hub.staff.owner), one.id))).code).toBe('not_found');
    const outcomes = await query('select outcome from approvals where target_id = $1', [one.id]);
    expect(outcomes).toEqual([{ outcome: 'refused' }]);
  });

  it("is never the operator's own", async () => {
    const own = '00000000-0000-7000-8000-000000000001';
    expect((await refusalOf(() => askClosing(staffCtx(hub.staff.owner), own, 'no'))).code).toBe('not_permitted');
  });

  it('is preceded by an export that holds its people and no secret', async () => {
    const one = await anOrganization();
    const support = await hub.as('support');
    const page = await support.open(`${one.at}/export.json`);
    const exported = JSON.parse(page.html) as Record<string, { document?: { userName: string } }[]>;
    expect(exported['users']?.map(({ document }) => document?.userName)).toEqual(['piet']);
    expect(exported['assignments']).toHaveLength(1);
    expect(exported['resources']).toHaveLength(2);
    expect(exported['history']?.length).toBeGreaterThan(3);
    expect(page.html).not.toMatch(/secret_hash|"hash"|argon2|private_key/);
  });
});
