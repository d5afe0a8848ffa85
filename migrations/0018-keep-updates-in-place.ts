// A change of a user's title must not touch eight indexes: PostgreSQL updates a row in place (HOT) only where no column that
// an index names has changed, and two indexes named `folded`, which every change changes. What they order by gets columns of
// its own, and pages keep room for the new version of a row.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    drop index users_family_name, users_many_work_emails;
    alter table users
      add column family_name_key text collate "C" generated always as ((folded #>> '{name,familyName}') collate "C") stored,
      add column many_work_emails boolean generated always as
        (jsonb_array_length(jsonb_path_query_array(folded, '$.emails[*] ? (@.type == "work")')) > 1) stored,
      set (fillfactor = 80);
    create index users_family_name on users (organization_id, family_name_key)
      where deleted_at is null and family_name_key is not null;
    create index users_many_work_emails on users (organization_id) where many_work_emails and deleted_at is null;
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    drop index users_family_name, users_many_work_emails;
    alter table users drop column family_name_key, drop column many_work_emails, reset (fillfactor);
    create index users_many_work_emails on users (organization_id)
      where jsonb_array_length(jsonb_path_query_array(folded, '$.emails[*] ? (@.type == "work")')) > 1 and deleted_at is null;
    create index users_family_name on users (organization_id, ((folded #>> '{name,familyName}') collate "C"))
      where deleted_at is null and (folded #>> '{name,familyName}') is not null;
  `);
};
