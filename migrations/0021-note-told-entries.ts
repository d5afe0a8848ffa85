// What people of an organization were told of once: the operator's staff of what came into a queue, each entry until it leaves it;
// both sides of a mandate of its end.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table told_entries (
      organization_id uuid not null references organizations,
      topic text not null,
      entry text not null,
      told_at timestamptz not null,
      primary key (organization_id, topic, entry)
    );
  `);
};

export const down: Migration['down'] = async (run) => {
  await run('drop table told_entries;');
};
