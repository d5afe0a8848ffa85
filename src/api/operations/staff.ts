// The operator's own people and their roles.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { appointed, newPerson } from './person-parts.ts';

const ROLES = ['owner', 'support', 'catalogue', 'security', 'auditor'] as const;

export const staffOperations = operations({
  'staff.list': {
    noun: 'staff',
    verb: 'list',
    method: 'get',
    path: '/staff',
    summary: "Lists the operator's people with their roles.",
    needs: 'staff.read',
    answer: z.object({ items: z.array(appointed.extend({ roles: z.array(z.enum(ROLES)) })) }),
    example: '',
  },
  'staff.create': {
    noun: 'staff',
    verb: 'create',
    method: 'post',
    path: '/staff',
    summary: 'Makes a member of staff and invites him.',
    needs: 'staff.write',
    body: newPerson.extend({ roles: z.array(z.enum(ROLES)).min(1).max(5) }),
    answer: z.object({ id: z.string() }),
    status: 201,
    refusals: ['uniqueness'],
    example: '--given-name Anna --family-name Peeters --email anna@example.org --language nl --roles support',
  },
  'staff.set-roles': {
    noun: 'staff',
    verb: 'set-roles',
    method: 'put',
    path: '/staff/{user}/roles',
    summary: 'Sets the roles of a member of staff; none takes all of them away.',
    needs: 'staff.write',
    body: z.strictObject({ roles: z.array(z.enum(ROLES)).max(5) }),
    refusals: ['self_assignment', 'last_owner'],
    example: '019391c2-9c02-7b3d-a1e6-5f0c9b8d7e32 --roles auditor',
  },
});
