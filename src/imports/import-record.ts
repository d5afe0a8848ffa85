// An uploaded file of users as it is kept: what was read, and how far the work is. The rows stand in import_rows.
import type { Dimension, Labels } from '../applications/application.ts';
import type { Actor, OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { HubError, type ErrorCode } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import type { Field } from './columns.ts';
import type { Encoding } from './decode-text.ts';

/**
 * `checked`: nothing has been created, and somebody has to confirm. `stopped`: whoever confirmed may not create users any
 * more; the rows left were not created.
 */
type ImportState = 'reading' | 'checked' | 'running' | 'finished' | 'stopped' | 'discarded';

export type ImportRecord = {
  readonly id: string;
  readonly fileName: string;
  readonly encoding: Encoding;
  readonly delimiter: string;
  readonly header: readonly string[];
  readonly columns: readonly Field[];
  /** What the items of the rows mean: item -> id of the group or role, or the name of the administration right. */
  readonly targets: Readonly<Record<string, string>>;
  readonly invite: boolean;
  readonly state: ImportState;
  readonly stopCode: ErrorCode | null;
  readonly rows: number;
  readonly created: number;
  readonly refused: number;
  readonly createdBy: Actor;
  readonly createdAt: Date;
  readonly confirmedAt: Date | null;
  readonly endedAt: Date | null;
  /** The rows themselves are kept for a month, since they hold personal data. */
  readonly rowsErasedAt: Date | null;
};

/** Of a row: the field it is about, and a fault of the form's, of this file's or a refusal of the hub's. */
export type RowFault = {
  readonly path: Field;
  readonly code: string;
  /** The group, role or right as the file names it. */
  readonly name?: string;
  /** The other line with the same username. */
  readonly line?: number;
  /** What of the group or role whoever imports does not hold himself. */
  readonly missing?: readonly MissingPart[];
  /** The two that one person must not hold together, by language. */
  readonly between?: Labels;
};

/** A combination that is lacking. Each of many rows carries it, so of a long list only the first values are named. */
export type MissingPart = {
  readonly application: string;
  readonly customerAccountId: string;
  readonly lists: readonly {
    readonly dimension: Dimension;
    readonly values: readonly string[];
    readonly more: number;
  }[];
};

export const IMPORT_COLUMNS = `id, file_name as "fileName", encoding, delimiter, header, columns, targets, invite, state,
  stop_code as "stopCode", row_count as rows, created_count as created, refused_count as refused, created_by as "createdBy",
  created_at as "createdAt", confirmed_at as "confirmedAt", ended_at as "endedAt", rows_erased_at as "rowsErasedAt"`;

const importNotFound = (id: string) => new HubError('not_found', `There is no import ${id}.`);

/** Throws HubError `not_found`, `not_permitted`. */
export async function findImport(ctx: OrganizationCtx, id: string): Promise<ImportRecord> {
  await checkAdministers(ctx);
  const row = isId(id)
    ? await queryOne<ImportRecord>(
        `select ${IMPORT_COLUMNS} from imports where organization_id = $1 and id = $2 and state <> 'reading'`,
        [ctx.organizationId, id],
      )
    : undefined;
  if (!row) throw importNotFound(id);
  return row;
}

/** Newest first; `after`: the last id of the page before. Throws HubError `not_permitted`. */
export async function listImports(
  ctx: OrganizationCtx,
  { after, limit = 20 }: { readonly after?: string | undefined; readonly limit?: number } = {},
): Promise<ImportRecord[]> {
  await checkAdministers(ctx);
  return query<ImportRecord>(
    `select ${IMPORT_COLUMNS} from imports where organization_id = $1 and state not in ('reading', 'discarded')
       and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [ctx.organizationId, after ?? null, limit],
  );
}

export type RefusedRow = {
  readonly line: number;
  readonly cells: readonly string[];
  readonly faults: readonly RowFault[];
};

/** In the order of the file, after a line. Throws HubError `not_found`, `not_permitted`. */
export async function listRefusedRows(
  ctx: OrganizationCtx,
  importId: string,
  { after = 0, limit }: { readonly after?: number; readonly limit: number },
): Promise<RefusedRow[]> {
  const { id } = await findImport(ctx, importId);
  return query<RefusedRow>(
    `select line, cells, faults from import_rows
     where organization_id = $1 and import_id = $2 and state = 'refused' and line > $3 order by line limit $4`,
    [ctx.organizationId, id, after, limit],
  );
}
