// That an organization let the operator's support act for one of its administrators, and each stretch of time in which a
// member of staff did.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table support_consents (
      organization_id uuid not null references organizations,
      id uuid not null,
      -- For whom support may act.
      administrator_id uuid not null,
      given_by jsonb not null,
      given_at timestamptz not null,
      expires_at timestamptz not null,
      withdrawn_at timestamptz,
      withdrawn_by jsonb,
      primary key (organization_id, id),
      foreign key (organization_id, administrator_id) references users (organization_id, id),
      check (expires_at <= given_at + interval '72 hours')
    );
    create index support_consents_administrator on support_consents (organization_id, administrator_id);

    create table support_visits (
      organization_id uuid not null references organizations,
      id uuid not null,
      consent_id uuid not null,
      -- Of the operator's organization.
      staff_id uuid not null,
      -- The staff's own session, behind which nothing else stands.
      session_uid text not null,
      reason text not null,
      started_at timestamptz not null,
      ended_at timestamptz,
      outcome text,
      -- When the member of staff saw that it had ended: until then his next page says so.
      told_at timestamptz,
      primary key (organization_id, id),
      foreign key (organization_id, consent_id) references support_consents,
      check ((ended_at is null) = (outcome is null))
    );
    -- Each request of a member of staff in the portal asks by his session, before an organization is known.
    create index support_visits_session on support_visits (session_uid) where told_at is null;
    create index support_visits_open on support_visits (id) where ended_at is null;
    create index support_visits_consent on support_visits (organization_id, consent_id);

    create index audit_events_visit on audit_events (organization_id, (actor #>> '{actedBy,visit}'), id)
      where actor #>> '{actedBy,visit}' is not null;
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    drop index audit_events_visit;
    drop table support_visits, support_consents;
  `);
};
