// Access reviews: started, worked through row by row, closed; and the schedule by which they come.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { actor, instant, pageOf, pageQuery, text, valuesAnswer } from '../shapes.ts';
import { FLAG, ORGANIZATION } from './entitlement-parts.ts';

const day = z.iso.date('must be a day as 2030-01-31');

const review = z
  .object({
    id: z.string(),
    scope: z.enum(['all', 'group', 'application']),
    scopeId: z.string().nullable(),
    dueOn: z.string(),
    startedBy: actor,
    startedAt: instant,
    closedAt: instant.nullable(),
    closedBy: actor.nullable(),
    rows: z.int(),
    kept: z.int(),
    removed: z.int(),
  })
  .meta({ id: 'Review' });

const row = z
  .object({
    position: z.int(),
    assignmentId: z.string(),
    subjectKind: z.enum(['user', 'group']),
    subjectId: z.string(),
    subjectName: z.string(),
    roleId: z.string().nullable(),
    roleName: z.string().nullable(),
    application: z.string().nullable(),
    customerAccountId: z.string().nullable(),
    profile: z.string().nullable(),
    values: valuesAnswer.nullable(),
    validUntil: instant.nullable(),
    lastUsedOn: z.string().nullable(),
    unused: z.boolean().meta({ description: 'Given and not used for 90 days or more when the review began.' }),
    decision: z.enum(['keep', 'remove']).nullable(),
    decidedBy: actor.nullable(),
    decidedAt: instant.nullable(),
  })
  .meta({ id: 'ReviewRow' });

const schedule = z.object({ everyMonths: z.int(), nextOn: z.string() }).meta({ id: 'ReviewSchedule' });

const REVIEWS = `${ORGANIZATION}/reviews`;
const ONE = `${FLAG} 019391c7-7788-799a-8bbc-f36e7f8091ec`;

export const reviewOperations = operations({
  'review.start': {
    noun: 'review',
    verb: 'start',
    method: 'post',
    path: REVIEWS,
    summary: 'Starts an access review of everybody, of a group and its members, or of an application.',
    needs: 'rights.write',
    body: z.strictObject({
      scope: z.enum(['all', 'group', 'application']),
      scopeId: text(64).optional().meta({ description: 'Id of the group or key of the application.' }),
      dueOn: day,
    }),
    answer: review,
    status: 201,
    refusals: ['unknown_application'],
    example: `${FLAG} --scope application --scope-id emasspost --due-on 2030-01-31`,
  },
  'review.list': {
    noun: 'review',
    verb: 'list',
    method: 'get',
    path: REVIEWS,
    summary: 'Lists the access reviews of an organization.',
    needs: 'rights.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(review),
    columns: ['id', 'scope', 'scopeId', 'dueOn', 'rows', 'kept', 'removed', 'closedAt'],
    example: FLAG,
  },
  'review.get': {
    noun: 'review',
    verb: 'get',
    method: 'get',
    path: `${REVIEWS}/{review}`,
    summary: 'Answers one access review with its progress.',
    needs: 'rights.read',
    answer: review,
    example: ONE,
  },
  'review.rows': {
    noun: 'review',
    verb: 'rows',
    method: 'get',
    path: `${REVIEWS}/{review}/rows`,
    summary: 'Lists the rows of a review by name, each with its decision.',
    needs: 'rights.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(row),
    columns: ['position', 'subjectName', 'application', 'roleName', 'lastUsedOn', 'unused', 'decision'],
    example: ONE,
  },
  'review.decide': {
    noun: 'review',
    verb: 'decide',
    method: 'post',
    path: `${REVIEWS}/{review}/decisions`,
    summary: 'Keeps or removes what a row of a review stands for.',
    needs: 'rights.write',
    body: z.strictObject({ position: z.int().min(1).max(2_147_483_647), decision: z.enum(['keep', 'remove']) }),
    refusals: ['revocation_off', 'grantor_lacks_right'],
    example: `${ONE} --position 3 --decision remove`,
  },
  'review.close': {
    noun: 'review',
    verb: 'close',
    method: 'post',
    path: `${REVIEWS}/{review}/close`,
    summary: 'Closes a review; what nobody decided stays as it is.',
    needs: 'rights.write',
    answer: review,
    example: ONE,
  },
  'review-schedule.get': {
    noun: 'review-schedule',
    verb: 'get',
    method: 'get',
    path: `${ORGANIZATION}/review-schedule`,
    summary: 'Answers how often an organization reviews its access; not found where it has no schedule.',
    needs: 'rights.read',
    answer: schedule,
    example: FLAG,
  },
  'review-schedule.set': {
    noun: 'review-schedule',
    verb: 'set',
    method: 'put',
    path: `${ORGANIZATION}/review-schedule`,
    summary: 'Sets how often an organization reviews its access, and when next.',
    needs: 'rights.write',
    body: z.strictObject({ everyMonths: z.int().min(1).max(24), nextOn: day }),
    answer: schedule,
    example: `${FLAG} --every-months 6 --next-on 2030-01-31`,
  },
  'review-schedule.end': {
    noun: 'review-schedule',
    verb: 'end',
    method: 'delete',
    path: `${ORGANIZATION}/review-schedule`,
    summary: 'Ends the schedule of an organization’s reviews.',
    needs: 'rights.write',
    example: FLAG,
  },
});
