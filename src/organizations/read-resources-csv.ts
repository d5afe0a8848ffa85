// Contracts and billing addresses as a table (CSV): kind, number, label, address, state, master, services. The first line names
// the columns, in any order; kind, number and label must be there. Services are separated by spaces.
import { RESOURCE_DIMENSIONS } from '../applications/application.ts';
import { HubError } from '../errors.ts';
import { detectDelimiter, parseCsv, type CsvRow } from '../imports/parse-csv.ts';
import type { NewResource } from './put-resources.ts';

export const RESOURCE_COLUMNS = ['kind', 'number', 'label', 'address', 'state', 'master', 'services'] as const;
type Column = (typeof RESOURCE_COLUMNS)[number];
const REQUIRED: readonly Column[] = ['kind', 'number', 'label'];
const KINDS: Readonly<Record<string, NewResource['kind']>> = {
  contract: 'contracts',
  billing_address: 'billing_addresses',
  ...Object.fromEntries(RESOURCE_DIMENSIONS.map((kind) => [kind, kind])),
};
const YES = new Set(['yes', 'true', '1', 'x']);
const NO = new Set(['', 'no', 'false', '0']);

const refused = (line: number, message: string): HubError =>
  new HubError('invalid_input', `Line ${line}: ${message}`, { line, issues: [{ path: `line ${line}`, message }] });

/** Throws HubError `invalid_input` that names the line. */
export async function readResourcesCsv(text: string): Promise<NewResource[]> {
  const clean = text.replace(/^\ufeff/, '');
  const all: CsvRow[] = [];
  for await (const row of parseCsv(clean, detectDelimiter(clean))) all.push(row);
  const [header, ...rows] = all;
  if (!header) throw refused(1, 'there is no line that names the columns.');
  const columns = header.cells.map((cell) => cell.trim().toLowerCase());
  const unknown = columns.find((name) => !(RESOURCE_COLUMNS as readonly string[]).includes(name));
  if (unknown !== undefined) throw refused(1, `"${unknown}" is no column; they are ${RESOURCE_COLUMNS.join(', ')}.`);
  const missing = REQUIRED.find((name) => !columns.includes(name));
  if (missing !== undefined) throw refused(1, `the column "${missing}" is missing.`);
  return rows.map(({ line, cells }) => {
    if (cells.length > columns.length) throw refused(line, 'there are more cells than columns.');
    return resourceIn(line, (name) => (cells[columns.indexOf(name)] ?? '').trim());
  });
}

function resourceIn(line: number, cell: (name: Column) => string): NewResource {
  const kind = KINDS[cell('kind').toLowerCase()];
  if (kind === undefined) throw refused(line, `"${cell('kind')}" is no kind; it is contract or billing_address.`);
  const state = cell('state').toLowerCase() || 'active';
  if (state !== 'active' && state !== 'closed') throw refused(line, `"${state}" is no state; it is active or closed.`);
  const master = cell('master').toLowerCase();
  if (!YES.has(master) && !NO.has(master)) throw refused(line, `"${master}" is neither yes nor no.`);
  const number = cell('number');
  if (number === '' || number === '*') throw refused(line, 'a number is missing or cannot be used.');
  if (cell('label') === '') throw refused(line, 'the label is missing.');
  return {
    kind,
    number,
    label: cell('label'),
    address: cell('address'),
    state,
    master: YES.has(master),
    services: cell('services')
      .split(/\s+/)
      .filter((one) => one !== ''),
  };
}
