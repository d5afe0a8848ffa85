// Comma-separated values (RFC 4180), with the semicolon and the tab that spreadsheets write instead. The library reads, in
// portions between which others get their turn; here are the delimiter, the lines that faults name, and the bounds. A caller
// can stop at the first row too many. What looks like a formula is data like any other.
import { Readable, pipeline } from 'node:stream';
import { setImmediate as breathe } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { fileFault } from './file-fault.ts';

export const DELIMITERS = [',', ';', '\t'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** `line`: where the row begins, from 1. */
export type CsvRow = { readonly line: number; readonly cells: readonly string[] };

const LONGEST_CELL = 2000;
/** A quotation mark that is never closed swallows the file: told where its row began, not at the end. */
const LONGEST_ROW_BYTES = 128 * 1024;
const PORTION_BYTES = 64 * 1024;
const LINE_END = /\r\n|\n|\r/g;
/** The line with which Excel names the delimiter. */
const SEPARATOR_LINE = /^sep=(.)(\r\n|\n|\r)/i;

/** The one that the first line has most of, outside quotation marks. */
export function detectDelimiter(text: string): Delimiter {
  const named = SEPARATOR_LINE.exec(text)?.[1];
  const known = DELIMITERS.find((one) => one === named);
  if (known) return known;
  const counts = new Map<string, number>();
  let quoted = false;
  for (const sign of text.slice(0, 64 * 1024)) {
    if (sign === '"') quoted = !quoted;
    else if (!quoted && (sign === '\n' || sign === '\r')) break;
    else if (!quoted) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  }
  const countOf = (one: string): number => counts.get(one) ?? 0;
  return DELIMITERS.reduce((best, one) => (countOf(one) > countOf(best) ? one : best));
}

/** Rows without any text are passed over. Throws HubError `invalid_input` (see file-fault.ts) that names the line. */
export async function* parseCsv(text: string, delimiter: Delimiter): AsyncGenerator<CsvRow> {
  const skipped = SEPARATOR_LINE.exec(text)?.[0].length ?? 0;
  const bytes = Buffer.from(text.slice(skipped));
  let line = skipped > 0 ? 2 : 1;
  /** Of the rows that are read and not yet handed out. */
  const lines: number[] = [];
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: LONGEST_ROW_BYTES,
    // Called as rows are read: when the library finds a fault, what it has handed out may lie behind.
    on_record: (cells) => {
      const begun = line;
      if (cells.some((cell) => cell.length > LONGEST_CELL)) throw fileFault('cell_too_long', { line });
      // The library counts a line end of two characters inside quotation marks twice.
      for (const cell of cells) line += cell.match(LINE_END)?.length ?? 0;
      line += 1;
      if (!cells.some((cell) => cell.trim() !== '')) return null;
      lines.push(begun);
      return cells;
    },
  });
  const rows: AsyncIterable<string[]> = pipeline(Readable.from(portionsOf(bytes)), parser, () => undefined);
  try {
    for await (const cells of rows) yield { line: lines.shift() ?? line, cells };
  } catch (error) {
    throw error instanceof CsvError ? faultOf(error, bytes, line) : error;
  }
}

async function* portionsOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += PORTION_BYTES) {
    yield bytes.subarray(at, at + PORTION_BYTES);
    await breathe();
  }
}

function faultOf(error: CsvError, bytes: Buffer, line: number): Error {
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return fileFault('unclosed_quote', { line });
    case 'CSV_INVALID_CLOSING_QUOTE':
      return fileFault('after_quote', { line });
    case 'INVALID_OPENING_QUOTE':
      return fileFault('stray_quote', { line });
    case 'CSV_MAX_RECORD_SIZE': {
      // Where the last whole cell ended: a quotation mark there, or behind its delimiter, opened this one.
      const end = Number(error['bytes']);
      return fileFault(bytes.subarray(end, end + 2).includes('"') ? 'unclosed_quote' : 'cell_too_long', { line });
    }
    default:
      return error;
  }
}
