// Counts what a piece of work asks the database.
import { jest } from '@jest/globals';
import pg from 'pg';

/** Those that are sent while it works. The job queue, which polls on the embedded engine, hands over bare text. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const counted = jest.spyOn(pg.Client.prototype, 'query');
  try {
    await work();
    return counted.mock.calls.flatMap(([statement]) =>
      typeof statement === 'object' && 'text' in (statement as object) ? [(statement as { text: string }).text] : [],
    );
  } finally {
    counted.mockRestore();
  }
}
