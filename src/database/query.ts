// Hand-written, parameterised SQL on the ambient transaction's connection, else on any of the pool.
import type { QueryResultRow } from 'pg';
import { database } from './connect.ts';
import { ambientConnection } from './transaction.ts';
import { asHubError } from './unavailable.ts';

export type Statement = { readonly text: string; readonly name?: string };

/**
 * A statement that PostgreSQL plans once per connection. The embedded engine shares one session between all
 * connections, where a name given by one is unknown to the other's driver: there it stays without a name.
 */
export const prepared = (name: string, text: string): Statement => ({ name, text });

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
