// Takes an uploaded file: read whole, judged, kept row by row. A fault of the file as a whole is found before anything is
// written, so such a file leaves nothing behind; faults of rows are kept with them. No user is created here.
import { v7 as uuidv7 } from 'uuid';
import type { OrganizationCtx } from '../context.ts';
import { recordAudit } from '../audit/record.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkManagesUsers } from '../entitlements/acting.ts';
import { mailSettings } from '../mail/mail-settings.ts';
import { findOrganization } from '../organizations/find-organization.ts';
import { fold } from '../provisioning/fold.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { faultsIn, trimmed } from '../users/person-details.ts';
import { checkRows } from './check-rows.ts';
import { columnsOf, readCells, type Field } from './columns.ts';
import { decodeText } from './decode-text.ts';
import { fileFault } from './file-fault.ts';
import { findImport, type ImportRecord, type RowFault } from './import-record.ts';
import { detectDelimiter, parseCsv, type CsvRow, type Delimiter } from './parse-csv.ts';

const MAX_BYTES = 20 * 1024 * 1024;
export const MAX_ROWS = 100_000;
const MAX_NAMES = 300;
/** Rows that are written at a time. */
const CHUNK = 1000;

type Usernames = 'free' | 'email';
type Sheet = { text: string; delimiter: Delimiter; header: readonly string[]; columns: readonly Field[] };

/** The rows below the header. Throws the faults of the file. */
async function* chunksOf({ text, delimiter, header }: Sheet): AsyncGenerator<CsvRow[]> {
  let chunk: CsvRow[] = [];
  const rows = parseCsv(text, delimiter);
  await rows.next();
  for await (const row of rows) {
    if (row.cells.slice(header.length).some((cell) => cell.trim() !== ''))
      throw fileFault('too_many_cells', { line: row.line });
    chunk.push({ ...row, cells: row.cells.slice(0, header.length) });
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

async function openSheet(text: string, usernames: Usernames): Promise<Sheet> {
  const delimiter = detectDelimiter(text);
  const rows = parseCsv(text, delimiter);
  const first = await rows.next();
  await rows.return(undefined);
  if (first.done) throw fileFault('empty');
  // A spreadsheet writes empty columns after the last.
  const width = first.value.cells.findLastIndex((cell) => cell.trim() !== '') + 1;
  const header = first.value.cells.slice(0, width).map((cell) => cell.trim());
  return { text, delimiter, header, columns: columnsOf(header, usernames) };
}

const reader = (columns: readonly Field[], usernames: Usernames) => {
  const { defaultLanguage } = mailSettings();
  return (cells: readonly string[]) => readCells(cells, columns, { usernames, language: defaultLanguage, keyOf: fold });
};

/** How many rows, and what they name. Throws HubError `invalid_input` for a fault of the file. */
async function survey(sheet: Sheet, read: ReturnType<typeof reader>): Promise<{ rows: number; items: Set<string> }> {
  const items = new Set<string>();
  let rows = 0;
  for await (const chunk of chunksOf(sheet)) {
    rows += chunk.length;
    if (rows > MAX_ROWS) throw fileFault('too_many_rows');
    for (const { cells } of chunk) for (const item of read(cells).gives) items.add(item);
    if (items.size > MAX_NAMES) throw fileFault('too_many_names');
  }
  if (rows === 0) throw fileFault('empty');
  return { rows, items };
}

const INSERT_ROWS = `insert into import_rows (organization_id, import_id, line, key, cells, gives, state, faults)
  select $1, $2, line, key, cells, gives, case when faults is null then 'ready' else 'refused' end, faults
  from jsonb_to_recordset($3::jsonb) as r(line int, key text, cells jsonb, gives jsonb, faults jsonb)`;

async function storeRows(
  ctx: OrganizationCtx,
  id: string,
  rows: readonly CsvRow[],
  { read, usernames }: { read: ReturnType<typeof reader>; usernames: Usernames },
): Promise<void> {
  const stored = rows.map(({ line, cells }) => {
    const { details, gives } = read(cells);
    const faults: RowFault[] = faultsIn(trimmed(details), usernames);
    const { userName } = details;
    return {
      line,
      cells,
      ...(userName === '' ? {} : { key: fold(userName) }),
      ...(gives.length === 0 ? {} : { gives }),
      ...(faults.length === 0 ? {} : { faults }),
    };
  });
  await query(INSERT_ROWS, [ctx.organizationId, id, JSON.stringify(stored)]);
}

type Upload = {
  readonly fileName: string;
  readonly bytes: Uint8Array;
  /** Sends each new user his invitation. */ readonly invite: boolean;
};

/**
 * The import, checked and waiting to be confirmed. Throws HubError `not_permitted`, and `invalid_input` for a fault of the
 * file (see file-fault.ts). Call outside a transaction: it reads for seconds.
 */
export async function storeImport(ctx: OrganizationCtx, { fileName, bytes, invite }: Upload): Promise<ImportRecord> {
  refuseWhileActing(ctx);
  await checkManagesUsers(ctx);
  if (bytes.length > MAX_BYTES) throw fileFault('too_large');
  if (bytes.length === 0) throw fileFault('empty');
  const { settings } = await findOrganization(ctx, ctx.organizationId);
  const usernames = settings.username;
  const { text, encoding } = decodeText(bytes);
  const sheet = await openSheet(text, usernames);
  const read = reader(sheet.columns, usernames);
  const { rows, items } = await survey(sheet, read);
  const id = uuidv7();
  await query(
    `insert into imports (organization_id, id, file_name, encoding, delimiter, header, columns, invite, row_count, created_by, created_at, progress_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
    [
      ctx.organizationId,
      id,
      fileNameOf(fileName),
      encoding,
      sheet.delimiter,
      JSON.stringify(sheet.header),
      JSON.stringify(sheet.columns),
      invite,
      rows,
      JSON.stringify(ctx.actor),
      ctx.now,
    ],
  );
  for await (const chunk of chunksOf(sheet)) await storeRows(ctx, id, chunk, { read, usernames });
  // Else the planner takes the new rows for none, and the check compares each with each.
  await query('analyze import_rows');
  await transaction(async () => {
    const targets = await checkRows(ctx, { id, items, usernames });
    await query(
      `update imports set state = 'checked', targets = $3, refused_count = (select count(*)::int from import_rows
         where organization_id = $1 and import_id = $2 and state = 'refused') where organization_id = $1 and id = $2`,
      [ctx.organizationId, id, JSON.stringify(targets)],
    );
    await recordAudit(ctx, {
      action: 'import.checked',
      targetKind: 'import',
      targetId: id,
      after: { fileName: fileNameOf(fileName), rows },
    });
  });
  return findImport(ctx, id);
}

/** Some browsers send the whole path. */
const fileNameOf = (name: string): string =>
  (name.split(/[\\/]/).at(-1) ?? '').replaceAll(/\p{C}/gu, '').trim().slice(0, 200) || 'users.csv';
