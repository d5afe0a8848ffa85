// Tables as CSV (RFC 4180) for a spreadsheet: streamed, so that a hundred thousand rows never stand in memory. A cell that
// a spreadsheet would take for a formula gets a quotation mark before it (CWE-1236): what stands in it came from people.
import { once } from 'node:events';
import type { Response } from 'express';
import { keepPrivate } from '../web/headers.ts';

const FORMULA = /^[=+\-@\t\r]/;

/** One cell, quoted where its text needs it. */
function csvCell(value: string): string {
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** Sends the rows as they come; `name` without its ending. The mark at the beginning tells Excel that the text is UTF-8. */
export async function sendCsv(
  res: Response,
  name: string,
  header: readonly string[],
  chunks: AsyncIterable<readonly (readonly string[])[]>,
): Promise<void> {
  const begin = () => {
    keepPrivate(res);
    res.type('text/csv; charset=utf-8').attachment(`${name}.csv`);
    res.write(`\ufeff${csvLine(header)}`);
  };
  for await (const rows of chunks) {
    // Not before the first rows are there, so that a refusal is still a page.
    if (!res.headersSent) begin();
    if (!res.write(rows.map(csvLine).join(''))) await Promise.race([once(res, 'drain'), once(res, 'close')]);
    if (res.destroyed) return;
  }
  if (!res.headersSent) begin();
  res.end();
}
