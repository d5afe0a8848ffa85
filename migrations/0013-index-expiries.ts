// What the sweeper deletes by age is found by an index, also where it is little among much.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run('create index links_expires on links (expires_at);');
};

export const down: Migration['down'] = async (run) => {
  await run('drop index links_expires;');
};
