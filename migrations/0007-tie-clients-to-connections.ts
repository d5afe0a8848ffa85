// A client of a provisioning connection: it speaks SCIM with tokens of its own instead of the connection's bearer tokens.
// The log of requests says which of the two a request came with.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    -- The provisioning connection whose requests its tokens open /scim/v2 for; excludes a service user.
    alter table clients add column connection_id uuid;
    alter table clients add constraint clients_connection check (connection_id is null or (organization_id is not null and service_user_id is null));
    create index clients_connection on clients (organization_id, connection_id) where connection_id is not null;

    alter table provisioning_requests alter column token_id drop not null;
    alter table provisioning_requests add column client_id text;
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    delete from provisioning_requests where token_id is null;
    alter table provisioning_requests drop column client_id;
    alter table provisioning_requests alter column token_id set not null;

    delete from clients where connection_id is not null;
    alter table clients drop column connection_id;
  `);
};
