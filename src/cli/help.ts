// What the command line says of itself; everything in it comes from the table of operations.
import type { Operation } from '../api/operation.ts';
import { everyOperation } from '../api/operations.ts';
import { fieldsOf, flagOf, type Field } from './fields.ts';

const GLOBALS: readonly (readonly [string, string])[] = [
  ['--url URL', 'Where the hub is; without it MANDATE_URL, else http://localhost:3000'],
  ['--token TOKEN', 'API token; without it MANDATE_TOKEN, else, for a hub on this machine, DATA_DIR/operator-token'],
  ['--input FILE', 'Body as a JSON file, or - for standard input; flags go over it'],
  ['--json', 'The answer as JSON'],
];

export function aligned(rows: readonly (readonly [string, string])[], indent = '  '): string {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${indent}${left.padEnd(width)}  ${right}`.trimEnd()).join('\n');
}

const commands = (noun?: string): [string, string][] =>
  everyOperation.flatMap(([, operation]): [string, string][] =>
    noun === undefined || operation.noun === noun ? [[`${operation.noun} ${operation.verb}`, operation.summary]] : [],
  );

export function generalHelp(noun?: string): string {
  return `mandate: the command line of the hub's operator.

Usage: mandate <noun> <verb> [flags]

${aligned([...commands(noun), ...(noun === undefined ? ([['migrate', "Brings the database to the newest schema; uses the hub's own settings."]] as const) : [])])}

Flags of every command:
${aligned(GLOBALS)}

mandate <noun> <verb> --help tells a command's own flags, with an example.
Exit codes: 0 done, 1 refused by the hub, 2 wrong usage, 3 the hub does not answer.
`;
}

const VALUE = { text: 'TEXT', number: 'NUMBER', boolean: 'true|false', list: 'A,B,...', json: 'JSON' } as const;

function describe({ path, kind, required, nullable, choices, description, place }: Field): [string, string] {
  const value = choices.length > 0 && kind === 'text' ? choices.join('|') : place === 'path' ? 'ID' : VALUE[kind];
  const notes = [
    description,
    kind === 'list' && choices.length > 0 ? `Of: ${choices.join(', ')}.` : '',
    required ? 'Required.' : '',
    nullable ? 'Empty removes it.' : '',
  ];
  return [`${flagOf(path)} ${value}`, notes.filter((note) => note !== '').join(' ')];
}

export function commandHelp(operation: Operation): string {
  const { noun, verb, summary, method, path, example } = operation;
  const fields = fieldsOf(operation);
  const flags = fields.length === 0 ? '' : `\nFlags:\n${aligned(fields.map(describe))}\n`;
  return `${summary}

Usage: mandate ${noun} ${verb} [flags]
       Path parameters may also be given in their order, without their names.
${flags}
Flags of every command:
${aligned(GLOBALS)}

Example:
  mandate ${noun} ${verb}${example === '' ? '' : ` ${example}`}

Asks ${method.toUpperCase()} /api/v1${path}.
`;
}

export const migrateHelp = `Brings the database to the newest schema, as a hub does at its start. It works on the database itself: no hub is asked.

Usage: mandate migrate [--undo NAME]

${aligned([['--undo NAME', 'Undoes the newest migrations instead, down to and with this one. What only they can hold is lost.']])}

The settings are the hub's: DATABASE_URL, or DATA_DIR of a hub that is stopped.

Example:
  mandate migrate --undo 0022-keep-refused-sign-ins
`;
