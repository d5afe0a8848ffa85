import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { query } from '../../src/database/query.ts';
import { afterCommit, transaction } from '../../src/database/transaction.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';

beforeAll(() => openTestDatabase());
afterAll(() => closeTestDatabase());

const insert = (id: string) => query('insert into organizations (id, name) values ($1, $2)', [id, 'x']);
const exists = async (id: string) => (await query('select 1 from organizations where id = $1', [id])).length === 1;

describe('an ambient transaction', () => {
  it('keeps what ran inside it when it ends well', async () => {
    const id = uuidv7();
    await transaction(() => insert(id));
    expect(await exists(id)).toBe(true);
  });

  it('undoes everything when something throws, also what a joined transaction did', async () => {
    const [outer, inner] = [uuidv7(), uuidv7()];
    const failing = transaction(async () => {
      await insert(outer);
      await transaction(() => insert(inner));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect([await exists(outer), await exists(inner)]).toEqual([false, false]);
  });

  it('keeps concurrent transactions and large statements apart', async () => {
    const payload = 'x'.repeat(200_000);
    const lengths = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        transaction(async () => {
          const [row] = await query<{ n: number; i: number }>('select length($1::text) as n, $2::int as i', [
            payload,
            i,
          ]);
          return [row?.n, row?.i];
        }),
      ),
    );
    expect(lengths).toEqual(Array.from({ length: 40 }, (_, i) => [200_000, i]));
  });

  it('calls back after the commit only', async () => {
    const seen: string[] = [];
    await transaction(async () => {
      afterCommit(() => seen.push('committed'));
      await query('select 1');
      seen.push('inside');
    });
    await transaction(async () => {
      afterCommit(() => seen.push('never'));
      throw new Error('undone');
    }).catch(() => undefined);
    expect(seen).toEqual(['inside', 'committed']);
  });
});
