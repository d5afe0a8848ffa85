// Ambient transactions: whatever is called inside joins. Never hash a password or call the network in one.
import type { PoolClient } from 'pg';
import { type Transaction } from 'sequelize';
import { database } from './connect.ts';
import { transactionScope } from './transaction-scope.ts';
import { asHubError } from './unavailable.ts';

type Open = Transaction & { connection: PoolClient };

const ambient = (): Open | undefined => transactionScope.get('transaction') as Open | undefined;

/** The connection of the ambient transaction, if there is one. */
export const ambientConnection = (): PoolClient | undefined => ambient()?.connection;

/** Starts a transaction or joins the one that is open. A throw undoes all of it. */
export async function transaction<T>(work: () => Promise<T>): Promise<T> {
  if (ambient()) return work();
  try {
    return await database().sequelize.transaction(work);
  } catch (error) {
    throw asHubError(error);
  }
}

/** Runs the callback once the ambient transaction has committed; at once when there is none. */
export function afterCommit(callback: () => void): void {
  const open = ambient();
  if (open) open.afterCommit(callback);
  else callback();
}
