// Files of users: uploaded and checked, confirmed, worked off in the background.
import { z } from 'zod';
import { operations } from '../operation.ts';
import { instant, pageOf, pageQuery, text } from '../shapes.ts';

const imported = z
  .object({
    id: z.string(),
    fileName: z.string(),
    encoding: z.string(),
    delimiter: z.string(),
    columns: z.array(z.string()),
    invite: z.boolean(),
    state: z.enum(['reading', 'checked', 'running', 'finished', 'stopped', 'discarded']).meta({
      description: '`checked` waits to be confirmed; `stopped`: who confirmed it may not create users any more.',
    }),
    rows: z.int(),
    created: z.int(),
    refused: z.int(),
    createdAt: instant,
    confirmedAt: instant.nullable(),
    endedAt: instant.nullable(),
  })
  .meta({ id: 'Import' });

const refusedRow = z
  .object({
    line: z.int().meta({ description: 'Where the row begins in the file; the header is line 1.' }),
    cells: z.array(z.string()),
    faults: z.array(
      z.object({
        path: z.string(),
        code: z.string(),
        name: z.string().optional(),
        line: z.int().optional(),
        missing: z
          .array(
            z.object({
              application: z.string(),
              customerAccountId: z.string(),
              lists: z.array(z.object({ dimension: z.string(), values: z.array(z.string()), more: z.int() })),
            }),
          )
          .optional()
          .meta({ description: 'What whoever imports does not hold himself; `more` values are not named.' }),
        between: z
          .record(z.string(), z.string())
          .optional()
          .meta({ description: 'What one person must not hold together, by language.' }),
      }),
    ),
  })
  .meta({ id: 'RefusedRow' });

const IMPORTS = '/organizations/{organization}/imports';
const FLAG = '--organization 019391c2-7a5e-7c11-9a63-0c5f7a2f9f10';
const EXAMPLE = `${FLAG} 019391c5-3c4d-7e5f-8a61-0e1f2a3b4c97`;
const MOST_CHARACTERS = 20 * 1024 * 1024;

export const importOperations = operations({
  'import.create': {
    noun: 'import',
    verb: 'create',
    method: 'post',
    path: IMPORTS,
    summary:
      'Takes a CSV file of users and checks it; a file with a fault of its own leaves nothing. No user is created yet.',
    needs: 'users.write',
    body: z.strictObject({
      fileName: text(200).optional(),
      content: z
        .string()
        .max(MOST_CHARACTERS)
        .meta({ description: 'The text of the file, header first; at most 100,000 rows.' }),
      invite: z.boolean().optional().meta({ description: 'Sends each new user an invitation.' }),
    }),
    bodyLimit: 2 * MOST_CHARACTERS,
    answer: imported,
    status: 201,
    example: `${FLAG} --input import.json`,
  },
  'import.list': {
    noun: 'import',
    verb: 'list',
    method: 'get',
    path: IMPORTS,
    summary: 'Lists imports, the newest first; discarded ones are left out.',
    needs: 'users.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(imported),
    columns: ['id', 'state', 'fileName', 'rows', 'created', 'refused', 'createdAt'],
    example: FLAG,
  },
  'import.get': {
    noun: 'import',
    verb: 'get',
    method: 'get',
    path: `${IMPORTS}/{import}`,
    summary: 'Reads an import and how far it is.',
    needs: 'users.read',
    answer: imported,
    example: EXAMPLE,
  },
  'import.confirm': {
    noun: 'import',
    verb: 'confirm',
    method: 'post',
    path: `${IMPORTS}/{import}/confirm`,
    summary: 'Begins to create the users of a checked import, in the background.',
    needs: 'users.write',
    answer: imported,
    refusals: ['conflict'],
    example: EXAMPLE,
  },
  'import.discard': {
    noun: 'import',
    verb: 'discard',
    method: 'post',
    path: `${IMPORTS}/{import}/discard`,
    summary: 'Discards a checked import; nothing is created from it.',
    needs: 'users.write',
    answer: imported,
    refusals: ['conflict'],
    example: EXAMPLE,
  },
  'import-error.list': {
    noun: 'import-error',
    verb: 'list',
    method: 'get',
    path: `${IMPORTS}/{import}/errors`,
    summary: 'Lists the rows that cannot be or were not imported, in the order of the file, each with what is wrong.',
    needs: 'users.read',
    query: z.strictObject(pageQuery),
    answer: pageOf(refusedRow),
    columns: ['line', 'cells', 'faults'],
    example: EXAMPLE,
  },
});
