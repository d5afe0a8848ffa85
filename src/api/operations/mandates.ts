// Mandates: the limit that one organization sets for another on a customer account, given, changed and withdrawn in the
// name of the giving organization.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { id, instant, pageOf, pageQuery, span, spanAnswer, text, values, valuesAnswer } from '../shapes.ts';

const mandate = z
  .object({
    id: z.string(),
    ownerOrganizationId: z.string(),
    customerAccountId: z.string(),
    giverOrganizationId: z.string(),
    receiverOrganizationId: z.string(),
    parentId: z
      .string()
      .nullable()
      .meta({ description: 'The mandate that this one passes on; null: the owner gave it.' }),
    boxes: z.array(z.object({ application: z.string(), values: valuesAnswer })),
    onward: z.int(),
    ...spanAnswer,
    givenAt: instant,
    version: z.int().meta({ description: 'Counts changes of the terms.' }),
  })
  .meta({ id: 'Mandate' });

const router = z.object({ id: z.string(), name: z.string(), address: z.string() }).meta({ id: 'Router' });

const mandatePerson = z
  .object({
    shownAs: z.string(),
    byNumber: z.boolean().meta({ description: 'The receiver lets its people be seen by number, not by name.' }),
    since: instant,
    lastUsedOn: z.string().nullable().meta({ description: 'The day in UTC on which he last used the application.' }),
  })
  .meta({ id: 'MandatePerson' });

const terms = {
  boxes: z
    .array(z.strictObject({ application: text(64), values }))
    .min(1)
    .max(64),
  onward: z.int().min(0).max(3).optional().meta({ description: 'How many further links may follow; 0 without it.' }),
  ...span,
};

const MANDATES = '/organizations/{organization}/mandates';
const FLAG = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const REFUSALS = [
  'unknown_application',
  'unknown_value',
  'too_many',
  'grantor_lacks_right',
  'outlasts_ceiling',
  'mandate_cycle',
  'mandate_not_onward',
] as const;

export const mandateOperations = operations({
  'mandate.give': {
    noun: 'mandate',
    verb: 'give',
    method: 'post',
    path: MANDATES,
    summary:
      'Gives a mandate to another organization, on an own customer account or by passing on one that was received.',
    needs: 'rights.write',
    body: z.strictObject({ customerAccountId: id, receiverOrganizationId: id, parentId: id.optional(), ...terms }),
    answer: mandate,
    status: 201,
    refusals: REFUSALS,
    example: `${FLAG} --input mandate.json`,
  },
  'mandate.list': {
    noun: 'mandate',
    verb: 'list',
    method: 'get',
    path: MANDATES,
    summary: 'Lists the mandates that an organization gave or received and that have not ended.',
    needs: 'rights.read',
    query: z.strictObject({
      side: z.enum(['given', 'received']).meta({ description: 'Which of them.' }),
      ...pageQuery,
    }),
    answer: pageOf(mandate),
    columns: ['id', 'customerAccountId', 'giverOrganizationId', 'receiverOrganizationId', 'onward', 'validUntil'],
    example: `${FLAG} --side given`,
  },
  'mandate.change': {
    noun: 'mandate',
    verb: 'change',
    method: 'put',
    path: `${MANDATES}/{mandate}`,
    summary: 'Replaces the terms of a mandate that the organization gave; receiver and customer account stay.',
    needs: 'rights.write',
    body: z.strictObject({
      ...terms,
      version: z.int().optional().meta({ description: 'The version that was read; another one is refused.' }),
    }),
    answer: mandate,
    refusals: [...REFUSALS, 'conflict'],
    example: `${FLAG} 019391c7-7788-799a-8bbc-f36e7f8091ec --input terms.json`,
  },
  'mandate.people': {
    noun: 'mandate',
    verb: 'people',
    method: 'get',
    path: `${MANDATES}/{mandate}/people`,
    summary:
      'Lists who of the receiver acts under a mandate that the organization gave, as the receiver lets them be seen.',
    needs: 'rights.read',
    query: z.strictObject({ after: pageQuery.after }),
    answer: pageOf(mandatePerson),
    example: `${FLAG} 019391c7-7788-799a-8bbc-f36e7f8091ec`,
  },
  'router.list': {
    noun: 'router',
    verb: 'list',
    method: 'get',
    path: '/organizations/{organization}/routers',
    summary: 'Lists the sub-contractors to whom the organization can give a mandate, by name and address.',
    needs: 'rights.read',
    query: z.strictObject({
      search: text(200).optional().meta({ description: 'Words of the name or the address.' }),
      ...pageQuery,
    }),
    answer: pageOf(router),
    columns: ['id', 'name', 'address'],
    example: `${FLAG} --search leuven`,
  },
  'mandate.withdraw': {
    noun: 'mandate',
    verb: 'withdraw',
    method: 'delete',
    path: `${MANDATES}/{mandate}`,
    summary: 'Withdraws a mandate that the organization gave: what hangs below it gives nothing from then on.',
    needs: 'rights.write',
    refusals: ['grantor_lacks_right'],
    example: `${FLAG} 019391c7-7788-799a-8bbc-f36e7f8091ec`,
  },
});
