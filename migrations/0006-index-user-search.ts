// What the portal's list of users and its history look things up by. The indexes are partial where they can be, so that
// a directory's own work pays little for them.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    -- People are looked for by their last name as well; the other columns of the search have their index already.
    create index users_family_name on users (organization_id, ((folded #>> '{name,familyName}') collate "C"))
      where deleted_at is null and (folded #>> '{name,familyName}') is not null;
    create index users_deactivated on users (organization_id, user_name_key) where not active and deleted_at is null;
    -- What one person did. Directories, which write most, are not in it.
    create index audit_events_actor on audit_events (organization_id, (actor ->> 'id'), id) where actor ->> 'kind' = 'user';
  `);
};

export const down: Migration['down'] = async (run) => {
  await run('drop index audit_events_actor, users_deactivated, users_family_name');
};
