// What the operator's pages need: his staff's roles, figures by the hour, decisions of two people, registrations of
// companies, versions of applications with their logos, and accounts that moved.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table staff_roles (
      organization_id uuid not null,
      user_id uuid not null,
      roles text[] not null,
      changed_at timestamptz not null,
      primary key (organization_id, user_id),
      foreign key (organization_id, user_id) references users
    );
    -- Whoever runs the hub already goes on owning it.
    insert into staff_roles (organization_id, user_id, roles, changed_at)
      select u.organization_id, u.id, '{owner}', now() from users u join organizations o on o.id = u.organization_id
      where o.kind = 'operator' and u.kind = 'person' and u.deleted_at is null order by u.created_at, u.id limit 1;

    -- Deltas, folded into one row by a job: a counter row would be a lock. The hub's hours stand under the operator's
    -- organization, days under each organization's own.
    create table activity_counts (
      organization_id uuid not null,
      period text not null check (period in ('hour', 'day')),
      kind text not null,
      starts_at timestamptz not null,
      id uuid not null,
      count bigint not null,
      primary key (organization_id, period, kind, starts_at, id)
    );
    create index activity_counts_time on activity_counts (period, kind, starts_at) include (count);

    -- What one member of staff asked for and another must confirm.
    create table approvals (
      organization_id uuid not null references organizations,
      id uuid not null,
      kind text not null,
      target_id text not null,
      target_name text not null,
      -- What exactly is confirmed: a version, a hash.
      facts jsonb not null default '{}',
      reason text not null,
      asked_by jsonb not null,
      asked_at timestamptz not null,
      expires_at timestamptz not null,
      outcome text check (outcome in ('approved', 'refused', 'withdrawn')),
      decided_by jsonb,
      decided_at timestamptz,
      primary key (organization_id, id)
    );
    create unique index approvals_open on approvals (organization_id, kind, target_id) where outcome is null;

    alter table organizations add column closed_at timestamptz;
    -- Moved to another organization, where it has another id; stays for the history.
    alter table customer_accounts add column moved_at timestamptz;
    alter table customer_accounts add column moved_to jsonb;

    -- Companies that ask to be admitted. They belong to the operator until one becomes an organization.
    create table registrations (
      organization_id uuid not null references organizations,
      id uuid not null,
      company text not null,
      customer_number text not null,
      proof text not null,
      given_name text not null,
      family_name text not null,
      email text not null,
      email_key text collate "C" not null,
      phone text not null default '',
      language text not null,
      applications text[] not null,
      state text not null check (state in ('unconfirmed', 'pending', 'forwarded', 'approved', 'denied', 'expired')),
      secret_hash bytea not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      confirmed_at timestamptz,
      decided_at timestamptz,
      decided_by jsonb,
      -- What was checked, or why not.
      note text,
      admitted_id uuid,
      primary key (organization_id, id),
      unique (organization_id, secret_hash)
    );
    create index registrations_state on registrations (organization_id, state, id);
    -- One at a time for a customer number, counted from the confirmation on: a stranger's form blocks nobody.
    create unique index registrations_open on registrations (organization_id, customer_number) where state = 'pending';

    -- Version 0 is the file that the hub came with; a row is never changed.
    create table application_versions (
      application text not null,
      version integer not null check (version > 0),
      source text not null,
      note text not null default '',
      published_by jsonb not null,
      confirmed_by jsonb not null,
      published_at timestamptz not null,
      primary key (application, version)
    );
    create table application_drafts (
      application text primary key,
      source text not null,
      changed_by jsonb not null,
      changed_at timestamptz not null
    );
    create table application_logos (
      application text primary key,
      media_type text not null check (media_type in ('image/png', 'image/jpeg', 'image/webp')),
      bytes bytea not null,
      digest text not null,
      changed_at timestamptz not null
    );
    create index mails_failed on mails (created_at) where state in ('failed', 'bounced');
    create index provisioning_tokens_expiring on provisioning_tokens (expires_at) where revoked_at is null and expires_at is not null;
    create index organizations_state on organizations (state, id);
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    drop index organizations_state, provisioning_tokens_expiring, mails_failed;
    drop table application_logos, application_drafts, application_versions, registrations, approvals,
      activity_counts, staff_roles;
    alter table customer_accounts drop column moved_to, drop column moved_at;
    alter table organizations drop column closed_at;
  `);
};
