import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { queryOne } from '../../src/database/query.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';

beforeAll(() => openTestDatabase());
afterAll(() => closeTestDatabase());

const setting = async (name: string) =>
  (await queryOne<{ value: string }>(`select current_setting($1) as value`, [name]))?.value;

describe('a connection to PostgreSQL', () => {
  it.each([
    ['never compiles a plan', 'jit', 'off'],
    ['ends a statement that lasts', 'statement_timeout', '5s'],
    ['ends a transaction that somebody forgot', 'idle_in_transaction_session_timeout', '30s'],
    ['says whose it is', 'application_name', 'mandate'],
  ])('%s', async (_what, name, value) => {
    expect(await setting(name)).toBe(value);
  });
});
