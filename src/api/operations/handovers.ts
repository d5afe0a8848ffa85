// Existing users and groups that pass to a directory, with their ids and rights. Nobody passes unasked.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { id, pageOf, pageQuery, text } from '../shapes.ts';

const CONNECTION = '/organizations/{organization}/connections/{connection}';
const EXAMPLE = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10 019391c5-1122-7334-8556-c03b4c5d6eb9';
const FROM =
  "The connection whose place this one takes; absent: the organization's own, also those of ended connections.";
const search = text(200).optional();
const ids = z.array(id).max(1000).optional();

export const handoverOperations = operations({
  'handover-user.list': {
    noun: 'handover-user',
    verb: 'list',
    method: 'get',
    path: `${CONNECTION}/handover-users`,
    summary: 'Lists the persons who could pass to a connection, by username.',
    needs: 'provisioning.read',
    query: z.strictObject({
      from: id.optional().meta({ description: FROM }),
      search: search.meta({ description: 'A part of the username or e-mail address.' }),
      ...pageQuery,
    }),
    answer: pageOf(
      z
        .object({
          id: z.string(),
          userName: z.string(),
          name: z.string().nullable(),
          email: z.string().nullable(),
          active: z.boolean(),
        })
        .meta({ id: 'HandoverUser' }),
    ),
    example: `${EXAMPLE} --search noordzee.example`,
  },
  'handover-group.list': {
    noun: 'handover-group',
    verb: 'list',
    method: 'get',
    path: `${CONNECTION}/handover-groups`,
    summary: 'Lists the groups that could pass to a connection, by name.',
    needs: 'provisioning.read',
    query: z.strictObject({
      from: id.optional().meta({ description: FROM }),
      search: search.meta({ description: 'A part of the name.' }),
      ...pageQuery,
    }),
    answer: pageOf(
      z
        .object({ id: z.string(), displayName: z.string(), externalId: z.string().nullable() })
        .meta({ id: 'HandoverGroup' }),
    ),
    example: EXAMPLE,
  },
  'handover.create': {
    noun: 'handover',
    verb: 'create',
    method: 'post',
    path: `${CONNECTION}/handovers`,
    summary:
      'Hands users and groups over: from then on the connection alone changes them. Ids and rights stay; all or nothing.',
    needs: 'provisioning.write',
    body: z.strictObject({ from: id.nullable().optional().meta({ description: FROM }), userIds: ids, groupIds: ids }),
    answer: z.object({
      users: z.int().meta({ description: 'How many passed; who belonged to it already is not counted.' }),
      groups: z.int(),
    }),
    refusals: [
      'too_many',
      'not_permitted',
      'rank_too_low',
      'target_holds_more',
      'grantor_lacks_right',
      'outlasts_ceiling',
    ],
    example: `${EXAMPLE} --user-ids 019391c3-1d47-7f60-b8a9-6e1d2c3b4a53`,
  },
});
