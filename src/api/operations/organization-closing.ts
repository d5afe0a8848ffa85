// Closing an organization for good, which takes a second person, and what hangs on it.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { text } from '../shapes.ts';

const ORGANIZATION = '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const ORG = '/organizations/{organization}';
const reason = z.strictObject({ reason: text(500) });

export const organizationClosingOperations = operations({
  'organization.effect': {
    noun: 'organization',
    verb: 'effect',
    method: 'get',
    path: `${ORG}/effect`,
    summary: 'Counts what hangs on an organization, before it is suspended or closed.',
    needs: 'organizations.read',
    answer: z.object({
      users: z.int(),
      sessions: z.int(),
      connections: z.int(),
      accounts: z.int(),
      mandatesGiven: z.int(),
      mandatesReceived: z.int(),
    }),
    example: ORGANIZATION,
  },
  'organization.close': {
    noun: 'organization',
    verb: 'close',
    method: 'post',
    path: `${ORG}/close`,
    summary: 'Asks to close an organization for good; a second person confirms it.',
    needs: 'organizations.close',
    body: reason,
    refusals: ['conflict', 'not_permitted'],
    example: `${ORGANIZATION} --reason "merged into another company"`,
  },
  'organization.confirm-close': {
    noun: 'organization',
    verb: 'confirm-close',
    method: 'post',
    path: `${ORG}/close/confirm`,
    summary: 'Confirms, as a second person, that an organization is closed for good.',
    needs: 'organizations.close',
    refusals: ['four_eyes', 'conflict'],
    example: ORGANIZATION,
  },
  'organization.refuse-close': {
    noun: 'organization',
    verb: 'refuse-close',
    method: 'post',
    path: `${ORG}/close/refuse`,
    summary: 'Refuses, or takes back, the closing that was asked for.',
    needs: 'organizations.close',
    example: ORGANIZATION,
  },
});
