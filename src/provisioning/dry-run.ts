// Runs the real code and undoes it: rows, audit and queued jobs alike stand in one transaction that is rolled back.
import { query } from '../database/query.ts';
import { ambientConnection, transaction } from '../database/transaction.ts';

class Undone extends Error {}

/** What `work` returns, with nothing of it left in the database. Throws what `work` throws. */
export async function dryRun<T>(work: () => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  try {
    await transaction(async () => {
      result = { value: await work() };
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  if (!result) throw new Error('A dry run ended without a result');
  return result.value;
}

/** Inside a transaction: a failure undoes this part only, so that the next can go on. Outside, parts are apart anyway. */
export async function atomically<T>(work: () => Promise<T>): Promise<T> {
  if (!ambientConnection()) return work();
  await query('savepoint part');
  try {
    const result = await work();
    await query('release savepoint part');
    return result;
  } catch (error) {
    await query('rollback to savepoint part');
    throw error;
  }
}
