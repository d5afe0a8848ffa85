// Customer accounts, resources and subscriptions; see ../operations/customer-accounts.ts.
import { createCustomerAccount } from '../../organizations/create-customer-account.ts';
import { findCustomerAccount, listCustomerAccounts, listResources } from '../../organizations/find-customer-account.ts';
import { closeResources, putResources } from '../../organizations/put-resources.ts';
import { endSubscription, listSubscriptions, setSubscription } from '../../organizations/set-subscription.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { customerAccountOperations } from '../operations/customer-accounts.ts';
import { page } from '../page.ts';

export const customerAccountHandlers: Handlers<typeof customerAccountOperations> = {
  'customer-account.create': (ctx, { body }) => createCustomerAccount(ctx, compact(body)),
  'customer-account.list': async (ctx, { query }) =>
    page(await listCustomerAccounts(ctx), query, ({ number }) => number),
  'customer-account.get': (ctx, { params }) => findCustomerAccount(ctx, params.customerAccount),
  'resource.put': async (ctx, { params, body }) => ({
    changed: await putResources(ctx, { customerAccountId: params.customerAccount, resources: compact(body.resources) }),
  }),
  'resource.list': async (ctx, { params, query }) => {
    const all = await listResources(ctx, params.customerAccount);
    return page(all, query, ({ kind, number }) => `${kind} ${number}`);
  },
  'resource.close': async (ctx, { params, body }) => ({
    closed: await closeResources(ctx, { customerAccountId: params.customerAccount, ...body }),
  }),
  'subscription.set': (ctx, { body }) => setSubscription(ctx, compact(body)),
  'subscription.change': (ctx, { params, body }) => setSubscription(ctx, { ...compact(body), id: params.subscription }),
  'subscription.list': async (ctx, { query }) => page(await listSubscriptions(ctx), query, ({ id }) => id),
  'subscription.end': (ctx, { params }) => endSubscription(ctx, params.subscription),
};
