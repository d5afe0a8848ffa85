// The access page of a customer number: for holders of both settings rights, with the applications as they are shipped.
import { describe, expect, it } from '@jest/globals';
import { listAssignments } from '../../src/entitlements/assignment-row.ts';
import { giveAdministrationRight } from '../../src/entitlements/give-administration-right.ts';
import { createUser } from '../../src/users/create-user.ts';
import { aCompany, aUser, textOf, useRightsHub, visitor } from '../portal-rights/rights-hub.ts';

const hub = useRightsHub();

describe('access for a customer number', () => {
  it('is given and taken by whoever holds both settings rights of it, as far as his own rights go', async () => {
    const company = await aCompany();
    const { accountId, number } = company;
    const pickup = { application: 'pickup', customerAccountId: accountId, values: { rights: ['pickup'] } };
    const holder = await aUser(company, [], [pickup]);
    for (const name of ['view_account_settings', 'manage_account_settings'] as const) {
      const subject = { kind: 'user' as const, id: holder.id };
      await giveAdministrationRight(company.operator, { subject, name, customerAccountId: accountId });
    }
    const document = { schemas: [], userName: 'courier', displayName: 'Cor Courier', active: true };
    const { id: person } = await createUser(company.operator, { document });
    const browser = await visitor(hub, holder);
    const path = `/portal/account-settings/access?account=${accountId}&user=courier`;
    expect((await browser.open('/portal/accounts')).html).toContain('/portal/account-settings/access');
    const page = await browser.open(path);
    expect(textOf(page)).toContain('Authorizations for Cor Courier');
    expect(textOf(page)).toContain(number);
    const held = () => listAssignments(company.operator, { kind: 'user', id: person });
    await browser.send(path, { authorization: 'pickup pickup' });
    expect(await held()).toMatchObject([{ application: 'pickup', values: { rights: ['pickup'] } }]);
    const stale = await browser.send(path, {});
    expect(stale.status).toBe(409);
    const [standing] = await held();
    await browser.send(path, { seen: standing?.id ?? '' });
    expect(await held()).toEqual([]);
    const other = await aUser(company);
    expect((await (await visitor(hub, other)).open(path)).status).toBe(403);
  });
});
