// What has expired goes, all of it, however much it is; nothing else goes.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sweepArtefacts } from '../../src/credentials/sweep-artefacts.ts';
import { deleteInPortions } from '../../src/database/delete-in-portions.ts';
import { query } from '../../src/database/query.ts';
import { closeTestDatabase, openTestDatabase } from '../support/database.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const EXPIRED = { table: 'oidc_artefacts', column: 'expires_at', before: NOW };

beforeAll(() => openTestDatabase());
afterAll(() => closeTestDatabase());
beforeEach(() => query('delete from oidc_artefacts'));

/** `count` rows, ending so many microseconds from now, each further one so many later. */
const fill = (count: number, first: number, step: number) =>
  query(
    `insert into oidc_artefacts (model, id_hash, payload, expires_at)
     select 'Session', sha256(($1::text || ' ' || i)::bytea), '{}', $2::timestamptz + ($3::bigint + i * $4::bigint) * interval '1 microsecond'
     from generate_series(1, $5::int) i`,
    [`${first} ${step} ${count}`, NOW, first, step, count],
  );
const left = async () => Number((await query<{ n: number }>('select count(*) as n from oidc_artefacts'))[0]?.n);

describe('the sweep', () => {
  it('takes what has expired, over many portions, and leaves what has not', async () => {
    await fill(5001, -9_000_000, 1000);
    await fill(100, 1_000_000, 1);
    await query("insert into oidc_artefacts (model, id_hash, payload) values ('Grant', '\\x00', '{}')");
    expect(await deleteInPortions(EXPIRED)).toBe(5001);
    expect(await left()).toBe(101);
  });

  it('takes rows that end at one and the same instant, however many they are', async () => {
    await fill(4500, -1, 0);
    await fill(1, -2, 0);
    expect(await deleteInPortions(EXPIRED)).toBe(4501);
    expect(await left()).toBe(0);
  });

  it('is exact to the microsecond', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 12 }), async (ends) => {
        await query('delete from oidc_artefacts');
        for (const [index, end] of ends.entries()) await fill(1, end - index, index);
        const gone = ends.filter((end) => end < 0).length;
        expect(await deleteInPortions(EXPIRED)).toBe(gone);
        expect(await left()).toBe(ends.length - gone);
      }),
      { numRuns: 25 },
    );
  });

  it('as a job lets sessions, codes and tokens go that have ended', async () => {
    await fill(3, -1_000_000, 0);
    await query('update oidc_artefacts set expires_at = now() - interval $$1 second$$');
    await query(
      "insert into oidc_artefacts (model, id_hash, payload, expires_at) values ('Session', '\\x01', '{}', now() + interval '1 hour')",
    );
    await sweepArtefacts.run({});
    expect(await left()).toBe(1);
  });
});
