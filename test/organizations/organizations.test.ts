import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { Ctx } from '../../src/context.ts';
import { query } from '../../src/database/query.ts';
import { changeOrganization } from '../../src/organizations/change-organization.ts';
import { createCustomerAccount } from '../../src/organizations/create-customer-account.ts';
import { createOrganization } from '../../src/organizations/create-organization.ts';
import {
  findCustomerAccount,
  listCustomerAccounts,
  listResources,
} from '../../src/organizations/find-customer-account.ts';
import { findOrganization, listOrganizations } from '../../src/organizations/find-organization.ts';
import { ensureOperatorOrganization, OPERATOR_ORGANIZATION_ID } from '../../src/organizations/operator-organization.ts';
import { closeResources, putResources } from '../../src/organizations/put-resources.ts';
import { endSubscription, listSubscriptions, setSubscription } from '../../src/organizations/set-subscription.ts';
import { resumeOrganization, suspendOrganization } from '../../src/organizations/suspend-organization.ts';
import { closeTestDatabase, openTestDatabase, silent } from '../support/database.ts';
import { anOrganization, auditOf, aUser, OPERATOR, QUEUES, useTestCatalogue } from '../giving/world.ts';

beforeAll(async () => {
  useTestCatalogue();
  await openTestDatabase(QUEUES);
});
afterAll(() => closeTestDatabase());

const operator: Ctx = { actor: OPERATOR, requestId: 'test', now: new Date(), log: silent };

describe('an organization', () => {
  it('is admitted by the operator with its attributes and settings, and changed with a trace', async () => {
    const { id } = await createOrganization(operator, {
      name: 'Zeewind',
      attributes: { etoe_partner: true },
      settings: { username: 'email' },
    });
    await changeOrganization(operator, id, {
      name: 'Zeewind NV',
      settings: { deactivateOnly: true, deactivateOnlyIn: { plain: false } },
    });
    const unchanged = await changeOrganization(operator, id, { name: 'Zeewind NV' });
    expect(unchanged).toMatchObject({
      name: 'Zeewind NV',
      state: 'active',
      attributes: { conventional_router: false, etoe_partner: true },
      settings: { deactivateOnly: true, deactivateOnlyIn: { plain: false }, ftp: false, username: 'email' },
    });
    expect(await findOrganization(operator, id)).toEqual(unchanged);
    expect(await auditOf(id, id)).toEqual(['organization.created', 'organization.changed']);
  });

  it('refuses names, attributes and applications that mean nothing', async () => {
    const { id } = await createOrganization(operator, { name: 'Zeewind' });
    await expect(createOrganization(operator, { name: '  ' })).rejects.toMatchObject({ code: 'invalid_input' });
    const attributes = { router: true } as Record<string, boolean>;
    await expect(changeOrganization(operator, id, { attributes })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(
      changeOrganization(operator, id, { settings: { deactivateOnlyIn: { none: true } } }),
    ).rejects.toMatchObject({ code: 'unknown_application' });
    await expect(changeOrganization(operator, 'no uuid', {})).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is listed page by page, by name too, for the operator alone', async () => {
    const name = uuidv7();
    const ids: string[] = [];
    for (let i = 0; i < 3; i++)
      ids.unshift((await createOrganization(operator, { name: `Huis ${name.toUpperCase()} ${i}` })).id);
    const first = await listOrganizations(operator, { name, limit: 2 });
    const second = await listOrganizations(operator, {
      name,
      limit: 2,
      ...(first.next === null ? {} : { before: first.next }),
    });
    expect([...first.organizations, ...second.organizations].map(({ id }) => id)).toEqual(ids);
    expect(second.next).toBeNull();
    const organization = await anOrganization();
    const chief = await aUser(organization, ['chief_administrator']);
    await expect(listOrganizations(chief.ctx)).rejects.toMatchObject({ code: 'not_permitted' });
    await expect(findOrganization(chief.ctx, ids[0] ?? '')).rejects.toMatchObject({ code: 'not_found' });
    await expect(findOrganization(chief.ctx, organization.id)).resolves.toMatchObject({ id: organization.id });
    await expect(suspendOrganization(chief.ctx, organization.id)).rejects.toMatchObject({ code: 'not_permitted' });
  });

  it('is suspended once, with its tidying queued in the same commit, and let in again', async () => {
    const { id } = await createOrganization(operator, { name: 'Zeewind' });
    expect([await suspendOrganization(operator, id, 'unpaid'), await suspendOrganization(operator, id)]).toEqual([
      true,
      false,
    ]);
    const jobs = await query(
      "select 1 from jobs.job where name = 'end-organization-access' and data ->> 'organizationId' = $1",
      [id],
    );
    expect(jobs).toHaveLength(1);
    expect([await resumeOrganization(operator, id), (await findOrganization(operator, id)).state]).toEqual([
      true,
      'active',
    ]);
    expect(await auditOf(id, id)).toEqual(['organization.created', 'organization.suspended', 'organization.resumed']);
  });

  it('of the operator is made once, and is never suspended', async () => {
    await ensureOperatorOrganization(operator, 'Business Portal');
    await ensureOperatorOrganization(operator, 'Business Portal');
    expect(await findOrganization(operator, OPERATOR_ORGANIZATION_ID)).toMatchObject({ kind: 'operator' });
    expect(await auditOf(OPERATOR_ORGANIZATION_ID, OPERATOR_ORGANIZATION_ID)).toEqual(['organization.created']);
    await expect(suspendOrganization(operator, OPERATOR_ORGANIZATION_ID)).rejects.toMatchObject({
      code: 'not_permitted',
    });
  });
});

describe('a customer account', () => {
  it('has a number that nobody else in the hub has', async () => {
    const [one, other] = [await anOrganization(), await anOrganization()];
    await expect(createCustomerAccount(other.operator, { number: one.number, name: 'Twice' })).rejects.toMatchObject({
      code: 'uniqueness',
    });
    await expect(
      createCustomerAccount({ ...one.operator, organizationId: uuidv7() }, { number: uuidv7(), name: 'Nowhere' }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(createCustomerAccount(one.operator, { number: '*', name: 'All' })).rejects.toMatchObject({
      code: 'invalid_input',
    });
    await expect(findCustomerAccount(other.operator, one.accountId)).rejects.toMatchObject({ code: 'not_found' });
    expect((await listCustomerAccounts(one.operator)).map(({ number }) => number)).toEqual([one.number]);
  });

  it('gets resources, which are replaced one by one and closed', async () => {
    const { operator: ctx, accountId } = await anOrganization();
    const put = (label: string) =>
      putResources(ctx, {
        customerAccountId: accountId,
        resources: [{ kind: 'contracts', number: '1', label, services: ['y', 'x'] }],
      });
    expect([await put('New'), await put('New'), await put('Newer')]).toEqual([1, 0, 1]);
    expect(
      await closeResources(ctx, { customerAccountId: accountId, kind: 'contracts', numbers: ['2', '3', '9'] }),
    ).toBe(1);
    expect(
      (await listResources(ctx, accountId)).map(({ number, label, state, services }) => [
        number,
        label,
        state,
        services,
      ]),
    ).toEqual([
      ['1', 'Newer', 'active', ['x', 'y']],
      ['2', 'Contract 2', 'closed', []],
      ['3', 'Contract 3', 'closed', []],
    ]);
    const star = { kind: 'contracts' as const, number: '*', label: 'All' };
    await expect(putResources(ctx, { customerAccountId: accountId, resources: [star] })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });
});

describe('a subscription', () => {
  it('names only what exists, is changed under its id and ended once', async () => {
    const organization = await anOrganization();
    const { operator: ctx, accountId: customerAccountId } = organization;
    const [before] = await listSubscriptions(ctx);
    const { id = '', application = '' } = before ?? {};
    const set = (values: object, app = application) =>
      setSubscription(ctx, { id, customerAccountId, application: app, values });
    await expect(set({ rights: ['zzz'], contracts: '*' })).rejects.toMatchObject({ code: 'unknown_value' });
    await expect(set({ rights: '*', contracts: ['99'] })).rejects.toMatchObject({ code: 'unknown_value' });
    await expect(set({ rights: '*' })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(set({ rights: '*', contracts: '*', products: '*' })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(set({ rights: '*', contracts: '*' }, 'none')).rejects.toMatchObject({ code: 'unknown_application' });
    await expect(set({ rights: ['b', 'a', 'a'], contracts: ['1'] })).resolves.toMatchObject({
      id,
      values: { rights: ['a', 'b'], contracts: ['1'] },
    });
    await endSubscription(ctx, id);
    await expect(endSubscription(ctx, id)).rejects.toMatchObject({ code: 'not_found' });
    const other = await anOrganization();
    await expect(endSubscription(other.operator, (await listSubscriptions(ctx))[0]?.id ?? '')).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await auditOf(organization.id, id)).toEqual([
      'subscription.set',
      'subscription.changed',
      'subscription.ended',
    ]);
  });
});
