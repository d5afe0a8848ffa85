// Groups of an organization and who is in them. A directory's own groups are changed by the directory alone.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { id, instant, pageOf, pageQuery, text } from '../shapes.ts';

const group = z
  .object({
    id: z.string(),
    displayName: z.string(),
    externalId: z.string().nullable(),
    version: z.int(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Group' });

const members = z.array(id).max(1000);
const GROUPS = '/organizations/{organization}/groups';
const EXAMPLE = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c3-5e88-7a04-91cd-7d2e3f4a5b64';
const GIVING = [
  'grantor_lacks_right',
  'group_not_opened',
  'group_cycle',
  'group_too_deep',
  'directory_owned',
  'too_many',
] as const;

export const groupOperations = operations({
  'group.create': {
    noun: 'group',
    verb: 'create',
    method: 'post',
    path: GROUPS,
    summary: 'Creates a group, with its first members where they are given.',
    needs: 'users.write',
    body: z.strictObject({ displayName: text(256), externalId: text(256).optional(), members: members.optional() }),
    answer: group,
    status: 201,
    refusals: GIVING,
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 --display-name Mailroom',
  },
  'group.list': {
    noun: 'group',
    verb: 'list',
    method: 'get',
    path: GROUPS,
    summary: 'Lists the groups of an organization, the oldest first.',
    needs: 'users.read',
    query: z.strictObject({
      displayName: text(256).optional().meta({ description: 'Exactly this name, whatever the case.' }),
      ...pageQuery,
    }),
    answer: pageOf(group),
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10',
  },
  'group.search': {
    noun: 'group',
    verb: 'search',
    method: 'get',
    path: `${GROUPS}/search`,
    summary: 'Lists groups by name, with how many people are in each and whether it gives rights.',
    needs: 'users.read',
    query: z.strictObject({
      name: text(256).optional().meta({ description: 'A part of the name, whatever the case.' }),
      source: z.enum(['own', 'directory']).optional().meta({ description: 'Filled by hand, or by a directory.' }),
      ...pageQuery,
      // It holds a whole name.
      after: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,2000}$/, 'must be the `next` of the page before')
        .optional()
        .meta({ description: 'The `next` of the page before.' }),
    }),
    answer: pageOf(
      z
        .object({
          id: z.string(),
          name: z.string(),
          directory: z.string().nullable().meta({ description: 'The directory that fills it.' }),
          members: z.int().meta({ description: 'People directly in it; 10,001 stands for more.' }),
          nested: z.int(),
          carries: z.boolean().meta({ description: 'It gives rights by itself.' }),
          opened: z.boolean().meta({ description: 'A directory may put people into it.' }),
        })
        .meta({ id: 'FoundGroup' }),
    ),
    columns: ['name', 'directory', 'members', 'carries'],
    example: '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 --name mail',
  },
  'group.get': {
    noun: 'group',
    verb: 'get',
    method: 'get',
    path: `${GROUPS}/{group}`,
    summary: 'Reads a group without its members.',
    needs: 'users.read',
    answer: group,
    example: EXAMPLE,
  },
  'group.change': {
    noun: 'group',
    verb: 'change',
    method: 'patch',
    path: `${GROUPS}/{group}`,
    summary: 'Changes the name of a group.',
    needs: 'users.write',
    body: z.strictObject({ displayName: text(256) }),
    answer: group,
    refusals: ['conflict', 'directory_owned'],
    example: `${EXAMPLE} --display-name "Mailroom Brussels"`,
  },
  'group.delete': {
    noun: 'group',
    verb: 'delete',
    method: 'delete',
    path: `${GROUPS}/{group}`,
    summary: 'Deletes a group; what it gave its members ends with it.',
    needs: 'users.write',
    refusals: ['revocation_off', 'directory_owned'],
    example: EXAMPLE,
  },
  'member.list': {
    noun: 'member',
    verb: 'list',
    method: 'get',
    path: `${GROUPS}/{group}/members`,
    summary: 'Lists the members of a group: users by id, then groups by id.',
    needs: 'users.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(z.object({ id: z.string(), kind: z.enum(['user', 'group']), displayName: z.string().nullable() })),
    example: EXAMPLE,
  },
  'member.change': {
    noun: 'member',
    verb: 'change',
    method: 'post',
    path: `${GROUPS}/{group}/members`,
    summary:
      'Adds and removes members, users or groups, in one act. Joining a group that carries rights is giving them.',
    needs: 'rights.write',
    body: z.strictObject({ add: members.optional(), remove: members.optional() }),
    answer: group,
    refusals: [...GIVING, 'revocation_off', 'conflict'],
    example: `${EXAMPLE} --add 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53`,
  },
});
