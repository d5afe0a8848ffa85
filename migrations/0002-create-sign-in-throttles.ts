// Counts failed sign-ins by what was typed and by where it came from. Buckets are keyed hashes: people type passwords
// into the name field. No organization owns a row; a job sweeps what has not been touched for a day.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table sign_in_throttles (
      bucket bytea primary key,
      kind text not null check (kind in ('name', 'address')),
      failures integer not null,
      since timestamptz not null,
      last_at timestamptz not null,
      blocked_until timestamptz
    );
    create index sign_in_throttles_last on sign_in_throttles (last_at);
  `);
};

export const down: Migration['down'] = async (run) => {
  await run('drop table sign_in_throttles;');
};
