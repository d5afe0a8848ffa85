// The tables that filters are compiled for, in an embedded database of the test's own process: only the
// columns that filters read.
import { PGlite } from '@electric-sql/pglite';
import type { AttributeIndex, Document } from '../../src/provisioning/attribute.ts';
import { groupColumns, userColumns } from '../../src/provisioning/filter-columns.ts';
import { ENTERPRISE_SCHEMA } from '../../src/provisioning/schemas.ts';
import { fold, foldDocument } from '../../src/provisioning/fold.ts';

export const ORGANIZATION = '01890000-0000-7000-8000-0000000000ff';
const SETTINGS = { baseUrl: 'https://hub.example/scim/v2', version: `'W/"1"'::text` };
export const columnsOfUsers = userColumns(SETTINGS);
export const columnsOfGroups = groupColumns(SETTINGS);

const TABLES = `
  CREATE TABLE users (organization_id uuid, id uuid, user_name text, user_name_key text, external_id text,
    display_name_key text, work_email_key text, active boolean, manager_id uuid, deleted_at timestamptz, created_at timestamptz, updated_at timestamptz,
    document jsonb, folded jsonb, many_work_emails boolean GENERATED ALWAYS AS
      (jsonb_array_length(jsonb_path_query_array(folded, '$.emails[*] ? (@.type == "work")')) > 1) STORED, PRIMARY KEY (organization_id, id));
  CREATE TABLE groups (organization_id uuid, id uuid, display_name text, display_name_key text, external_id text, deleted_at timestamptz,
    created_at timestamptz, updated_at timestamptz, document jsonb, folded jsonb, PRIMARY KEY (organization_id, id));
  CREATE TABLE group_users (organization_id uuid, group_id uuid, user_id uuid);
  CREATE TABLE group_groups (organization_id uuid, parent_id uuid, child_id uuid);`;

export async function openTables(): Promise<PGlite> {
  const database = await PGlite.create();
  await database.exec(TABLES);
  return database;
}

/** The nth id: short to write in a test, a UUID for the database. */
export function id(n: number): string {
  return `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`;
}

export type UserRow = { readonly id: string; readonly document: Document; readonly createdAt?: string };

export async function insertUsers(database: PGlite, rows: readonly UserRow[], index: AttributeIndex): Promise<void> {
  for (const { id: userId, document, createdAt = '2024-01-01T00:00:00Z' } of rows) {
    const text = (name: string): string | null => {
      const value = document[name];
      return typeof value === 'string' ? value : null;
    };
    const folded = (name: string): string | null => {
      const value = text(name);
      return value === null ? null : fold(value);
    };
    await database.query('INSERT INTO users VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $12, NULL, $9, $9, $10, $11)', [
      ORGANIZATION,
      userId,
      text('userName'),
      folded('userName'),
      text('externalId'),
      folded('displayName'),
      firstWorkEmail(foldDocument(document, index)),
      document['active'] ?? null,
      createdAt,
      JSON.stringify(document),
      JSON.stringify(foldDocument(document, index)),
      managerId(document),
    ]);
  }
}

function firstWorkEmail(folded: Document): string | null {
  const emails = (folded['emails'] ?? []) as readonly { type?: string; value?: string }[];
  return emails.find((email) => email.type === 'work')?.value ?? null;
}

function managerId(document: Document): string | null {
  const extension = document[ENTERPRISE_SCHEMA] as { manager?: { value?: string } } | undefined;
  const value = extension?.manager?.value ?? '';
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value) ? value : null;
}

export async function insertGroup(
  database: PGlite,
  groupId: string,
  displayName: string,
  externalId?: string,
  deleted = false,
): Promise<void> {
  await database.query(
    `INSERT INTO groups VALUES ($1, $2, $3, $4, $5, CASE WHEN $6 THEN now() END, now(), now(), '{}', '{}')`,
    [ORGANIZATION, groupId, displayName, fold(displayName), externalId ?? null, deleted],
  );
}
