// What proves a person beside his password: the seed of an authenticator app, passkeys, recovery codes; requests to take
// a lost one away; and the terms that an organization's people accept, version by version.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    -- One authenticator app a person: a new one replaces it.
    create table totp_factors (
      organization_id uuid not null,
      user_id uuid not null,
      id uuid not null,
      -- Encrypted under the secrets key named by secrets_key_id.
      seed bytea not null,
      secrets_key_id text not null,
      -- The last 30-second step whose code was taken: each code counts once.
      last_step bigint not null,
      created_at timestamptz not null,
      last_used_at timestamptz,
      primary key (organization_id, user_id)
    );
    create table passkeys (
      organization_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      name text not null,
      credential_id bytea not null,
      -- COSE_Key (RFC 9053).
      public_key bytea not null,
      sign_count bigint not null,
      transports text[] not null,
      -- Kept by a provider that copies it to the person's other devices.
      backed_up boolean not null,
      aaguid uuid,
      created_at timestamptz not null,
      last_used_at timestamptz,
      primary key (organization_id, id),
      unique (organization_id, credential_id)
    );
    create index passkeys_user on passkeys (organization_id, user_id);
    create table recovery_codes (
      organization_id uuid not null,
      user_id uuid not null,
      code_hash bytea not null,
      created_at timestamptz not null,
      used_at timestamptz,
      primary key (organization_id, user_id, code_hash)
    );
    create table second_factor_resets (
      organization_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      reason text not null,
      requested_at timestamptz not null,
      expires_at timestamptz not null,
      outcome text check (outcome in ('approved', 'denied')),
      decided_by jsonb,
      decided_at timestamptz,
      primary key (organization_id, id),
      check ((outcome is null) = (decided_at is null))
    );
    create unique index second_factor_resets_open on second_factor_resets (organization_id, user_id) where outcome is null;

    create table terms (
      organization_id uuid not null references organizations,
      version integer not null,
      -- language -> text, all four
      texts jsonb not null,
      published_by jsonb not null,
      published_at timestamptz not null,
      primary key (organization_id, version)
    );
    create table terms_acceptances (
      organization_id uuid not null,
      user_id uuid not null,
      version integer not null,
      accepted_at timestamptz not null,
      primary key (organization_id, user_id, version),
      foreign key (organization_id, version) references terms
    );
  `);
};

export const down: Migration['down'] = async (run) => {
  await run('drop table terms_acceptances, terms, second_factor_resets, recovery_codes, passkeys, totp_factors;');
};
