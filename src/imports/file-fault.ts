// What can be wrong with a file as a whole. Such a file imports nothing; each fault has a sentence on screens.
import { HubError } from '../errors.ts';

const SENTENCES = {
  empty: 'The file holds no rows.',
  too_large: 'The file is larger than 20 MB.',
  too_many_rows: 'The file holds more than 100,000 rows.',
  spreadsheet: 'This is a spreadsheet, not a CSV file.',
  not_text: 'The file is not a text file.',
  encoding: 'The encoding of the file was not recognized.',
  unknown_column: 'A column is not known.',
  missing_column: 'A column is missing.',
  twice_column: 'A column is there twice.',
  unclosed_quote: 'A quotation mark is not closed.',
  after_quote: 'Text follows a closing quotation mark.',
  stray_quote: 'A quotation mark stands inside a cell that does not begin with one.',
  too_many_cells: 'A row has more cells than the header.',
  cell_too_long: 'A cell is longer than 2,000 characters.',
  too_many_names: 'The file names more than 300 different groups, roles and administration rights.',
} as const;

type FileFaultCode = keyof typeof SENTENCES;
const FILE_FAULTS = Object.keys(SENTENCES) as FileFaultCode[];

/** `line`: where, from 1; `name`: the column. */
export type FileFault = { readonly code: FileFaultCode; readonly line?: number; readonly name?: string };

/** An `invalid_input` whose one issue has the path `file` and the parts of a FileFault. */
export function fileFault(code: FileFaultCode, where: Omit<FileFault, 'code'> = {}): HubError {
  const { line, name } = where;
  const place = `${name === undefined ? '' : ` Column "${name}".`}${line === undefined ? '' : ` Line ${line}.`}`;
  const message = `${SENTENCES[code]}${place}`;
  return new HubError('invalid_input', `${message} Nothing was imported.`, {
    issues: [{ path: 'file', message, code, ...where }],
  });
}

/** The fault that an error tells; undefined for any other error. */
export function fileFaultOf(error: unknown): FileFault | undefined {
  if (!(error instanceof HubError) || error.code !== 'invalid_input') return undefined;
  const [issue] = (error.details['issues'] ?? []) as ({ path: string } & FileFault)[];
  return issue?.path === 'file' && FILE_FAULTS.includes(issue.code) ? issue : undefined;
}
