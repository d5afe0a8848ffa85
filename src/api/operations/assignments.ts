// Who may do what: assignments to users and groups, administration rights, and what a user holds at this moment with
// its causes.
import { z } from 'zod';
import type { AdministrationRight } from '../../entitlements/administration-rights-of.ts';
import { operations } from '../operation.ts';
import { actor, id, instant, pageOf, pageQuery, span, spanAnswer, text, valuesAnswer } from '../shapes.ts';
import { ACCEPTANCE, entitlement, entitlementAnswer, FLAG, GIVING, ORGANIZATION, TAKING } from './entitlement-parts.ts';

/** Complete by its type; the list itself stands beside statements that the command line must not load. */
const ADMINISTRATION_RIGHTS = {
  chief_administrator: 'chief_administrator',
  manage_administrators: 'manage_administrators',
  manage_users: 'manage_users',
  recover_password: 'recover_password',
  ftp_access: 'ftp_access',
  view_account_settings: 'view_account_settings',
  manage_account_settings: 'manage_account_settings',
} as const satisfies { [Name in AdministrationRight]: Name };

const subjectKind = z.enum(['user', 'group']);

const assignment = z
  .object({
    id: z.string(),
    subjectKind,
    subjectId: z.string(),
    roleId: z.string().nullable().meta({ description: 'The role that is given; null where it is an entitlement.' }),
    application: z.string().nullable(),
    customerAccountId: z.string().nullable(),
    profile: z.string().nullable(),
    values: valuesAnswer.nullable(),
    ...spanAnswer,
    givenBy: actor,
    givenAt: instant,
  })
  .meta({ id: 'Assignment' });

const gift = z.union([z.strictObject({ ...entitlement, ...span }), z.strictObject({ roleId: id, ...span })], {
  error:
    'must be an entitlement {application, customerAccountId, profile, values, validFrom, validUntil} or a role {roleId, validFrom, validUntil}',
});

const heldRight = z
  .object({
    id: z.string(),
    name: z.enum(ADMINISTRATION_RIGHTS),
    customerAccountId: z.string().nullable(),
    validUntil: instant.nullable(),
    groupId: z
      .string()
      .nullable()
      .meta({ description: 'The group that carries it; null: given to the person himself.' }),
  })
  .meta({ id: 'AdministrationRight' });

const cause = z.object({
  assignmentId: z.string(),
  givenBy: actor,
  givenAt: instant,
  ...spanAnswer,
  groupPath: z.array(z.object({ id: z.string(), name: z.string() })),
  role: z.object({ id: z.string(), name: z.string() }).nullable(),
  mandates: z.array(z.string()),
});
const held = {
  ...entitlementAnswer,
  customerAccountNumber: z.string().nullable(),
  ...spanAnswer,
  causes: z.array(cause),
};

const effective = z
  .object({
    at: instant,
    effective: z.array(
      z.object({
        ...held,
        for: z
          .object({ organizationId: z.string(), via: z.array(z.string()) })
          .nullable()
          .meta({ description: 'The organization on whose customer account he acts, by which mandates.' }),
      }),
    ),
    withheld: z.array(
      z.object({
        ...held,
        code: z.string().meta({ description: 'Why it has no effect.' }),
        dimension: z.string().nullable().meta({ description: 'The list whose values dropped out.' }),
      }),
    ),
  })
  .meta({ id: 'EffectiveEntitlements' });

const combination = z.object({ ...entitlementAnswer, ...spanAnswer });
const giving = z.strictObject({
  subjectKind,
  subjectId: id,
  gifts: z.array(gift).min(1).max(64),
  consent: z
    .boolean()
    .optional()
    .meta({ description: 'Needed for a group that a directory fills: whomever it puts in gets these rights.' }),
});

const givingToMany = z.strictObject({
  userIds: z.array(id).min(1).max(500),
  gifts: z.array(gift).min(1).max(64),
});

const outcome = z
  .object({
    userId: z.string(),
    gifts: z
      .array(z.int())
      .meta({ description: 'Which of the gifts he gets, counted from 0: what he was given before is left out.' }),
    already: z.boolean().meta({ description: 'All of it was given to him before.' }),
    code: z.string().nullable().meta({ description: 'Why he gets nothing; null: he gets it, or has it already.' }),
    message: z.string().nullable(),
    gained: z.array(combination).meta({ description: 'Combinations that he has besides from this moment on.' }),
    withheld: z.array(z.string()).meta({ description: 'Why something of it has no effect at this moment.' }),
    reported: z.array(z.object({ between: z.record(z.string(), z.string()), customerAccountId: z.string() })).meta({
      description: 'What he would hold together that is not refused but reported: the pair in words, by language.',
    }),
  })
  .meta({ id: 'GivingOutcome' });

export const assignmentOperations = operations({
  'assignment.give': {
    noun: 'assignment',
    verb: 'give',
    method: 'post',
    path: `${ORGANIZATION}/assignments`,
    summary: 'Gives entitlements and roles to a user or a group, all or none.',
    needs: 'rights.write',
    body: giving,
    answer: z.object({ items: z.array(assignment) }),
    status: 201,
    refusals: [...ACCEPTANCE, ...GIVING],
    example: `${FLAG} --input assignment.json`,
  },
  'assignment.preview': {
    noun: 'assignment',
    verb: 'preview',
    method: 'post',
    path: `${ORGANIZATION}/assignments/preview`,
    summary: 'Says what giving would change, or why it is refused, and gives nothing.',
    needs: 'rights.read',
    body: giving,
    answer: z
      .object({
        gained: z.array(combination).meta({ description: 'Combinations that the user or group would have besides.' }),
        lost: z.array(combination),
        withheld: z.array(z.object({ ...entitlementAnswer, code: z.string() })).meta({
          description: 'What of the gifts would have no effect, and why.',
        }),
        reported: z
          .array(
            z.object({
              between: z.record(z.string(), z.string()).meta({ description: 'The pair in words, by language.' }),
              customerAccountId: id,
              people: z.int().min(1).meta({ description: 'Of the first 200 whom it reaches.' }),
              userId: id.meta({ description: 'The first of them.' }),
            }),
          )
          .meta({ description: 'What one person would hold together that is not refused but reported.' }),
      })
      .meta({ id: 'GivingPreview' }),
    refusals: [...ACCEPTANCE, ...GIVING],
    example: `${FLAG} --input assignment.json`,
  },
  'assignment.give-many': {
    noun: 'assignment',
    verb: 'give-many',
    method: 'post',
    path: `${ORGANIZATION}/assignments/many`,
    summary:
      'Gives the same to many users as one act: each who may have it gets it, for the others the answer says why not.',
    needs: 'rights.write',
    body: givingToMany,
    answer: z.object({ items: z.array(outcome) }),
    refusals: [...ACCEPTANCE, ...GIVING],
    example: `${FLAG} --input assignments.json`,
  },
  'assignment.preview-many': {
    noun: 'assignment',
    verb: 'preview-many',
    method: 'post',
    path: `${ORGANIZATION}/assignments/many/preview`,
    summary: 'Says for each of many users what giving would change or why it is refused, and gives nothing.',
    needs: 'rights.read',
    body: givingToMany,
    answer: z.object({ items: z.array(outcome) }),
    refusals: [...ACCEPTANCE, ...GIVING],
    example: `${FLAG} --input assignments.json`,
  },
  'assignment.list': {
    noun: 'assignment',
    verb: 'list',
    method: 'get',
    path: `${ORGANIZATION}/assignments`,
    summary: 'Lists what was given to one user or group itself and not ended.',
    needs: 'rights.read',
    query: z.strictObject({
      subjectKind,
      subjectId: id,
      expired: z.enum(['true', 'false']).optional().meta({ description: '`true`: also what has run out by its date.' }),
      ...pageQuery,
    }),
    answer: pageOf(assignment),
    columns: ['id', 'roleId', 'application', 'customerAccountId', 'profile', 'validFrom', 'validUntil'],
    example: `${FLAG} --subject-kind user --subject-id 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53`,
  },
  'assignment.get': {
    noun: 'assignment',
    verb: 'get',
    method: 'get',
    path: `${ORGANIZATION}/assignments/{assignment}`,
    summary: 'Reads an assignment that was not ended.',
    needs: 'rights.read',
    answer: assignment,
    example: `${FLAG} 019391c4-4d5e-7f60-a172-ae1f2a3b4c97`,
  },
  'assignment.end': {
    noun: 'assignment',
    verb: 'end',
    method: 'delete',
    path: `${ORGANIZATION}/assignments/{assignment}`,
    summary: 'Ends an assignment.',
    needs: 'rights.write',
    refusals: TAKING,
    example: `${FLAG} 019391c4-4d5e-7f60-a172-ae1f2a3b4c97`,
  },
  'administration-right.give': {
    noun: 'administration-right',
    verb: 'give',
    method: 'post',
    path: `${ORGANIZATION}/administration-rights`,
    summary:
      'Gives an administration right to a user or a group; one that he has already keeps its id and gets the new end.',
    needs: 'rights.write',
    body: z.strictObject({
      subjectKind,
      subjectId: id,
      name: z.enum(ADMINISTRATION_RIGHTS),
      customerAccountId: id
        .optional()
        .meta({ description: 'Only for view_account_settings and manage_account_settings.' }),
      validUntil: instant.nullable().optional(),
      consent: z.boolean().optional().meta({ description: 'Needed for a group that a directory fills.' }),
    }),
    answer: z.object({ id: z.string() }),
    status: 201,
    refusals: ['operator_feature_off', 'group_not_opened'],
    example: `${FLAG} --subject-kind user --subject-id 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53 --name chief_administrator`,
  },
  'administration-right.list': {
    noun: 'administration-right',
    verb: 'list',
    method: 'get',
    path: `${ORGANIZATION}/users/{user}/administration-rights`,
    summary: 'Lists the administration rights that a user holds, his own and those of his groups.',
    needs: 'rights.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(heldRight),
    example: `${FLAG} 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53`,
  },
  'administration-right.end': {
    noun: 'administration-right',
    verb: 'end',
    method: 'delete',
    path: `${ORGANIZATION}/administration-rights/{administrationRight}`,
    summary: 'Takes an administration right away.',
    needs: 'rights.write',
    refusals: ['last_chief'],
    example: `${FLAG} 019391c4-6f70-7182-b394-bf2a3b4c5da8`,
  },
  'entitlement.effective': {
    noun: 'entitlement',
    verb: 'effective',
    method: 'get',
    path: `${ORGANIZATION}/users/{user}/effective`,
    summary: 'Says what a user holds at this moment and why, and what he was given that has no effect and why not.',
    needs: 'rights.read',
    query: z.strictObject({ application: text(64).optional().meta({ description: 'Only this application.' }) }),
    answer: effective,
    refusals: ['unknown_application'],
    example: `${FLAG} 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53 --application emasspost`,
  },
});
