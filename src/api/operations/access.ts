// Who can do something, and substitutions: what a person holds, given to a colleague for some days.
import { z } from 'zod';
import { DIMENSIONS } from '../../applications/application.ts';
import { operations } from '../operation.ts';
import { actor, id, instant, pageOf, pageQuery, text, valuesAnswer } from '../shapes.ts';
import { entitlement, entitlementAnswer, FLAG, ORGANIZATION } from './entitlement-parts.ts';

const way = z.object({
  assignmentId: z.string(),
  givenBy: actor,
  givenAt: instant,
  groupPath: z.array(z.object({ id: z.string(), name: z.string() })),
  role: z.object({ id: z.string(), name: z.string() }).nullable(),
  mandates: z.array(z.string()),
});

const person = z
  .object({
    userId: z.string(),
    userName: z.string(),
    name: z.string(),
    kind: z.enum(['person', 'service']),
    allowed: z.boolean().meta({ description: 'False: it was given and has no effect at this moment.' }),
    withheld: z.array(z.string()).meta({ description: 'Why something of it has no effect.' }),
    causes: z.array(way),
  })
  .meta({ id: 'PersonWithAccess' });

const gift = z.object({
  application: entitlement.application,
  customerAccountId: z.string(),
  profile: entitlementAnswer.profile,
  values: entitlementAnswer.values,
  validFrom: instant.nullable(),
  validUntil: instant.nullable(),
});

const substitution = z
  .object({
    id: z.string(),
    absentUserId: z.string(),
    substituteUserId: z.string(),
    validFrom: instant.nullable(),
    validUntil: instant,
    assignmentIds: z.array(z.string()),
    givenBy: actor,
    givenAt: instant,
  })
  .meta({ id: 'Substitution' });

const conflictSide = z.object({ application: z.string(), dimension: z.string(), value: z.string() });
const pastAccess = z
  .object({
    userId: z.string(),
    userName: z.string(),
    name: z.string(),
    active: z.boolean().meta({ description: 'Whether the person was active then.' }),
    groups: z
      .array(z.string())
      .meta({ description: 'From the own group up to the one it was given to; empty: to the person himself.' }),
    role: z.string().nullable(),
    application: z.string(),
    accountNumber: z.string().nullable(),
    profile: z.string().nullable(),
    values: valuesAnswer,
    validUntil: instant.nullable(),
    givenBy: z.object({ kind: z.string(), label: z.string() }),
    givenAt: instant,
  })
  .meta({ id: 'PastAccess' });

const SUBSTITUTIONS = `${ORGANIZATION}/substitutions`;
const asked = Object.fromEntries(DIMENSIONS.map((dimension) => [dimension, text(100).optional()])) as Record<
  (typeof DIMENSIONS)[number],
  z.ZodOptional<ReturnType<typeof text>>
>;

export const accessOperations = operations({
  'access.who-can': {
    noun: 'access',
    verb: 'who-can',
    method: 'get',
    path: `${ORGANIZATION}/access`,
    summary:
      'Lists everybody to whom something in an application was given, by username, each with every way and whether it has effect.',
    needs: 'rights.read',
    query: z.strictObject({
      application: text(64),
      customerAccountId: id.optional().meta({ description: 'On this customer account; any without it.' }),
      ...asked,
      ...pageQuery,
    }),
    answer: pageOf(person),
    columns: ['userName', 'name', 'allowed'],
    refusals: ['unknown_application'],
    example: `${FLAG} --application emasspost --rights create_deposit`,
  },
  'access.conflicts': {
    noun: 'access',
    verb: 'conflicts',
    method: 'get',
    path: `${ORGANIZATION}/access/conflicts`,
    summary:
      'Lists who holds rights at this moment that one person should not hold together on one customer account, as the catalogue names them.',
    needs: 'rights.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(
      z
        .object({
          userId: z.string(),
          userName: z.string(),
          name: z.string(),
          mode: z.enum(['report', 'refuse']),
          a: conflictSide,
          b: conflictSide,
          between: z.record(z.string(), z.string()).meta({ description: 'The pair in words, by language.' }),
          customerAccountId: z.string(),
          customerNumber: z.string().nullable(),
        })
        .meta({ id: 'ConflictingRights' }),
    ),
    columns: ['userName', 'name', 'customerNumber', 'mode'],
    example: FLAG,
  },
  'access.at': {
    noun: 'access',
    verb: 'at',
    method: 'get',
    path: `${ORGANIZATION}/access/at`,
    summary:
      'Lists what was given and valid at an instant, with the people it reached then; a page holds all rows of `limit` people.',
    needs: 'rights.read',
    query: z.strictObject({ at: instant.meta({ description: 'Now or before.' }), ...pageQuery }),
    answer: pageOf(pastAccess),
    columns: ['userName', 'application', 'accountNumber', 'role', 'givenAt'],
    example: `${FLAG} --at 2026-10-31T22:59:59Z`,
  },
  'substitution.give': {
    noun: 'substitution',
    verb: 'give',
    method: 'post',
    path: SUBSTITUTIONS,
    summary:
      'Gives what a person holds at this moment to a substitute for a span of time; what is refused is left out and named.',
    needs: 'rights.write',
    body: z.strictObject({
      absentUserId: id,
      substituteUserId: id,
      validFrom: instant.nullable().optional(),
      validUntil: instant,
    }),
    answer: z.object({
      substitution,
      given: z.array(gift),
      refused: z.array(z.object({ gift, code: z.string() })),
    }),
    status: 201,
    refusals: ['grantor_lacks_right', 'outlasts_ceiling', 'profile_conflict', 'separation_of_duties', 'too_many'],
    example: `${FLAG} --absent-user-id 019391c5-1d2e-7f3a-8b4c-5d6e7f8a9b0c --substitute-user-id 019391c5-1d2e-7f3a-8b4c-5d6e7f8a9b0d --valid-until 2030-01-31T12:00:00Z`,
  },
  'substitution.list': {
    noun: 'substitution',
    verb: 'list',
    method: 'get',
    path: SUBSTITUTIONS,
    summary: 'Lists the substitutions that run or are to come.',
    needs: 'rights.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(substitution),
    columns: ['id', 'absentUserId', 'substituteUserId', 'validUntil'],
    example: FLAG,
  },
  'substitution.end': {
    noun: 'substitution',
    verb: 'end',
    method: 'delete',
    path: `${SUBSTITUTIONS}/{substitution}`,
    summary: 'Ends a substitution before its date, with everything that it gave.',
    needs: 'rights.write',
    refusals: ['revocation_off', 'grantor_lacks_right'],
    example: `${FLAG} 019391c7-7788-799a-8bbc-f36e7f8091ec`,
  },
});
