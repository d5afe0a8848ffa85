// The catalogue as the operator edits it: drafts with the line of each fault, what publishing would do, two people, versions,
// logos.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pictureType, setLogo } from '../../src/applications/application-logo.ts';
import { catalogue } from '../../src/applications/current-catalogue.ts';
import {
  askPublishing,
  confirmPublishing,
  dropDraft,
  readApplicationText,
  saveDraft,
} from '../../src/applications/draft-application.ts';
import { draftEffect } from '../../src/applications/draft-effect.ts';
import { keepCatalogue } from '../../src/applications/published-catalogue.ts';
import { query, queryOne } from '../../src/database/query.ts';
import { assign } from '../../src/entitlements/give-rights.ts';
import { heldBy } from '../../src/entitlements/held-by.ts';
import { createGroup } from '../../src/groups/create-group.ts';
import { createCustomerAccount } from '../../src/organizations/create-customer-account.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { putResources } from '../../src/organizations/put-resources.ts';
import { setSubscription } from '../../src/organizations/set-subscription.ts';
import { createUser } from '../../src/users/create-user.ts';
import { refusalOf } from '../mail/mail-hub.ts';
import { systemCtx } from '../oidc/hub.ts';
import { post, submit, textOf } from '../portal/portal-hub.ts';
import { silent } from '../support/database.ts';
import { aStaffMember, openOperator, staffBrowser, staffCtx, type OperatorHub } from './operator-hub.ts';

let hub: OperatorHub;
let second: string;
let organizationId: string;
let userId: string;
beforeAll(async () => {
  hub = await openOperator();
  second = await aStaffMember('catalogue');
  organizationId = (await createOrganization(systemCtx(), { name: 'Noordzee Media' })).id;
  const ctx = { ...systemCtx(), organizationId };
  const account = await createCustomerAccount(ctx, { number: 'CAT-1', name: 'Noordzee' });
  const values = { products: '*', billing_addresses: '*', rights: '*' } as const;
  await putResources(ctx, {
    customerAccountId: account.id,
    resources: [{ kind: 'billing_addresses', number: 'B-1', label: 'One' }],
  });
  await setSubscription(ctx, { customerAccountId: account.id, application: 'emasspost', values });
  userId = (await createUser(ctx, { document: { schemas: [], userName: 'piet', active: true } })).id;
  const given = { products: ['prior'], billing_addresses: ['B-1'], rights: ['create_deposit'] };
  const gift = { application: 'emasspost', customerAccountId: account.id, values: given };
  await assign(ctx, { subject: { kind: 'user', id: userId }, gifts: [gift] });
});
afterAll(() => hub.stop());

const textNow = async (key = 'emasspost') => {
  const { published, draft } = await readApplicationText(staffCtx(hub.staff.catalogue), key);
  return draft?.source ?? published;
};
/** The draft is saved, asked for by one and confirmed by another. */
async function publish(key: string, source: string): Promise<number> {
  expect(await saveDraft(staffCtx(hub.staff.catalogue), key, source)).toEqual([]);
  await askPublishing(staffCtx(hub.staff.catalogue), key, 'test');
  return confirmPublishing(staffCtx(second), key);
}
const retired = (source: string, key: string): string =>
  source.replace(new RegExp(`- key: ${key}\\n( *)`), `- key: ${key}\n$1retired: true\n$1`);

describe('a draft', () => {
  it('is refused with the line of every fault, and what was typed stays', async () => {
    const browser = await hub.as('catalogue');
    const path = '/operator/applications/emasspost';
    const source = (await textNow()).replace(/^admit:.*$/m, '').replace('dimensions:', 'dimensionz:');
    const page = await post(browser, await browser.open(path), path, { source });
    expect(page.status).toBe(422);
    expect(textOf(page)).toMatch(/Line \d+ the file has the unknown key "dimensionz"/);
    expect(page.html).toContain('dimensionz:');
  });

  it('of what can be no application is not there', async () => {
    const browser = await hub.as('catalogue');
    for (const none of ['%00', 'constructor', 'No-Key'])
      expect((await browser.open(`/operator/applications/${none}`)).status).toBe(404);
  });

  it('keeps the key, and takes no name of another application', async () => {
    const ctx = staffCtx(hub.staff.catalogue);
    const source = await textNow();
    const renamed = await saveDraft(ctx, 'emasspost', source.replace('key: emasspost', 'key: emass'));
    expect(renamed.map(({ rule }) => rule)).toEqual(['key_changed']);
    const taken = await saveDraft(
      ctx,
      'distripost',
      (await textNow('distripost'))
        .replace(/^(key:.*)$/m, '$1\ncodes: [emasspost]')
        .replace(/^codes: (?!\[emasspost).*$/m, ''),
    );
    expect(taken.map(({ rule }) => rule)).toEqual(['duplicate_name']);
  });

  it('changes nothing for anybody', async () => {
    const before = catalogue().get('distripost')?.label.en;
    await saveDraft(
      staffCtx(hub.staff.catalogue),
      'distripost',
      (await textNow('distripost')).replace(/en: [^,}\n]+/, 'en: Changed'),
    );
    await keepCatalogue(silent);
    expect(catalogue().get('distripost')?.label.en).toBe(before);
  });

  it('takes names in four languages from a form', async () => {
    const browser = await hub.as('catalogue');
    const path = '/operator/applications/etracker';
    await post(browser, await browser.open(path), `${path}/names`, { 'label.de': 'Sendungsverfolgung' });
    expect(await textNow('etracker')).toContain('de: Sendungsverfolgung');
  });
});

describe('publishing', () => {
  it('takes two people and makes a version that every process knows', async () => {
    const source = await textNow();
    const version = await publish(
      'emasspost',
      source.replace(/label: \{ nl: [^}]*\}/, 'label: { nl: Nieuw, fr: Nouveau, de: Neu, en: New name }'),
    );
    expect(version).toBe(1);
    expect(catalogue().get('emasspost')?.label.en).toBe('New name');
    const browser = await hub.as('auditor');
    expect(textOf(await browser.open('/operator/applications'))).toContain('New name');
    expect(textOf(await browser.open('/operator/applications/emasspost'))).toContain('Version 1');
  });

  it('is not confirmed by whoever asked, nor after the draft was changed again', async () => {
    const ctx = staffCtx(hub.staff.catalogue);
    const source = await textNow('pickup');
    await saveDraft(ctx, 'pickup', `${source}\n# one\n`);
    await askPublishing(ctx, 'pickup', 'a comment');
    expect((await refusalOf(() => confirmPublishing(ctx, 'pickup'))).code).toBe('four_eyes');
    await saveDraft(ctx, 'pickup', `${source}\n# two\n`);
    expect((await refusalOf(() => confirmPublishing(staffCtx(second), 'pickup'))).code).toBe('conflict');
    expect(await query("select 1 from application_versions where application = 'pickup'")).toEqual([]);
  });

  it('is seen by another process within a second', async () => {
    const source = await textNow('invoice_reporter');
    await query(
      `insert into application_versions (application, version, source, published_by, confirmed_by, published_at)
       values ('invoice_reporter', 1, $1, '{}', '{}', now())`,
      [source.replace(/en: [^,}\n]+/, 'en: From elsewhere')],
    );
    const late = Date.now() + 5000;
    while (catalogue().get('invoice_reporter')?.label.en !== 'From elsewhere' && Date.now() < late)
      await fetch(`${hub.origin}/register`);
    expect(catalogue().get('invoice_reporter')?.label.en).toBe('From elsewhere');
    expect(Date.now()).toBeLessThan(late);
  });

  it('shows first what it does to what was given, and then does it', async () => {
    const source = retired(await textNow(), 'create_deposit');
    expect(await saveDraft(staffCtx(hub.staff.catalogue), 'emasspost', source)).toEqual([]);
    const browser = await hub.as('catalogue');
    const page = await browser.open('/operator/applications/emasspost/publish');
    expect(textOf(page)).toContain('one gives nothing any more');
    expect(textOf(page)).toContain('In one organization Noordzee Media (1)');
    expect(textOf(page)).toContain('rights:create_deposit');
    await submit(browser, page, { reason: 'no longer offered' });
    const other = await staffBrowser(hub.origin, second);
    const done = await post(
      other,
      await other.open('/operator/applications/emasspost/publish'),
      '/operator/applications/emasspost/publish/confirm',
    );
    expect(textOf(done)).toContain('Version 2');
    expect(await heldBy({ organizationId, userId, now: new Date() })).toEqual([]);
  });

  it('shows first who stands in a pair that is kept apart anew, and where; they keep both', async () => {
    const ctx = staffCtx(hub.staff.catalogue);
    const side = (value: string) => `{ application: emasspost, dimension: products, value: ${value} }`;
    const pair = (one: string, other: string, mode: string) =>
      `  - { a: ${side(one)}, b: ${side(other)}, mode: ${mode} }\n`;
    const current = await textNow();
    await publish('emasspost', `${current}\nconflicts:\n${pair('prior', 'letter', 'report')}`);
    const organization = { ...systemCtx(), organizationId };
    const group = await createGroup(organization, { schemas: [], displayName: 'Letters' }, [userId]);
    const account = await queryOne<{ id: string }>('select id from customer_accounts where organization_id = $1', [
      organizationId,
    ]);
    const values = { products: ['letter'], billing_addresses: ['B-1'], rights: ['general_follow_up'] };
    const gift = { application: 'emasspost', customerAccountId: account?.id ?? '', values };
    const later = new Date(Date.now() + 86_400_000);
    await assign(organization, {
      subject: { kind: 'group', id: group.id },
      gifts: [gift, { ...gift, values: { ...values, products: ['kilopost'] }, validFrom: later }],
    });
    const sharper = `${current}\nconflicts:\n${pair('prior', 'letter', 'refuse')}${pair('kilopost', 'prior', 'report')}${pair('prior', 'periodical', 'refuse')}`;
    expect(await saveDraft(ctx, 'emasspost', sharper)).toEqual([]);
    const most = [{ id: organizationId, name: 'Noordzee Media', count: 1 }];
    expect((await draftEffect(ctx, 'emasspost', sharper)).pairs).toMatchObject([
      { mode: 'refuse', people: 1, organizations: 1, most },
      { mode: 'report', people: 1, organizations: 1, most },
      { mode: 'refuse', people: 0, organizations: 0, most: [] },
    ]);
    const page = textOf(await (await hub.as('catalogue')).open('/operator/applications/emasspost/publish'));
    expect(page).toMatch(
      /Rights kept apart anew .+ \(refused from then on\)\. One person holds both already: Noordzee Media \(1\)\./,
    );
    expect(page).toContain('Nobody holds both.');
    await dropDraft(ctx, 'emasspost');
  });

  it('is refused where the draft leaves out what somebody holds', async () => {
    const ctx = staffCtx(hub.staff.catalogue);
    const source = (await textNow()).replace(/^ *- key: create_deposit\n(?: {4,}(?!- ).*\n)*/m, '');
    const faults = await saveDraft(ctx, 'emasspost', source);
    expect(faults).toEqual([]);
    expect((await draftEffect(ctx, 'emasspost', source)).missing).toEqual([{ name: 'rights:create_deposit', uses: 1 }]);
    expect((await refusalOf(() => askPublishing(ctx, 'emasspost', 'tidy'))).code).toBe('still_in_use');
    const page = await (await hub.as('catalogue')).open('/operator/applications/emasspost/publish');
    expect(textOf(page)).toContain('This cannot be published');
  });
});

describe('a logo', () => {
  const PNG = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );

  it('is a picture by its first bytes, whatever it is called', async () => {
    expect(pictureType(PNG)).toBe('image/png');
    for (const bad of ['<svg xmlns="http://www.w3.org/2000/svg"/>', '<!doctype html>', 'RIFFxxxxWAVE', ''])
      expect(pictureType(Buffer.from(bad))).toBeUndefined();
    const ctx = staffCtx(hub.staff.catalogue);
    expect((await refusalOf(() => setLogo(ctx, 'pickup', Buffer.from('<svg/>')))).code).toBe('invalid_input');
    expect((await refusalOf(() => setLogo(ctx, 'pickup', Buffer.concat([PNG, Buffer.alloc(300_000)])))).code).toBe(
      'invalid_input',
    );
  });

  it('is shown to anybody, and never runs', async () => {
    await setLogo(staffCtx(hub.staff.catalogue), 'pickup', PNG);
    const res = await fetch(`${hub.origin}/logos/pickup`);
    expect(res.headers.get('content-type')).toBe('image/png');
    expect(res.headers.get('x-content-type-options')).toBe('nosniff');
    expect(Buffer.from(await res.arrayBuffer()).equals(PNG)).toBe(true);
    await setLogo(staffCtx(hub.staff.catalogue), 'pickup', null);
    for (const none of ['pickup', '%00', 'constructor'])
      expect((await fetch(`${hub.origin}/logos/${none}`)).status).toBe(404);
  });
});
