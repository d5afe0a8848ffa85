// The small parts that the operations' schemas are made of. Strings that come from outside hold no control character
// and are well-formed Unicode (PostgreSQL stores neither NUL nor a lone surrogate); each pattern takes linear time. Answers are laxer: what stands in
// the database was judged when it came.
import { z } from 'zod';
import { DIMENSIONS, RESOURCE_DIMENSIONS, type Dimension } from '../applications/application.ts';

/** Printable text with at least one sign that is not white space. */
export const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}*$/u, 'must be printable')
    .regex(/\S/, 'must not be blank')
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode');

/** The same, and it may be empty. */
export const optionalText = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u, 'must be printable')
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode');

export const id = z.uuid('must be an id (UUID)').toLowerCase();

const FIRST_YEAR = 1970;
const LAST_YEAR = 9999;

/** RFC 3339, with any offset; answered in UTC. */
export const instant = z
  .codec(z.iso.datetime({ offset: true, error: 'must be a date and time as 2030-01-31T12:00:00Z' }), z.date(), {
    decode: (value) => new Date(value),
    encode: (value) => value.toISOString(),
  })
  .refine(
    (value) => value.getUTCFullYear() >= FIRST_YEAR && value.getUTCFullYear() <= LAST_YEAR,
    `must lie in the years ${FIRST_YEAR} to ${LAST_YEAR}`,
  );

/** From when until when; null or absent is unbounded. */
export const span = {
  validFrom: instant.nullable().optional(),
  validUntil: instant.nullable().optional(),
};

export const spanAnswer = { validFrom: instant.nullable(), validUntil: instant.nullable() };

const MOST_VALUES = 5000;
const list = z.union([z.literal('*'), z.array(text(100)).max(MOST_VALUES)], 'must be "*" or a list of texts').meta({
  description: 'A list of values, or "*" for all of them, now and later.',
});
const listAnswer = z.union([z.literal('*'), z.array(z.string())]);

const perDimension = <T extends z.ZodType>(of: T) =>
  Object.fromEntries(DIMENSIONS.map((dimension) => [dimension, of.optional()])) as Record<Dimension, z.ZodOptional<T>>;

/** dimension -> values. */
export const values = z
  .strictObject(perDimension(list))
  .meta({ id: 'Values', description: 'Values by list of the application.' });
export const valuesAnswer = z.object(perDimension(listAnswer));

export const resourceKind = z.enum(RESOURCE_DIMENSIONS);

export const actor = z.object({
  kind: z.enum(['user', 'connection', 'operator', 'system']),
  id: z.string(),
  label: z.string(),
  actedBy: z
    .object({ id: z.string(), label: z.string(), visit: z.string() })
    .optional()
    .meta({ description: "The member of the operator's staff who did it in the place of the user, with consent." }),
});

/** Query of every list. */
export const pageQuery = {
  after: z
    .string()
    .regex(/^[A-Za-z0-9._:@~-]{1,200}$/, 'must be the `next` of the page before')
    .optional()
    .meta({ description: 'The `next` of the page before.' }),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a number of 1 to 200')
    .refine((value) => Number(value) >= 1 && Number(value) <= 200, 'must be a number of 1 to 200')
    .optional()
    .meta({ description: 'How many at most, 1 to 200; 50 without it.' }),
};

/** A page in a stable order; `next` is null on the last. */
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() });

export type PageQuery = { readonly after?: string | undefined; readonly limit?: string | undefined };

/** RFC 9457, as ../web/problem.ts writes it. */
export const problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'A sentence for people.' }),
    code: z.string().meta({ description: 'Which problem it is, for machines.' }),
    request_id: z.string().optional(),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'What the code calls for, such as `issues` of invalid_input: every fault with its path.' }),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' });
