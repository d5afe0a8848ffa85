// Deletes what is older than an instant, however much of it there is: a portion at a time, so that no lock and no statement
// lasts, with a pause as long as the portion took, so that half of what the database has stays for people.
import { setTimeout as pause } from 'node:timers/promises';
import { prepared, query, queryOne } from './query.ts';
import { transaction } from './transaction.ts';

type Old = {
  readonly table: string;
  /** An indexed timestamptz; rows without it stay. */
  readonly column: string;
  readonly before: Date;
  /** Only these; fixed SQL. `name` tells the statement from the others on the table. */
  readonly only?: { readonly name: string; readonly sql: string };
};

/** Rows of a portion. What they take depends on the disk and on what else it does: the next portion is as large as the last
 * one's pace allows, far from the statement timeout. */
const PORTION = { first: 200, least: 20, most: 2000, ms: 500 };
/** What is left then goes with the next run: a job that never ended would be taken for one that died. */
const LONGEST_MS = 120_000;

/**
 * Each portion begins where the last one ended: the entries of rows that have gone stay in the index until the next vacuum,
 * and to pass over them again each time would make the work grow with its square. What somebody holds is left out.
 */
const statement = ({ table, column, only }: Old) =>
  prepared(
    `delete_portion_${table}${only ? `_${only.name}` : ''}`,
    `with gone as (
       delete from ${table} where ctid = any(array(
         select ctid from ${table} where ${column} >= $1 and ${column} < $2 ${only ? `and ${only.sql}` : ''} order by ${column} limit $3 for update skip locked))
       returning ${column} as at
     ) select count(*) as count, to_char(max(at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as last from gone`,
  );

/** For the first portion, which finds its way past all that former runs deleted and no vacuum has cleared; it holds nobody up. */
const FIRST_TIMEOUT = '120s';

type Portion = { readonly count: number; readonly last: string | null };

const deletePortion = (old: Old, from: string, size: number): Promise<Portion | undefined> =>
  queryOne<Portion>(statement(old), [from, old.before, size]);

const deleteFirst = (old: Old, size: number): Promise<Portion | undefined> =>
  transaction(async () => {
    await query(`set local statement_timeout = '${FIRST_TIMEOUT}'`);
    return deletePortion(old, '-infinity', size);
  });

/** How many went. Not for a transaction: each portion is one of its own. */
export async function deleteInPortions(old: Old): Promise<number> {
  const begun = performance.now();
  let [total, size] = [0, PORTION.first];
  for (let from: string | undefined; ;) {
    const started = performance.now();
    const row = await (from === undefined ? deleteFirst(old, size) : deletePortion(old, from, size));
    total += row?.count ?? 0;
    if (!row || row.last === null || row.count < size) return total;
    from = row.last;
    if (performance.now() - begun > LONGEST_MS) return total;
    const took = performance.now() - started;
    await pause(took);
    size = Math.round(Math.min(PORTION.most, Math.max(PORTION.least, (size * PORTION.ms) / took)));
  }
}
