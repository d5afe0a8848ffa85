// Requests that wait for the operator, the news that he tells everybody, and the logos that people see on their tiles.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { catalogue } from '../../src/applications/current-catalogue.ts';
import { setLogo } from '../../src/applications/application-logo.ts';
import type { OrganizationCtx } from '../../src/context.ts';
import { query } from '../../src/database/query.ts';
import { createCustomerAccount } from '../../src/organizations/create-customer-account.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import { setSubscription } from '../../src/organizations/set-subscription.ts';
import { askForAccess } from '../../src/requests/ask-for-access.ts';
import { countOperatorQueue } from '../../src/requests/operator-queue.ts';
import { findRequest } from '../../src/requests/request-row.ts';
import { createUser } from '../../src/users/create-user.ts';
import { eventually } from '../between/two-organizations.ts';
import { systemCtx } from '../oidc/hub.ts';
import { post, textOf } from '../portal/portal-hub.ts';
import { browserOf, openOperator, staffCtx, type OperatorHub } from './operator-hub.ts';

let hub: OperatorHub;
beforeAll(async () => {
  hub = await openOperator();
});
afterAll(() => hub.stop());

/** A company without an administrator, one of whose people asks. */
async function anOrphan(name: string) {
  const { id: organizationId } = await createOrganization(systemCtx(), { name });
  const inside: OrganizationCtx = { ...systemCtx(), organizationId };
  const account = await createCustomerAccount(inside, { number: `N${organizationId.slice(-8)}`, name, address: '' });
  const application = [...catalogue().values()].find(({ key }) => key === 'emasspost');
  await setSubscription(inside, {
    application: 'emasspost',
    customerAccountId: account.id,
    values: Object.fromEntries((application?.dimensions ?? []).map((dimension) => [dimension, '*' as const])),
  });
  const document = {
    schemas: [],
    userName: `an@${name.toLowerCase()}.example`,
    displayName: 'An Peeters',
    active: true,
  };
  const { id: userId } = await createUser(inside, { document });
  const asker: OrganizationCtx = {
    ...inside,
    actor: { kind: 'user', id: userId, organizationId, label: 'An Peeters' },
  };
  const request = await askForAccess(asker, {
    application: 'emasspost',
    reason: 'The autumn campaign',
    customerAccountId: account.id,
    wanted: { products: ['letter'] },
  });
  return { organizationId, inside, userId, request };
}

describe("the operator's queue of requests", () => {
  it('shows what nobody in the organization can answer, and counts it on every page', async () => {
    const { organizationId, request } = await anOrphan('Noordzee');
    const support = await hub.as('support');
    const list = await support.open('/operator/requests');
    expect(textOf(list)).toContain('The autumn campaign');
    expect(list.html).toMatch(
      new RegExp(`Requests <span class="count">${await countOperatorQueue(staffCtx(hub.staff.support))}<`),
    );
    expect(textOf(await support.open('/operator'))).toMatch(/access requests? that (its|their) organization/);
    const page = await support.open(`/operator/requests/${organizationId}/${request.id}`);
    expect(textOf(page)).toContain('Letter');
    expect(textOf(page)).toContain('An Peeters');
    expect(
      (await support.open(`/operator/requests/${(await anOrphan('Elsewhere')).organizationId}/${request.id}`)).status,
    ).toBe(404);
  });

  it('refuses with a reason, and not without one', async () => {
    const { organizationId, inside, request } = await anOrphan('Kempen');
    const support = await hub.as('support');
    const page = await support.open(`/operator/requests/${organizationId}/${request.id}`);
    const action = `/operator/requests/${organizationId}/${request.id}/deny`;
    const empty = await post(support, page, action, { answer: ' ' });
    expect([empty.status, (await findRequest(inside, request.id)).state]).toEqual([422, 'waiting']);
    await post(support, page, action, { answer: 'Your company has left.' });
    expect(await findRequest(inside, request.id)).toMatchObject({ state: 'denied', answer: 'Your company has left.' });
    const again = await post(support, page, action, { answer: 'Twice.' });
    expect(again.status).toBe(409);
  });

  it('hands a request back when the organization gets a chief administrator', async () => {
    const { organizationId, inside, request } = await anOrphan('Maas');
    const waiting = () => countOperatorQueue(staffCtx(hub.staff.support));
    const before = await waiting();
    const support = await hub.as('support');
    const page = await support.open(`/operator/requests/${organizationId}/${request.id}`);
    expect(page.html).toContain(`action="/operator/organizations/${organizationId}/chiefs"`);
    const fields = { givenName: 'Lies', familyName: 'Maes', email: 'lies@maas.example', language: 'en' };
    await post(support, page, `/operator/organizations/${organizationId}/chiefs`, fields);
    expect(await waiting()).toBe(before - 1);
    expect((await findRequest(inside, request.id)).state).toBe('waiting');
    const mails = await eventually(async () => {
      const found = await query("select 1 from mails where organization_id = $1 and kind = 'access_requested'", [
        organizationId,
      ]);
      return found.length > 0 ? found : undefined;
    });
    expect(mails).toHaveLength(1);
  });
});

const words = (name: string, text: string) =>
  Object.fromEntries(['nl', 'fr', 'de', 'en'].map((one) => [`${name}.${one}`, `${text} ${one}`]));

describe('news', () => {
  it('is published in four languages, seen by everybody, and withdrawn', async () => {
    const { organizationId, userId } = await anOrphan('Reader');
    const person = await browserOf(hub.origin, organizationId, userId, ['pwd']);
    const browser = await hub.as('catalogue');
    const page = await browser.open('/operator/news');
    const published = await post(browser, page, '/operator/news', {
      day: '2025-01-31',
      ...words('title', 'Maintenance'),
      ...words('text', 'On Sunday'),
      more_url: 'https://portal.example/maintenance',
    });
    expect(textOf(published)).toContain('Maintenance en');
    expect(textOf(await person.open('/portal'))).toContain('Maintenance en');
    const [, withdraw = ''] = /action="(\/operator\/news\/[^"]+\/withdraw)"/.exec(published.html) ?? [];
    await post(browser, published, withdraw);
    expect(textOf(await person.open('/portal'))).not.toContain('Maintenance en');
  });

  it('is refused without a day, a text in each language, or with an address that is not https', async () => {
    const browser = await hub.as('catalogue');
    const page = await browser.open('/operator/news');
    const whole = { day: '2025-01-31', ...words('title', 'Hello'), ...words('text', 'World') };
    for (const wrong of [
      { day: '2025-02-31' },
      { 'text.de': ' ' },
      { 'title.fr': 'x'.repeat(151) },
      { more_url: 'http://portal.example' },
    ]) {
      const refused = await post(browser, page, '/operator/news', { ...whole, ...wrong });
      expect([wrong, refused.status]).toEqual([wrong, 422]);
      expect(refused.html).toContain('value="Hello nl"');
    }
    expect(textOf(await browser.open('/operator/news'))).toContain('There is no news');
  });
});

it('shows an application by its logo on the home page', async () => {
  const { organizationId, userId } = await anOrphan('Viewer');
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]);
  await setLogo(staffCtx(hub.staff.catalogue), 'emasspost', png);
  const person = await browserOf(hub.origin, organizationId, userId, ['pwd']);
  const [, address = ''] = /<img class="logo" src="([^"]+)" alt=""/.exec((await person.open('/portal')).html) ?? [];
  const picture = await fetch(`${hub.origin}${address}`);
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
});
