// Moving a customer account to another organization, and what that would do.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { id } from '../shapes.ts';

const ORGANIZATION = '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const ACCOUNT = '019391c2-8b6f-7d22-8b74-1d608b3fa021';
const ORG = '/organizations/{organization}';
const effectOnAccount = z.object({
  assignments: z.int(),
  roleEntitlements: z.int(),
  administrationRights: z.int(),
  mandates: z.int(),
  resources: z.int(),
  subscriptions: z.int(),
});

export const accountMoveOperations = operations({
  'customer-account.move-effect': {
    noun: 'customer-account',
    verb: 'move-effect',
    method: 'get',
    path: `${ORG}/customer-accounts/{customerAccount}/move`,
    summary: 'Counts what would end and what would go along if the customer account moved.',
    needs: 'organizations.read',
    answer: effectOnAccount,
    example: `--organization ${ORGANIZATION} ${ACCOUNT}`,
  },
  'customer-account.move': {
    noun: 'customer-account',
    verb: 'move',
    method: 'post',
    path: `${ORG}/customer-accounts/{customerAccount}/move`,
    summary: 'Moves a customer account to another organization; what is held on it ends.',
    needs: 'organizations.write',
    body: z.strictObject({
      toOrganizationId: id,
      endRights: z.boolean().meta({ description: 'Without it an account on which somebody holds something stays.' }),
    }),
    answer: z.object({ id: z.string(), number: z.string(), name: z.string(), address: z.string() }),
    refusals: ['conflict', 'still_in_use'],
    example: `--organization ${ORGANIZATION} ${ACCOUNT} --to-organization-id 019391c2-7a5e-7c11-9a63-0c5f7a2f9f11 --end-rights`,
  },
});
