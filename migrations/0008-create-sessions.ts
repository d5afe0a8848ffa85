// What a person sees of his sessions, and what their limits are counted from; the browsers that he signed in with before;
// and the log of what applications were told when a session ended. A session's cookie opens the artefact, not this row.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table sessions (
      organization_id uuid not null,
      -- Names the session; opens nothing.
      uid text not null,
      user_id uuid not null,
      -- What the browser said of itself: "Firefox", "Windows".
      browser text,
      platform text,
      -- /24 or /48
      address_prefix text,
      -- Whether the shorter idle limit counts; asked anew with each use that is noted.
      administrator boolean not null default false,
      started_at timestamptz not null,
      -- Noted at most once a minute.
      used_at timestamptz not null,
      -- What a request of that moment still writes does not bring the session back.
      ended_at timestamptz,
      primary key (organization_id, uid)
    );
    create index sessions_user on sessions (organization_id, user_id);
    create index sessions_used on sessions (used_at);
    insert into sessions (organization_id, uid, user_id, started_at, used_at)
      select organization_id, uid, user_id, min(issued_at), max(issued_at) from oidc_artefacts
      where model = 'Session' and uid is not null and organization_id is not null and user_id is not null
      group by organization_id, uid, user_id
      on conflict do nothing;

    create table known_devices (
      organization_id uuid not null,
      user_id uuid not null,
      -- Of the device cookie's id.
      device_hash bytea not null,
      first_seen_at timestamptz not null,
      last_seen_at timestamptz not null,
      primary key (organization_id, user_id, device_hash)
    );
    create index known_devices_seen on known_devices (last_seen_at);

    -- Back-channel logout: one row for each application with a session that ended.
    create table logout_deliveries (
      organization_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      client_id text not null,
      -- \`sid\` of the tokens that the application got in that session.
      sid text,
      state text not null default 'waiting' check (state in ('waiting', 'delivered', 'given_up')),
      attempts integer not null default 0,
      last_status integer,
      last_error text,
      created_at timestamptz not null,
      last_attempt_at timestamptz,
      settled_at timestamptz,
      primary key (organization_id, id),
      check ((state = 'waiting') = (settled_at is null))
    );
    -- The operator reads it across organizations, the newest first.
    create index logout_deliveries_id on logout_deliveries (id);
    create index logout_deliveries_user on logout_deliveries (organization_id, user_id);
    create index logout_deliveries_open on logout_deliveries (id) where state <> 'delivered';
  `);
};

export const down: Migration['down'] = async (run) => {
  await run('drop table logout_deliveries, known_devices, sessions;');
};
