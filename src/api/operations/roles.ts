// Roles of an organization and what they give.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { actor, instant, optionalText, pageOf, pageQuery, span, spanAnswer, text } from '../shapes.ts';
import { ACCEPTANCE, entitlement, entitlementAnswer, FLAG, GIVING, ORGANIZATION, TAKING } from './entitlement-parts.ts';

const role = z.object({ id: z.string(), name: z.string(), description: z.string() }).meta({ id: 'Role' });
const roleEntitlement = z
  .object({ id: z.string(), ...entitlementAnswer, ...spanAnswer })
  .meta({ id: 'RoleEntitlement' });

const consent = z
  .boolean()
  .optional()
  .meta({ description: 'Whomever a directory puts into a group that has the role gets it.' });
const holder = z
  .object({
    assignmentId: z.string(),
    kind: z.enum(['user', 'group']),
    id: z.string(),
    name: z.string(),
    active: z.boolean(),
    givenBy: actor,
    givenAt: instant,
    validFrom: instant.nullable(),
    validUntil: instant.nullable(),
  })
  .meta({ id: 'RoleHolder' });

const ROLE = `${FLAG} 019391c4-0a1b-7c2d-8e3f-8c9d0e1f2a75`;

export const roleOperations = operations({
  'role.create': {
    noun: 'role',
    verb: 'create',
    method: 'post',
    path: `${ORGANIZATION}/roles`,
    summary: 'Makes a role; it gives nothing yet.',
    needs: 'rights.write',
    body: z.strictObject({ name: text(100), description: optionalText(500).optional() }),
    answer: role,
    status: 201,
    refusals: ['uniqueness'],
    example: `${FLAG} --name Depositor`,
  },
  'role.list': {
    noun: 'role',
    verb: 'list',
    method: 'get',
    path: `${ORGANIZATION}/roles`,
    summary: 'Lists the roles of an organization, by name.',
    needs: 'rights.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(role),
    example: FLAG,
  },
  'role.get': {
    noun: 'role',
    verb: 'get',
    method: 'get',
    path: `${ORGANIZATION}/roles/{role}`,
    summary: 'Reads a role.',
    needs: 'rights.read',
    answer: role,
    example: ROLE,
  },
  'role.change': {
    noun: 'role',
    verb: 'change',
    method: 'patch',
    path: `${ORGANIZATION}/roles/{role}`,
    summary: 'Changes the name or the description of a role.',
    needs: 'rights.write',
    body: z.strictObject({ name: text(100).optional(), description: optionalText(500).optional() }),
    answer: role,
    refusals: ['uniqueness'],
    example: `${ROLE} --name Mailer`,
  },
  'role.end': {
    noun: 'role',
    verb: 'end',
    method: 'delete',
    path: `${ORGANIZATION}/roles/{role}`,
    summary: 'Ends a role and every assignment of it.',
    needs: 'rights.write',
    refusals: TAKING,
    example: ROLE,
  },
  'role-entitlement.add': {
    noun: 'role-entitlement',
    verb: 'add',
    method: 'post',
    path: `${ORGANIZATION}/roles/{role}/entitlements`,
    summary: 'Adds entitlements to a role, all or none; everybody who has the role gains them.',
    needs: 'rights.write',
    body: z.strictObject({
      entitlements: z
        .array(z.strictObject({ ...entitlement, ...span }))
        .min(1)
        .max(64),
      consent,
    }),
    answer: z.object({ items: z.array(roleEntitlement) }),
    status: 201,
    refusals: [...ACCEPTANCE, ...GIVING],
    example: `${ROLE} --input entitlements.json`,
  },
  'role-entitlement.list': {
    noun: 'role-entitlement',
    verb: 'list',
    method: 'get',
    path: `${ORGANIZATION}/roles/{role}/entitlements`,
    summary: 'Lists what a role gives and has not ended.',
    needs: 'rights.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(roleEntitlement),
    example: ROLE,
  },
  'role-entitlement.replace': {
    noun: 'role-entitlement',
    verb: 'replace',
    method: 'put',
    path: `${ORGANIZATION}/role-entitlements/{roleEntitlement}`,
    summary: 'Puts another entitlement in the place of one of a role, in one act; the new one has an id of its own.',
    needs: 'rights.write',
    body: z.strictObject({ ...entitlement, ...span, consent }),
    answer: roleEntitlement,
    refusals: [...ACCEPTANCE, ...GIVING, ...TAKING],
    example: `${FLAG} 019391c4-2b3c-7d4e-9f50-9d0e1f2a3b86 --input entitlement.json`,
  },
  'role-entitlement.end': {
    noun: 'role-entitlement',
    verb: 'end',
    method: 'delete',
    path: `${ORGANIZATION}/role-entitlements/{roleEntitlement}`,
    summary: 'Ends one entitlement of a role.',
    needs: 'rights.write',
    refusals: TAKING,
    example: `${FLAG} 019391c4-2b3c-7d4e-9f50-9d0e1f2a3b86`,
  },
  'role-holder.list': {
    noun: 'role-holder',
    verb: 'list',
    method: 'get',
    path: `${ORGANIZATION}/roles/{role}/holders`,
    summary: 'Lists the users and groups to whom a role was given, the oldest first.',
    needs: 'rights.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(holder),
    columns: ['assignmentId', 'kind', 'id', 'name', 'validUntil'],
    example: ROLE,
  },
});
