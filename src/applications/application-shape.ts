// The shape of one application file, as the operator writes it (snake_case), and a sentence for each way to miss it.
// What one part of the file says about another is checked in validate-application.ts and matrix-rules.ts.
import { z } from 'zod';
import { DIMENSIONS, FIXED_DIMENSIONS, LANGUAGES, MATRIX_CELLS, ORGANIZATION_ATTRIBUTES } from './application.ts';

/** A fault with its place inside the file: map keys and list indexes from the root. */
export type PlacedFault = {
  readonly path: readonly (string | number)[];
  readonly rule: string;
  readonly message: string;
};

const KEY_RULE = 'small letters, digits and underscores, beginning with a letter, 63 at most';
const key = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, { error: `must be ${KEY_RULE}` });
const code = z.string().regex(/^[^\s\p{Cc}]{1,64}$/u, { error: 'must be 1 to 64 characters without spaces' });
const text = z.string().regex(/\S/, { error: 'is an empty text' });
const labels = z.strictObject({ nl: text, fr: text, de: text, en: text });
const row = z.array(z.enum(MATRIX_CELLS));

const value = z.strictObject({
  key,
  label: labels,
  means: labels.optional(),
  retired: z.boolean().optional(),
  placeholder: z.boolean().optional(),
  requires: z.array(z.enum(ORGANIZATION_ATTRIBUTES)).min(1).optional(),
});

/** The same optional part under each name, so that the shape follows the constants of application.ts. */
function partOf<K extends string, T extends z.ZodType>(names: readonly K[], part: T): Record<K, z.ZodOptional<T>> {
  return Object.fromEntries(names.map((name) => [name, part.optional()])) as Record<K, z.ZodOptional<T>>;
}

/** Without an application: a value of this one. */
const side = z.strictObject({ application: key.optional(), dimension: z.enum(FIXED_DIMENSIONS), value: key });

const applicationShape = z.strictObject({
  key,
  codes: z.array(code).default([]),
  position: z.int().min(0).max(1_000_000).optional(),
  label: labels,
  description: labels.optional(),
  dimensions: z.array(z.enum(DIMENSIONS)),
  minimum: z.strictObject(partOf(DIMENSIONS, z.int().min(0).max(10_000))).default({}),
  hints: z.strictObject(partOf(DIMENSIONS, labels)).optional(),
  ...partOf(FIXED_DIMENSIONS, z.array(value)),
  only_master_contracts: z.boolean().default(false),
  gives_mandates: key.optional(),
  flat_rights: z.boolean().default(false),
  admit: z.enum(['holders', 'everyone']).default('holders'),
  profile_precedence: z.array(key).default([]),
  profiles: z.array(z.strictObject({ key, label: labels })).default([]),
  conflicts: z
    .array(z.strictObject({ a: side, b: side, mode: z.enum(['report', 'refuse']), labels: labels.optional() }))
    .max(200)
    .default([]),
  matrix: z.strictObject({ columns: z.array(key), ...partOf(FIXED_DIMENSIONS, z.record(z.string(), row)) }).optional(),
});

export type ApplicationFile = z.infer<typeof applicationShape>;

/** Reads the parsed YAML of one file. Never throws: the data, or every fault of shape. */
export function readShape(raw: unknown): { data?: ApplicationFile; faults: PlacedFault[] } {
  const result = applicationShape.safeParse(raw, { reportInput: true });
  if (result.success) return { data: result.data, faults: [] };
  return { faults: result.error.issues.flatMap((issue) => sentences(issue, raw)) };
}

function sentences(issue: z.core.$ZodIssue, raw: unknown): PlacedFault[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const place = placeInWords(path, raw);
  if (issue.code === 'unrecognized_keys') {
    const inDimensions = path.length === 1 && ['minimum', 'hints', 'matrix'].includes(String(path[0]));
    const [rule, what] = inDimensions ? ['unknown_dimension', 'dimension'] : ['unknown_key', 'key'];
    return issue.keys.map((name) => ({
      path: [...path, name],
      rule,
      message: `${place} has the unknown ${what} "${name}"`,
    }));
  }
  const last = path.at(-1);
  if (issue.input === undefined && LANGUAGES.some((language) => language === last)) {
    const parent = path.slice(0, -1);
    return [{ path: parent, rule: 'label_missing', message: `${placeInWords(parent, raw)} has no text in "${last}"` }];
  }
  if (issue.input === undefined) return [{ path, rule: 'missing', message: `${place} is missing` }];
  switch (issue.code) {
    case 'invalid_type':
      return [{ path, rule: 'type', message: `${place} must be ${nounOf(issue.expected)}, not ${shown(issue.input)}` }];
    case 'invalid_value': {
      const rule =
        path[0] === 'dimensions' ? 'unknown_dimension' : path.includes('requires') ? 'unknown_attribute' : 'value';
      return [{ path, rule, message: `${place} is ${shown(issue.input)}, expected one of ${issue.values.join(', ')}` }];
    }
    case 'too_small':
    case 'too_big': {
      const [word, bound] = issue.code === 'too_small' ? ['least', issue.minimum] : ['most', issue.maximum];
      const unit = issue.origin === 'array' ? ' entry' : '';
      return [{ path, rule: 'value', message: `${place} must be at ${word} ${bound}${unit}` }];
    }
    default:
      return [
        {
          path,
          rule: last === 'key' ? 'key_format' : 'value',
          message: `${place} ${shown(issue.input)} ${issue.message}`,
        },
      ];
  }
}

/** `rights[view_prices].label`: list entries by their key where they have one, else by position from 1. */
function placeInWords(path: readonly (string | number)[], raw: unknown): string {
  let words = '';
  let here = raw;
  for (const step of path) {
    here = (Object(here) as Record<string | number, unknown>)[step];
    const name = (Object(here) as { key?: unknown }).key;
    if (typeof step === 'string') words += words === '' ? step : `.${step}`;
    else words += `[${typeof name === 'string' && name !== '' ? name : step + 1}]`;
  }
  return words === '' ? 'the file' : words;
}

function nounOf(expected: string): string {
  const nouns: Record<string, string> = {
    object: 'a map of names to values',
    record: 'a map of names to values',
    array: 'a list',
    string: 'a text',
    boolean: 'true or false',
    number: 'a number',
    int: 'a whole number',
  };
  return nouns[expected] ?? expected;
}

function shown(input: unknown): string {
  const written = input === undefined ? 'undefined' : JSON.stringify(input);
  return written.length > 60 ? `${written.slice(0, 57)}...` : written;
}
