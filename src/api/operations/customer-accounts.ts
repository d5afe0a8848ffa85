// Customer accounts with their contracts and billing addresses, and the limits that the operator sets on them.
import { z } from 'zod';
import { operations } from '../operation.ts';
import {
  id,
  optionalText,
  pageOf,
  pageQuery,
  resourceKind,
  span,
  spanAnswer,
  text,
  values,
  valuesAnswer,
} from '../shapes.ts';

const account = z
  .object({ id: z.string(), number: z.string(), name: z.string(), address: z.string() })
  .meta({ id: 'CustomerAccount' });

const resource = z
  .object({
    kind: resourceKind,
    number: z.string(),
    label: z.string(),
    address: z.string(),
    state: z.enum(['active', 'closed']),
    master: z.boolean(),
    services: z.array(z.string()),
  })
  .meta({ id: 'Resource' });

const newResource = z.strictObject({
  kind: resourceKind,
  number: text(64),
  label: text(300),
  address: optionalText(500).optional(),
  state: z.enum(['active', 'closed']).optional(),
  master: z
    .boolean()
    .optional()
    .meta({ description: 'The master contract, the only one that some applications accept.' }),
  services: z
    .array(text(100))
    .max(500)
    .optional()
    .meta({ description: 'Keys of products and borderels that a contract allows; none: all.' }),
});

const subscription = z
  .object({
    id: z.string(),
    customerAccountId: z.string(),
    application: z.string(),
    values: valuesAnswer,
    ...spanAnswer,
  })
  .meta({ id: 'Subscription' });

const newSubscription = z.strictObject({ customerAccountId: id, application: text(64), values, ...span });

const ACCOUNTS = '/organizations/{organization}/customer-accounts';
const SUBSCRIPTIONS = '/organizations/{organization}/subscriptions';

export const customerAccountOperations = operations({
  'customer-account.create': {
    noun: 'customer-account',
    verb: 'create',
    method: 'post',
    path: ACCOUNTS,
    summary: 'Gives an organization a customer account; its number is unique in the whole hub.',
    needs: 'limits.write',
    body: z.strictObject({
      number: z
        .string()
        .regex(/^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$/u, 'must have 1 to 64 letters, digits and the signs . _ / -'),
      name: text(200),
      address: optionalText(500).optional(),
    }),
    answer: account,
    status: 201,
    refusals: ['uniqueness'],
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 --number 100234 --name "Noordzee Media, Brussel"',
  },
  'customer-account.list': {
    noun: 'customer-account',
    verb: 'list',
    method: 'get',
    path: ACCOUNTS,
    summary: "Lists an organization's own customer accounts, by number.",
    needs: 'limits.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(account),
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10',
  },
  'customer-account.get': {
    noun: 'customer-account',
    verb: 'get',
    method: 'get',
    path: `${ACCOUNTS}/{customerAccount}`,
    summary: 'Reads a customer account.',
    needs: 'limits.read',
    answer: account,
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c2-8b1f-7e02-8f54-2b7e0d6a4c21',
  },
  'resource.put': {
    noun: 'resource',
    verb: 'put',
    method: 'put',
    path: `${ACCOUNTS}/{customerAccount}/resources`,
    summary: 'Adds or replaces contracts and billing addresses; the others stay. Answers how many differ from before.',
    needs: 'limits.write',
    body: z.strictObject({ resources: z.array(newResource).max(5000) }),
    answer: z.object({ changed: z.int() }),
    refusals: ['too_many'],
    example:
      '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c2-8b1f-7e02-8f54-2b7e0d6a4c21 --input resources.json',
  },
  'resource.list': {
    noun: 'resource',
    verb: 'list',
    method: 'get',
    path: `${ACCOUNTS}/{customerAccount}/resources`,
    summary: 'Lists contracts and billing addresses, closed ones too, by kind and number.',
    needs: 'limits.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(resource),
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c2-8b1f-7e02-8f54-2b7e0d6a4c21',
  },
  'resource.close': {
    noun: 'resource',
    verb: 'close',
    method: 'post',
    path: `${ACCOUNTS}/{customerAccount}/resources/close`,
    summary:
      'Closes contracts or billing addresses: they drop out of every right at once. Answers how many were active.',
    needs: 'limits.write',
    body: z.strictObject({ kind: resourceKind, numbers: z.array(text(64)).min(1).max(5000) }),
    answer: z.object({ closed: z.int() }),
    example:
      '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c2-8b1f-7e02-8f54-2b7e0d6a4c21 --kind contracts --numbers C-1,C-2',
  },
  'subscription.set': {
    noun: 'subscription',
    verb: 'set',
    method: 'post',
    path: SUBSCRIPTIONS,
    summary: 'Sets a further limit for an organization on its own customer account; several add up.',
    needs: 'limits.write',
    body: newSubscription,
    answer: subscription,
    status: 201,
    refusals: ['unknown_application', 'unknown_value'],
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 --input subscription.json',
  },
  'subscription.change': {
    noun: 'subscription',
    verb: 'change',
    method: 'put',
    path: `${SUBSCRIPTIONS}/{subscription}`,
    summary: 'Replaces the values and dates of a subscription; its customer account and application stay.',
    needs: 'limits.write',
    body: newSubscription,
    answer: subscription,
    refusals: ['unknown_application', 'unknown_value'],
    example:
      '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c2-9c02-7b3d-a1e6-5f0c9b8d7e32 --input subscription.json',
  },
  'subscription.list': {
    noun: 'subscription',
    verb: 'list',
    method: 'get',
    path: SUBSCRIPTIONS,
    summary: 'Lists the subscriptions of an organization that were not ended.',
    needs: 'limits.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(subscription),
    columns: ['id', 'customerAccountId', 'application', 'validFrom', 'validUntil'],
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10',
  },
  'subscription.end': {
    noun: 'subscription',
    verb: 'end',
    method: 'delete',
    path: `${SUBSCRIPTIONS}/{subscription}`,
    summary:
      'Ends a subscription: what it alone allowed is gone at once, also from those who received a mandate on it.',
    needs: 'limits.write',
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c2-9c02-7b3d-a1e6-5f0c9b8d7e32',
  },
});
