// What any program writes as CSV is read back as it was; the lines that faults name are those of an editor.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fileFaultOf } from '../../src/imports/file-fault.ts';
import { decodeText } from '../../src/imports/decode-text.ts';
import { DELIMITERS, detectDelimiter, parseCsv, type CsvRow, type Delimiter } from '../../src/imports/parse-csv.ts';

const cell = fc.string({
  unit: fc.constantFrom('a', 'é', '😀', ' ', ',', ';', '\t', '"', '\n', '\r\n', '=', "'"),
  maxLength: 6,
});
const rowsOf = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });

const write = (rows: readonly (readonly string[])[], delimiter: Delimiter, end: string, always: boolean): string =>
  rows
    .map((cells) =>
      cells
        .map((text) => (always || /["\n\r,;\t]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text))
        .join(delimiter),
    )
    .join(end);

async function readAll(text: string, delimiter: Delimiter): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  for await (const row of parseCsv(text, delimiter)) rows.push(row);
  return rows;
}

const hasText = (cells: readonly string[]): boolean => cells.some((text) => text.trim() !== '');

describe('reading CSV', () => {
  it('gives back every row that has text, whatever stands in it', async () => {
    await fc.assert(
      fc.asyncProperty(
        rowsOf,
        fc.constantFrom(...DELIMITERS),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        async (rows, delimiter, end, always) => {
          const text = write(rows, delimiter, end, always);
          const read = await readAll(text, delimiter);
          expect(read.map(({ cells }) => cells)).toEqual(rows.filter(hasText));
          // Where an editor shows the row to begin.
          const lines = text.split('\n');
          for (const { line, cells } of read) {
            const firstLine = (cells[0] ?? '').split(/\r?\n/)[0] ?? '';
            expect(lines[line - 1]?.replaceAll('""', '"')).toContain(firstLine);
          }
        },
      ),
      { numRuns: 400, seed: 4180 },
    );
  });

  it.each([
    ['a quotation mark that is never closed', 'a,b\n"x\r\ny",1\nc,"d\n', 'unclosed_quote', 4],
    ['one that swallows the rest of a long file', `a,b\nc,"d\n${'e,f\n'.repeat(60_000)}`, 'unclosed_quote', 2],
    ['text behind a closing one', 'a,b\n"c"d,e\n', 'after_quote', 2],
    ['one inside a cell that does not begin with it', 'a,b\n\n5" tape,e\n', 'stray_quote', 3],
    ['a cell longer than any name', `a,b\r\nc,${'d'.repeat(2001)}\r\n`, 'cell_too_long', 2],
    ['a line without end', `sep=,\na,b\nc,${'d'.repeat(200_000)}`, 'cell_too_long', 3],
  ] as const)('names the line of %s', async (_, text, code, line) => {
    const error: unknown = await readAll(text, ',').catch((thrown: unknown) => thrown);
    expect(fileFaultOf(error)).toMatchObject({ code, line });
  });

  it('finds the delimiter of a header, also where names are quoted', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DELIMITERS), fc.boolean(), (delimiter, always) => {
        const header = ['userName', 'name, given; family', 'email', 'language', 'groups'];
        expect(detectDelimiter(write([header], delimiter, '\n', always))).toBe(delimiter);
      }),
      { numRuns: 20, seed: 4180 },
    );
  });

  it('reads UTF-8 and UTF-16 back as they were written, or refuses: it never changes a letter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (text) => {
        fc.pre(!text.includes('\0') && !text.startsWith('\ufeff'));
        const header = `userName,givenName\n${text}`;
        expect(decodeText(Buffer.from(header, 'utf8')).text).toBe(header);
        expect(decodeText(Buffer.from(`\ufeff${header}`, 'utf16le')).text).toBe(header);
      }),
      { numRuns: 300, seed: 4180 },
    );
  });

  it('takes any bytes without an error of its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
        try {
          const { text } = decodeText(bytes);
          for await (const row of parseCsv(text, detectDelimiter(text))) expect(row.cells.length).toBeGreaterThan(0);
        } catch (error) {
          expect(fileFaultOf(error)).toBeDefined();
        }
      }),
      { numRuns: 500, seed: 4180 },
    );
  });
});
