// Rights for several people at once: composed once in the editor, looked at person by person, given as one act; the same
// over the management API.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listAssignments } from '../../src/entitlements/assignment-row.ts';
import { createApiToken } from '../../src/organizations/api-token.ts';
import type { Organization } from '../giving/world.ts';
import { systemCtx } from '../oidc/hub.ts';
import {
  aCompany,
  aUser,
  deposits,
  errorsOf,
  itemsOf,
  openRightsHub,
  textOf,
  visitor,
  type RightsHub,
} from './rights-hub.ts';

let hub: RightsHub;
beforeAll(async () => {
  hub = await openRightsHub();
});
afterAll(() => hub.stop());

const PATH = '/portal/users/selection';
const held = ({ operator }: Organization, id: string) => listAssignments(operator, { kind: 'user', id });

describe('giving rights to the users that were ticked', () => {
  it('asks where, composes one entitlement, says what each would get, and gives it', async () => {
    const company = await aCompany();
    const giver = await aUser(company, ['manage_users'], [deposits(company, ['letter', 'prior'])]);
    const at = await visitor(hub, giver);
    const [anna, bert] = [await aUser(company), await aUser(company, [], [deposits(company, ['letter'])])];
    const chief = await aUser(company, ['chief_administrator']);
    const list = await at.open('/portal/users');
    expect(list.html).toContain('<button name="act" value="give">');
    const user = [anna.id, bert.id, chief.id, giver.id];
    const where = await at.send(PATH, { act: 'give', user });
    expect(textOf(where)).toContain('4 users');
    expect(where.html).toContain('<option value="emasspost">');
    const editor = await at.submit(where, { application: 'emasspost', account: company.accountId });
    expect(itemsOf(editor, 'products').get('letter')).toMatchObject({ state: 'free', ticked: false });
    expect(itemsOf(editor, 'products').get('periodical')).toMatchObject({
      state: 'locked',
      code: 'grantor_lacks_right',
    });
    const empty = await at.submit(editor, { act: 'preview' });
    expect(empty.status).toBe(422);
    expect(errorsOf(empty).join(' ')).toContain('Choose at least one in the list Products.');
    const ticked = await at.submit(editor, { all: 'products' });
    expect(itemsOf(ticked, 'products').get('prior')).toMatchObject({ ticked: true });
    const choice = { products: 'letter', billing_addresses: 'A1', rights: ['create_deposit', 'deposit_statement'] };
    const preview = await at.submit(editor, { ...choice, act: 'preview' });
    expect(textOf(preview)).toContain('1 user may from now on also');
    expect(textOf(preview)).toContain('1 user has never signed in and gets no e-mail yet.');
    expect(textOf(preview)).toContain('Not possible for 3 users');
    expect(textOf(preview)).toContain('Holds all of it already.');
    expect(await held(company, anna.id)).toEqual([]);
    const back = await at.submit(preview, { act: 'edit' });
    expect(itemsOf(back, 'products').get('letter')).toMatchObject({ ticked: true });
    expect(textOf(await at.submit(preview, { act: 'save' }))).toContain('Done for 1 user. Not possible: 3.');
    expect(await held(company, anna.id)).toMatchObject([
      { application: 'emasspost', values: { products: ['letter'] } },
    ]);
    expect(await held(company, bert.id)).toHaveLength(1);
    expect(await held(company, chief.id)).toEqual([]);
  });

  it('refuses what the giver lacks by name, whatever the form says, and a place that does not exist', async () => {
    const company = await aCompany();
    const at = await visitor(hub, await aUser(company, ['manage_users'], [deposits(company, ['letter'])]));
    const anna = await aUser(company);
    const choice = {
      application: 'emasspost',
      account: company.accountId,
      user: anna.id,
      edited: '1',
      products: ['letter', 'periodical'],
      billing_addresses: 'A1',
      rights: ['create_deposit', 'deposit_statement'],
    };
    for (const act of ['preview', 'save']) {
      const refused = await at.send(`${PATH}/rights`, { ...choice, act });
      expect(refused.status).toBe(403);
      expect(errorsOf(refused).join(' ')).toContain('Periodical');
    }
    expect(await held(company, anna.id)).toEqual([]);
    const nowhere = await at.send(`${PATH}/rights`, { ...choice, account: company.id });
    expect(nowhere.status).toBe(422);
    expect(errorsOf(nowhere)).toEqual([
      'This application is not available on this customer account. Choose another one of the two.',
    ]);
    const nobody = await at.send(`${PATH}/rights`, { ...choice, user: [] });
    expect(textOf(nobody)).toContain('Select at least one user first.');
    const stranger = await visitor(hub, await aUser(company));
    expect((await stranger.send(`${PATH}/rights`, choice)).status).toBe(403);
  });

  it('over the management API answers for each user, and a preview keeps nothing', async () => {
    const company = await aCompany();
    const { token } = await createApiToken(systemCtx(), { name: 'support', roles: ['support'] });
    const [anna, bert] = [await aUser(company), await aUser(company, [], [deposits(company, ['letter'])])];
    const send = async (path: string, gifts: unknown) => {
      const answer = await fetch(new URL(`/api/v1/organizations/${company.id}/assignments/${path}`, hub.origin), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ userIds: [anna.id, bert.id, company.id], gifts }),
      });
      return { status: answer.status, body: (await answer.json()) as { items: unknown[]; code?: string } };
    };
    const gifts = [deposits(company, ['letter'])];
    const seen = await send('many/preview', gifts);
    expect(seen).toMatchObject({
      status: 200,
      body: {
        items: [
          { userId: anna.id, gifts: [0], already: false, code: null, gained: [{ values: { products: ['letter'] } }] },
          { userId: bert.id, gifts: [], already: true, code: null },
          { userId: company.id, gifts: [], already: false, code: 'not_found' },
        ],
      },
    });
    expect(await held(company, anna.id)).toEqual([]);
    expect((await send('many', gifts)).body).toEqual(seen.body);
    expect(await held(company, anna.id)).toHaveLength(1);
    expect((await send('many', [deposits(company, [])])).body.code).toBe('minimum_missing');
  });
});
