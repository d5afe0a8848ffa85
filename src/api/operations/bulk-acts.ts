// One act on many people: weighed, confirmed, worked off in the background.
import { z } from 'zod';
import { BULK_ACTS, MOST_PEOPLE } from '../../bulk-acts/bulk-act-kinds.ts';
import { operations } from '../operation.ts';
import { instant, pageOf, pageQuery } from '../shapes.ts';

const bulkAct = z
  .object({
    id: z.string(),
    act: z.enum(BULK_ACTS),
    state: z.enum(['checked', 'running', 'finished']).meta({ description: '`checked` waits to be confirmed.' }),
    people: z.int(),
    waiting: z.int(),
    done: z.int(),
    refused: z.int(),
    createdAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
  })
  .meta({ id: 'BulkAct' });

const STATES = ['waiting', 'done', 'refused'] as const;

const bulkPerson = z
  .object({
    userId: z.string(),
    userName: z.string(),
    name: z.string(),
    state: z.enum(STATES),
    code: z
      .string()
      .nullable()
      .meta({ description: 'Why not: a code of a refusal, or `already` where there is nothing to do.' }),
  })
  .meta({ id: 'BulkPerson' });

const ACTS = '/organizations/{organization}/bulk-acts';
const FLAG = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const EXAMPLE = `${FLAG} 019391c5-4b2c-7d3e-9a10-2f3a4b5c6d7e`;

export const bulkActOperations = operations({
  'bulk-act.create': {
    noun: 'bulk-act',
    verb: 'create',
    method: 'post',
    path: ACTS,
    summary: 'Weighs deactivating, reactivating or inviting many users. Nothing is done to anybody yet.',
    needs: 'users.write',
    body: z.strictObject({
      act: z.enum(BULK_ACTS),
      userIds: z.array(z.string()).min(1).max(MOST_PEOPLE),
    }),
    answer: bulkAct,
    status: 201,
    example: `${FLAG} --input people.json`,
  },
  'bulk-act.get': {
    noun: 'bulk-act',
    verb: 'get',
    method: 'get',
    path: `${ACTS}/{bulkAct}`,
    summary: 'Reads an act on many users and how far it is.',
    needs: 'users.read',
    answer: bulkAct,
    example: EXAMPLE,
  },
  'bulk-act.confirm': {
    noun: 'bulk-act',
    verb: 'confirm',
    method: 'post',
    path: `${ACTS}/{bulkAct}/confirm`,
    summary: 'Begins the act for those for whom it is possible, each in a transaction of his own, in the background.',
    needs: 'users.write',
    answer: bulkAct,
    refusals: ['conflict'],
    example: EXAMPLE,
  },
  'bulk-act-person.list': {
    noun: 'bulk-act-person',
    verb: 'list',
    method: 'get',
    path: `${ACTS}/{bulkAct}/people`,
    summary: 'Lists the users of an act and what became of each.',
    needs: 'users.read',
    query: z.strictObject({ ...pageQuery, state: z.enum(STATES).optional() }),
    answer: pageOf(bulkPerson),
    columns: ['userName', 'name', 'state', 'code'],
    example: EXAMPLE,
  },
});
