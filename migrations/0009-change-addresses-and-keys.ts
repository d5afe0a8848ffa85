// Changes of e-mail addresses with the way back, former password hashes where an organization wants them remembered,
// what a former secrets key protected and the present one cannot make again, and longer memory of failed sign-ins.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table email_changes (
      organization_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      -- Null: there was none.
      former_email text,
      new_email text not null,
      -- An administrator's change stands in the record at once, and waits only to be trusted.
      applied boolean not null,
      requested_by jsonb not null,
      requested_at timestamptz not null,
      expires_at timestamptz not null,
      confirmed_at timestamptz,
      ended_at timestamptz,
      outcome text check (outcome in ('confirmed', 'cancelled', 'replaced', 'undone')),
      -- SHA-256 of the secret in the mail to the former address; null where that address was not trusted.
      undo_hash bytea,
      undo_until timestamptz,
      primary key (organization_id, id),
      unique (organization_id, undo_hash),
      check ((ended_at is null) = (outcome is null))
    );
    create unique index email_changes_open on email_changes (organization_id, user_id) where ended_at is null;
    create index email_changes_user on email_changes (organization_id, user_id);

    -- Folded; an address that an administrator wrote and nobody has confirmed.
    alter table users add column unconfirmed_email_key text collate "C";

    -- Only where the organization's setting says so, and no more of them than it says.
    create table password_history (
      organization_id uuid not null,
      user_id uuid not null,
      id uuid not null,
      hash text not null,
      replaced_at timestamptz not null,
      primary key (organization_id, user_id, id)
    );

    -- The pepper of a former secrets key, sealed under the present one: password hashes made with it stay good.
    create table former_peppers (
      key_id text primary key,
      pepper bytea not null,
      secrets_key_id text not null,
      stored_at timestamptz not null
    );

    -- Failures in a row, without the pauses that make failures fade.
    alter table sign_in_throttles add column in_a_row integer not null default 0;
    alter table sign_in_throttles drop constraint sign_in_throttles_kind_check;
    alter table sign_in_throttles add constraint sign_in_throttles_kind_check check (kind in ('name', 'address', 'organization'));
    create index sign_in_throttles_sprays on sign_in_throttles (blocked_until) where kind = 'organization';
    create index links_invitations on links (expires_at) where purpose = 'invitation' and used_at is null;
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    drop index links_invitations, sign_in_throttles_sprays;
    delete from sign_in_throttles where kind = 'organization';
    alter table sign_in_throttles drop constraint sign_in_throttles_kind_check;
    alter table sign_in_throttles add constraint sign_in_throttles_kind_check check (kind in ('name', 'address'));
    alter table sign_in_throttles drop column in_a_row;
    drop table former_peppers, password_history, email_changes;
    alter table users drop column unconfirmed_email_key;
  `);
};
