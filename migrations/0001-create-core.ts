// Organizations, people, groups, rights, provisioning, sign-in and audit.
// A table that an organization owns has organization_id first in its primary key and in each unique index;
// the exceptions are listed in docs/decisions/0004-organization-first-keys.md.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table organizations (
      id uuid primary key,
      name text not null,
      kind text not null default 'customer' check (kind in ('customer', 'operator')),
      state text not null default 'active' check (state in ('active', 'suspended', 'closed')),
      -- conventional_router, etoe_partner
      attributes jsonb not null default '{}',
      -- deactivate_only, ftp, username, default_language, ...
      settings jsonb not null default '{}',
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );

    create table customer_accounts (
      organization_id uuid not null references organizations,
      id uuid not null,
      number text not null,
      name text not null,
      address text not null default '',
      created_at timestamptz not null default now(),
      primary key (organization_id, id)
    );
    -- Which organization owns a customer number; reference table.
    create table customer_account_numbers (
      number text primary key,
      organization_id uuid not null,
      customer_account_id uuid not null unique
    );
    create table resources (
      organization_id uuid not null,
      customer_account_id uuid not null,
      kind text not null check (kind in ('contracts', 'billing_addresses')),
      number text not null,
      label text not null,
      address text not null default '',
      state text not null default 'active' check (state in ('active', 'closed')),
      master boolean not null default false,
      services jsonb not null default '[]',
      primary key (organization_id, customer_account_id, kind, number),
      foreign key (organization_id, customer_account_id) references customer_accounts
    );
    create table subscriptions (
      organization_id uuid not null,
      id uuid not null,
      customer_account_id uuid not null,
      application text not null,
      "values" jsonb not null,
      valid_from timestamptz,
      valid_until timestamptz,
      created_at timestamptz not null default now(),
      ended_at timestamptz,
      primary key (organization_id, id),
      foreign key (organization_id, customer_account_id) references customer_accounts
    );
    create index subscriptions_account on subscriptions (organization_id, customer_account_id) where ended_at is null;

    create table provisioning_connections (
      organization_id uuid not null references organizations,
      id uuid not null,
      name text not null,
      settings jsonb not null default '{}',
      created_at timestamptz not null default now(),
      ended_at timestamptz,
      primary key (organization_id, id)
    );
    create table provisioning_tokens (
      organization_id uuid not null,
      id uuid not null,
      connection_id uuid not null,
      name text not null,
      secret_hash bytea not null,
      scopes text[] not null default '{read,write}',
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz,
      primary key (organization_id, id),
      unique (organization_id, secret_hash),
      foreign key (organization_id, connection_id) references provisioning_connections
    );
    -- What a chief administrator opened to a connection: the connection's ceiling.
    create table connection_openings (
      organization_id uuid not null,
      connection_id uuid not null,
      kind text not null check (kind in ('group', 'role')),
      target_id uuid not null,
      opened_by jsonb not null,
      opened_at timestamptz not null,
      primary key (organization_id, connection_id, target_id)
    );

    create table users (
      organization_id uuid not null references organizations,
      id uuid not null,
      kind text not null default 'person' check (kind in ('person', 'service')),
      -- The provisioning connection that owns the record; null when the organization made it itself.
      connection_id uuid,
      active boolean not null default true,
      user_name text not null,
      user_name_key text collate "C" not null,
      display_name_key text collate "C",
      external_id text collate "C",
      email_key text collate "C",
      work_email_key text collate "C",
      -- The enterprise extension's manager, where it is the id of a user; he may come later.
      manager_id uuid,
      -- The SCIM attributes as they are answered, without id, meta and groups; folded for case-insensitive search.
      document jsonb not null,
      folded jsonb not null,
      version bigint not null default 1,
      tokens_valid_from timestamptz not null default '-infinity',
      created_by jsonb not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      deactivated_at timestamptz,
      deleted_at timestamptz,
      last_sign_in_at timestamptz,
      primary key (organization_id, id)
    );
    create unique index users_user_name on users (organization_id, user_name_key) where deleted_at is null;
    create index users_external_id on users (organization_id, external_id) where deleted_at is null and external_id is not null;
    create index users_work_email on users (organization_id, work_email_key) where deleted_at is null and work_email_key is not null;
    create index users_many_work_emails on users (organization_id)
      where jsonb_array_length(jsonb_path_query_array(folded, '$.emails[*] ? (@.type == "work")')) > 1 and deleted_at is null;
    create index users_email on users (organization_id, email_key) where deleted_at is null and email_key is not null;
    create index users_display_name on users (organization_id, display_name_key) where deleted_at is null and display_name_key is not null;
    create index users_connection on users (organization_id, connection_id, id) where deleted_at is null;
    -- Names that people sign in with, over all organizations; reference table.
    create table sign_in_names (
      name_key text collate "C" not null,
      organization_id uuid not null,
      user_id uuid not null,
      primary key (name_key, organization_id, user_id)
    );
    create index sign_in_names_user on sign_in_names (organization_id, user_id);
    -- Changes of the number of a connection's resources, folded into one row by a job: a counter row would be a lock.
    create table resource_counts (
      organization_id uuid not null,
      connection_id uuid not null,
      kind text not null check (kind in ('user', 'group')),
      id uuid not null,
      delta integer not null,
      primary key (organization_id, connection_id, kind, id)
    );

    create table groups (
      organization_id uuid not null references organizations,
      id uuid not null,
      connection_id uuid,
      display_name text not null,
      display_name_key text collate "C" not null,
      external_id text collate "C",
      document jsonb not null,
      folded jsonb not null,
      version bigint not null default 1,
      created_by jsonb not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      deleted_at timestamptz,
      primary key (organization_id, id)
    );
    create index groups_display_name on groups (organization_id, display_name_key) where deleted_at is null;
    create index groups_external_id on groups (organization_id, external_id) where deleted_at is null and external_id is not null;
    create index groups_connection on groups (organization_id, connection_id, id) where deleted_at is null;
    create table group_users (
      organization_id uuid not null,
      group_id uuid not null,
      user_id uuid not null,
      primary key (organization_id, group_id, user_id)
    );
    create index group_users_user on group_users (organization_id, user_id);
    create table group_groups (
      organization_id uuid not null,
      parent_id uuid not null,
      child_id uuid not null,
      primary key (organization_id, parent_id, child_id)
    );
    create index group_groups_child on group_groups (organization_id, child_id);

    create table roles (
      organization_id uuid not null references organizations,
      id uuid not null,
      name text not null,
      name_key text collate "C" not null,
      description text not null default '',
      created_by jsonb not null,
      created_at timestamptz not null default now(),
      ended_at timestamptz,
      primary key (organization_id, id)
    );
    create unique index roles_name on roles (organization_id, name_key) where ended_at is null;
    create table role_entitlements (
      organization_id uuid not null,
      id uuid not null,
      role_id uuid not null,
      application text not null,
      customer_account_id uuid not null,
      profile text,
      "values" jsonb not null,
      valid_from timestamptz,
      valid_until timestamptz,
      given_by jsonb not null,
      given_at timestamptz not null default now(),
      ended_at timestamptz,
      ended_by jsonb,
      primary key (organization_id, id),
      foreign key (organization_id, role_id) references roles
    );
    create index role_entitlements_role on role_entitlements (organization_id, role_id) where ended_at is null;

    create table assignments (
      organization_id uuid not null references organizations,
      id uuid not null,
      subject_kind text not null check (subject_kind in ('user', 'group')),
      subject_id uuid not null,
      -- Either a role, or one entitlement.
      role_id uuid,
      application text,
      customer_account_id uuid,
      profile text,
      "values" jsonb,
      valid_from timestamptz,
      valid_until timestamptz,
      given_by jsonb not null,
      given_at timestamptz not null,
      ended_at timestamptz,
      ended_by jsonb,
      primary key (organization_id, id),
      check ((role_id is null) = ("values" is not null)),
      check (("values" is null) = (application is null) and ("values" is null) = (customer_account_id is null))
    );
    create index assignments_subject on assignments (organization_id, subject_id) where ended_at is null;
    create index assignments_role on assignments (organization_id, role_id) where ended_at is null and role_id is not null;

    -- Administration rights, of users and (by a chief's separate act) of groups.
    create table administration_rights (
      organization_id uuid not null references organizations,
      id uuid not null,
      subject_kind text not null check (subject_kind in ('user', 'group')),
      subject_id uuid not null,
      name text not null check (name in ('chief_administrator', 'manage_administrators', 'manage_users', 'recover_password',
        'ftp_access', 'view_account_settings', 'manage_account_settings')),
      customer_account_id uuid,
      valid_until timestamptz,
      given_by jsonb not null,
      given_at timestamptz not null,
      ended_at timestamptz,
      ended_by jsonb,
      primary key (organization_id, id),
      check ((name in ('view_account_settings', 'manage_account_settings')) = (customer_account_id is not null)),
      check (name <> 'chief_administrator' or subject_kind = 'user')
    );
    create index administration_rights_subject on administration_rights (organization_id, subject_id) where ended_at is null;
    create index administration_rights_chiefs on administration_rights (organization_id) where ended_at is null and name = 'chief_administrator';

    -- organization_id is the owner of the customer account: all links of its chains stand together.
    create table mandates (
      organization_id uuid not null references organizations,
      id uuid not null,
      customer_account_id uuid not null,
      giver_organization_id uuid not null references organizations,
      receiver_organization_id uuid not null references organizations,
      -- The mandate that this one passes on; null when the owner gave it.
      parent_id uuid,
      -- [{application, values}]
      boxes jsonb not null,
      onward smallint not null default 0 check (onward between 0 and 3),
      valid_from timestamptz,
      valid_until timestamptz,
      given_by jsonb not null,
      given_at timestamptz not null,
      ended_at timestamptz,
      ended_by jsonb,
      primary key (organization_id, id),
      foreign key (organization_id, customer_account_id) references customer_accounts,
      foreign key (organization_id, parent_id) references mandates
    );
    create index mandates_receiver on mandates (receiver_organization_id, organization_id, customer_account_id) where ended_at is null;
    create index mandates_giver on mandates (giver_organization_id, id);
    create index mandates_account on mandates (organization_id, customer_account_id) where ended_at is null;

    create table application_uses (
      organization_id uuid not null,
      user_id uuid not null,
      application text not null,
      last_used_on date not null,
      primary key (organization_id, user_id, application)
    );

    create table passwords (
      organization_id uuid not null,
      user_id uuid not null,
      hash text not null,
      temporary boolean not null default false,
      expires_at timestamptz,
      changed_at timestamptz not null,
      primary key (organization_id, user_id)
    );
    -- One-time links; only the hash of the secret is kept.
    create table links (
      organization_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      purpose text not null,
      secret_hash bytea not null,
      created_by jsonb not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      used_at timestamptz,
      primary key (organization_id, id),
      unique (organization_id, secret_hash)
    );
    create index links_user on links (organization_id, user_id) where used_at is null;

    create table clients (
      client_id text primary key,
      name text not null,
      -- The application whose rights its tokens carry; null for the hub's own clients.
      application text,
      -- The service user whose rights a client-credentials token carries.
      organization_id uuid,
      service_user_id uuid,
      metadata jsonb not null,
      secret_hash bytea,
      created_at timestamptz not null default now(),
      ended_at timestamptz
    );
    create index clients_service_user on clients (organization_id, service_user_id) where service_user_id is not null;

    -- What oidc-provider stores, by the hash of its id.
    create table oidc_artefacts (
      model text not null,
      id_hash bytea not null,
      payload jsonb not null,
      organization_id uuid,
      user_id uuid,
      client_id text,
      grant_id text,
      uid text,
      user_code text,
      issued_at timestamptz not null default now(),
      expires_at timestamptz,
      consumed_at timestamptz,
      primary key (model, id_hash)
    );
    create index oidc_artefacts_user on oidc_artefacts (organization_id, user_id) where user_id is not null;
    create index oidc_artefacts_grant on oidc_artefacts (grant_id) where grant_id is not null;
    create index oidc_artefacts_uid on oidc_artefacts (uid) where uid is not null;
    create index oidc_artefacts_user_code on oidc_artefacts (user_code) where user_code is not null;
    create index oidc_artefacts_expires on oidc_artefacts (expires_at);

    -- Private parts are encrypted under the secrets key named by secrets_key_id.
    create table signing_keys (
      kid text primary key,
      algorithm text not null,
      state text not null check (state in ('next', 'active', 'retiring')),
      public_jwk jsonb not null,
      private_key bytea not null,
      secrets_key_id text not null,
      created_at timestamptz not null default now(),
      activated_at timestamptz,
      retire_at timestamptz
    );
    create table api_tokens (
      id uuid primary key,
      name text not null,
      roles text[] not null,
      secret_hash bytea not null unique,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz
    );

    -- Append-only. Written in the change's own statement or transaction.
    create table audit_events (
      organization_id uuid not null,
      id uuid not null,
      at timestamptz not null,
      actor jsonb not null,
      action text not null,
      target_kind text not null,
      target_id text not null,
      before jsonb,
      after jsonb,
      request_id text not null,
      primary key (organization_id, id)
    );
    create index audit_events_target on audit_events (organization_id, target_id, id);
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    drop table audit_events, api_tokens, signing_keys, oidc_artefacts, clients, links, passwords, application_uses, mandates,
      administration_rights, assignments, role_entitlements, roles, group_groups, group_users, groups, resource_counts,
      sign_in_names, users, connection_openings, provisioning_tokens, provisioning_connections, subscriptions, resources,
      customer_account_numbers, customer_accounts, organizations;
  `);
};
