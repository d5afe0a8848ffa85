// Requests for access: asked for somebody, answered, and those that wait for the operator because nobody in their
// organization can answer them.
import { z } from 'zod';
import { REQUEST_STATES } from '../../requests/request-states.ts';
import { operations } from '../operation.ts';
import { actor, id, instant, pageOf, pageQuery, span, text, values } from '../shapes.ts';
import { ACCEPTANCE, entitlement, FLAG, GIVING, ORGANIZATION } from './entitlement-parts.ts';

const wanted = z.record(z.string(), z.array(z.string()));

const request = z
  .object({
    id: z.string(),
    userId: z.string(),
    askerUserName: z.string(),
    application: z.string(),
    customerAccountId: z.string().nullable(),
    customerNumber: z.string().nullable(),
    accountText: z.string().meta({ description: 'What the asker typed for the customer account.' }),
    wanted: wanted.meta({ description: 'The values that the asker chose, by list of the application.' }),
    wantedText: z.string(),
    reason: z.string(),
    state: z.enum(REQUEST_STATES),
    askedAt: instant,
    expiresAt: instant,
    operatorSince: instant.nullable().meta({ description: 'Since when nobody in the organization can answer it.' }),
    decidedAt: instant.nullable(),
    decidedBy: actor.nullable(),
    answer: z.string(),
    assignments: z.array(z.string()).meta({ description: 'Assignments that the approval made.' }),
  })
  .meta({ id: 'AccessRequest' });

const queued = z
  .object({
    id: z.string(),
    organizationId: z.string(),
    organizationName: z.string(),
    userId: z.string(),
    askerUserName: z.string(),
    application: z.string(),
    customerNumber: z.string().nullable(),
    accountText: z.string(),
    reason: z.string(),
    askedAt: instant,
    expiresAt: instant,
  })
  .meta({ id: 'QueuedRequest' });

/** Words of a person: lines may stand in them. */
const words = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^(\P{Cc}|[\n\r\t])*$/u, 'must be printable')
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode');
const saying = (most: number) => words(most).regex(/\S/, 'must not be blank');

const REQUESTS = `${ORGANIZATION}/requests`;
const ONE = '019391c7-7788-799a-8bbc-f36e7f8091ec';
const COLUMNS = ['id', 'askerUserName', 'application', 'customerNumber', 'state', 'askedAt'];

export const requestOperations = operations({
  'request.ask': {
    noun: 'request',
    verb: 'ask',
    method: 'post',
    path: REQUESTS,
    summary: 'Asks for access in the name of a person; those who could give it are told.',
    needs: 'rights.write',
    body: z.strictObject({
      userId: id,
      application: text(64),
      customerAccountId: id.optional(),
      accountText: words(200).optional(),
      wanted: values.optional(),
      wantedText: words(1000).optional(),
      reason: saying(1000),
    }),
    answer: request,
    status: 201,
    refusals: ['unknown_application', 'unknown_value', 'already_held', 'already_asked', 'too_many', 'not_permitted'],
    example: `${FLAG} --input request.json`,
  },
  'request.list': {
    noun: 'request',
    verb: 'list',
    method: 'get',
    path: REQUESTS,
    summary:
      'Lists the requests of an organization: those that wait, oldest first, or those that ended, youngest first.',
    needs: 'rights.read',
    query: z.strictObject({
      view: z.enum(['waiting', 'decided']).optional().meta({ description: 'Which of them; waiting without it.' }),
      application: text(64).optional().meta({ description: 'Only those for this application.' }),
      ...pageQuery,
    }),
    answer: pageOf(request),
    columns: COLUMNS,
    example: `${FLAG} --view waiting`,
  },
  'request.get': {
    noun: 'request',
    verb: 'get',
    method: 'get',
    path: `${REQUESTS}/{request}`,
    summary: 'Reads a request.',
    needs: 'rights.read',
    answer: request,
    example: `${FLAG} ${ONE}`,
  },
  'request.approve': {
    noun: 'request',
    verb: 'approve',
    method: 'post',
    path: `${REQUESTS}/{request}/approve`,
    summary: 'Gives what is asked for, or part of it, and closes the request in the same act.',
    needs: 'rights.write',
    body: z.strictObject({
      gifts: z
        .array(z.union([z.strictObject({ ...entitlement, ...span }), z.strictObject({ roleId: id, ...span })]))
        .min(1)
        .max(64),
      inPart: z
        .boolean()
        .optional()
        .meta({ description: 'It is less than was asked for; judged by the chosen values without it.' }),
      answer: words(1000).optional().meta({ description: 'What the asker is told beside.' }),
    }),
    answer: request,
    refusals: [...ACCEPTANCE, ...GIVING, 'conflict'],
    example: `${FLAG} ${ONE} --input approval.json`,
  },
  'request.deny': {
    noun: 'request',
    verb: 'deny',
    method: 'post',
    path: `${REQUESTS}/{request}/deny`,
    summary: 'Refuses a request with a reason, which the asker is told.',
    needs: 'rights.write',
    body: z.strictObject({ answer: saying(1000) }),
    answer: request,
    refusals: ['conflict'],
    example: `${FLAG} ${ONE} --answer "Deposits are made by the dispatch team."`,
  },
  'request.cancel': {
    noun: 'request',
    verb: 'cancel',
    method: 'post',
    path: `${REQUESTS}/{request}/cancel`,
    summary: 'Takes a request back for the person who asked.',
    needs: 'rights.write',
    answer: request,
    refusals: ['conflict'],
    example: `${FLAG} ${ONE}`,
  },
  'request.queue': {
    noun: 'request',
    verb: 'queue',
    method: 'get',
    path: '/requests/operator-queue',
    summary: 'Lists requests over all organizations that nobody there can answer, the oldest first.',
    needs: 'rights.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(queued),
    columns: ['id', 'organizationName', 'askerUserName', 'application', 'askedAt', 'expiresAt'],
    example: '--limit 20',
  },
});
