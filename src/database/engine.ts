// What the engine at hand can bear. On the embedded engine all connections wait while one has a transaction open, so work in
// the background goes there in smaller steps.
import { database } from './connect.ts';

/** Rows that a background job changes in one transaction: plain ones, and such that each cause a mail. */
export const batchSizes = (): { plain: number; invited: number } =>
  database().engine === 'postgres' ? { plain: 500, invited: 50 } : { plain: 100, invited: 20 };
