// The log of a connection's requests; roles that a directory assigned; and what the erasure of former users needs.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    -- What a directory sent and was answered, for people; written in batches, kept for 30 days.
    create table provisioning_requests (
      organization_id uuid not null,
      id uuid not null,
      at timestamptz not null,
      connection_id uuid not null,
      token_id uuid not null,
      method text not null,
      path text not null,
      status smallint not null,
      scim_type text,
      duration_ms integer not null,
      -- Without secrets, shortened.
      body text,
      why text,
      request_id text not null,
      dry_run boolean not null default false,
      -- More than one: so many successful requests of one second that were not written one by one.
      requests integer not null default 1,
      primary key (organization_id, id)
    );
    create index provisioning_requests_connection on provisioning_requests (organization_id, connection_id, id);
    create index provisioning_requests_failed on provisioning_requests (organization_id, connection_id, id) where status >= 400;
    create index provisioning_requests_at on provisioning_requests (at);

    -- The value of "roles", folded, by which a directory assigned the role to a user of its own.
    alter table assignments add column provisioned_value text collate "C";

    alter table users add column erased_at timestamptz;
    create index users_to_erase on users (deleted_at) where deleted_at is not null and erased_at is null;
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    drop index users_to_erase;
    alter table users drop column erased_at;
    alter table assignments drop column provisioned_value;
    drop table provisioning_requests;
  `);
};
