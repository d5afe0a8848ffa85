// Hand-written, parameterised SQL on the ambient transaction's connection, else on any of the pool.
import type { QueryResultRow } from 'pg';
import { database } from './connect.ts';
import { ambientConnection } from './transaction.ts';
import { asHubError } from './unavailable.ts';

type Statement = { readonly text: string; readonly name?: string };

/**
 * A statement that PostgreSQL plans once per connection. The embedded engine shares one session between all
 * connections, where a name given by one is unknown to the other's driver: there it stays without a name.
 */
export const prepared = (name: string, text: string): Statement => ({ name, text });

const MOST_NAMED = 200;
const named = new Map<string, string>();

/**
 * The same for SQL that is put together, such as that of a filter: the same text is the same statement. Each connection
 * keeps what it was sent under a name, so there are at most 200; what comes later is planned each time.
 */
export function preparedText(text: string): Statement {
  const known = named.get(text);
  if (known !== undefined) return { name: known, text };
  if (named.size >= MOST_NAMED) return { text };
  const name = `text_${named.size}`;
  named.set(text, name);
  return { name, text };
}

/** Runs a statement and returns its rows. Throws HubError `unavailable` when the database is away. */
export async function query<Row extends QueryResultRow>(
  statement: string | Statement,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const { engine, pool } = database();
  const { text, name } = typeof statement === 'string' ? { text: statement, name: undefined } : statement;
  const config = name && engine === 'postgres' ? { name, text, values: [...values] } : { text, values: [...values] };
  try {
    const result = await (ambientConnection() ?? pool).query<Row>(config);
    return result.rows;
  } catch (error) {
    throw asHubError(error);
  }
}

/** The first row, or nothing. */
export async function queryOne<Row extends QueryResultRow>(
  statement: string | Statement,
  values: readonly unknown[] = [],
): Promise<Row | undefined> {
  return (await query<Row>(statement, values))[0];
}

/** True for a violation of the named unique index (SQLSTATE 23505). */
export function violates(error: unknown, constraint: string): boolean {
  const root = error instanceof Error && 'original' in error ? (error.original as object) : error;
  return (
    typeof root === 'object' &&
    root !== null &&
    'code' in root &&
    root.code === '23505' &&
    'constraint' in root &&
    root.constraint === constraint
  );
}
