// Companies that ask to be admitted, and what is decided about them.
import { z } from 'zod';
import { LANGUAGES } from '../../applications/application.ts';
import { operations } from '../operation.ts';
import { instant, pageOf, pageQuery, text } from '../shapes.ts';

const REGISTRATION = '019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const by = z.object({ label: z.string() }).nullable();
const registration = z
  .object({
    id: z.string(),
    company: z.string(),
    customerNumber: z.string(),
    proof: z.string(),
    givenName: z.string(),
    familyName: z.string(),
    email: z.string(),
    phone: z.string(),
    language: z.enum(LANGUAGES),
    applications: z.array(z.string()),
    state: z.enum(['unconfirmed', 'pending', 'forwarded', 'approved', 'denied', 'expired']),
    createdAt: instant,
    confirmedAt: instant.nullable(),
    decidedAt: instant.nullable(),
    decidedBy: by,
    note: z.string().nullable(),
    admittedId: z.string().nullable().meta({ description: 'The organization that it became.' }),
  })
  .meta({ id: 'Registration' });

export const registrationOperations = operations({
  'registration.list': {
    noun: 'registration',
    verb: 'list',
    method: 'get',
    path: '/registrations',
    summary: 'Lists companies that ask to be admitted; those that wait the oldest first, the others the newest first.',
    needs: 'registrations.read',
    query: z.strictObject({
      state: z
        .enum(['pending', 'forwarded', 'approved', 'denied'])
        .optional()
        .meta({ description: 'pending without it.' }),
      ...pageQuery,
    }),
    answer: pageOf(registration),
    columns: ['id', 'company', 'customerNumber', 'email', 'state', 'confirmedAt'],
    example: '--state pending',
  },
  'registration.get': {
    noun: 'registration',
    verb: 'get',
    method: 'get',
    path: '/registrations/{registration}',
    summary: 'Reads a registration.',
    needs: 'registrations.read',
    answer: registration,
    example: REGISTRATION,
  },
  'registration.approve': {
    noun: 'registration',
    verb: 'approve',
    method: 'post',
    path: '/registrations/{registration}/approve',
    summary:
      'Admits the company: organization, customer account, subscriptions and a chief administrator with an invitation.',
    needs: 'registrations.write',
    body: z.strictObject({
      note: text(1000).meta({ description: 'What was checked, and how.' }),
      company: text(200).optional(),
      customerNumber: text(64).optional(),
      applications: z.array(text(64)).max(100).optional(),
    }),
    answer: z.object({ organizationId: z.string(), customerAccountId: z.string(), userId: z.string() }),
    refusals: ['conflict', 'uniqueness', 'unknown_application'],
    example: `${REGISTRATION} --note "called the number on the contract"`,
  },
  'registration.deny': {
    noun: 'registration',
    verb: 'deny',
    method: 'post',
    path: '/registrations/{registration}/deny',
    summary: 'Denies it; the reason goes to the asker by mail.',
    needs: 'registrations.write',
    body: z.strictObject({ reason: text(1000) }),
    refusals: ['conflict'],
    example: `${REGISTRATION} --reason "this number belongs to somebody else"`,
  },
});
