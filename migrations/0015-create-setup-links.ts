// Links with which a colleague without an account sets a directory up, which product a connection is made for, who issued a
// token, and which ends of tokens were announced.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    alter table provisioning_connections add column product text not null default 'other' check (product in ('entra', 'okta', 'other'));
    alter table provisioning_tokens add column created_by jsonb;

    -- May be visited until it ends or is revoked: setting up takes more than one visit.
    create table setup_links (
      organization_id uuid not null,
      id uuid not null,
      connection_id uuid not null,
      secret_hash bytea not null,
      -- For whom it was made, in the maker's words.
      holder text not null,
      created_by jsonb not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      revoked_at timestamptz,
      last_visit_at timestamptz,
      primary key (organization_id, id),
      unique (organization_id, secret_hash),
      foreign key (organization_id, connection_id) references provisioning_connections
    );
    create index setup_links_connection on setup_links (organization_id, connection_id, id);

    -- So many days before its end the mail about a token went out.
    create table provisioning_token_notices (
      organization_id uuid not null,
      token_id uuid not null,
      days integer not null,
      noticed_at timestamptz not null,
      primary key (organization_id, token_id, days),
      foreign key (organization_id, token_id) references provisioning_tokens
    );
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    drop table provisioning_token_notices, setup_links;
    alter table provisioning_tokens drop column created_by;
    alter table provisioning_connections drop column product;
  `);
};
