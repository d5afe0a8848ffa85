// Whom a member of the operator's staff acted for, over all organizations.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run('create index support_visits_staff on support_visits (staff_id, id);');
};

export const down: Migration['down'] = async (run) => {
  await run('drop index support_visits_staff;');
};
