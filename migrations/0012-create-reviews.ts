// News of the operator, substitutions, notices of an end that comes near, access reviews, and the indexes by which the
// portal answers "who can do this?".
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    -- Of the hub, for the people of all organizations.
    create table news (
      id uuid primary key,
      day date not null,
      -- {nl, fr, de, en}
      title jsonb not null,
      text jsonb not null,
      more_url text,
      published_by jsonb not null,
      published_at timestamptz not null,
      withdrawn_at timestamptz
    );
    create index news_day on news (day, id) where withdrawn_at is null;

    create table substitutions (
      organization_id uuid not null references organizations,
      id uuid not null,
      absent_user_id uuid not null,
      substitute_user_id uuid not null,
      valid_from timestamptz,
      valid_until timestamptz not null,
      -- What was given to the substitute.
      assignment_ids uuid[] not null,
      given_by jsonb not null,
      given_at timestamptz not null,
      ended_at timestamptz,
      ended_by jsonb,
      primary key (organization_id, id)
    );
    create index substitutions_until on substitutions (organization_id, valid_until) where ended_at is null;

    -- An assignment whose end was announced; a new end is a new assignment.
    create table assignment_notices (
      organization_id uuid not null references organizations,
      assignment_id uuid not null,
      noticed_at timestamptz not null,
      primary key (organization_id, assignment_id)
    );
    create index assignments_ending on assignments (valid_until) where ended_at is null and valid_until is not null;

    create index assignments_application on assignments (organization_id, application, subject_kind, customer_account_id, subject_id)
      where ended_at is null and application is not null;
    create index role_entitlements_application on role_entitlements (organization_id, application, customer_account_id)
      where ended_at is null;

    -- What was done about one application. Events without one, which are most, are not in it.
    create index audit_events_application on audit_events (organization_id,
      (coalesce(coalesce(after, before) -> 'entitlement' ->> 'application', coalesce(after, before) ->> 'application')), id)
      where coalesce(coalesce(after, before) -> 'entitlement' ->> 'application', coalesce(after, before) ->> 'application') is not null;

    create table reviews (
      organization_id uuid not null references organizations,
      id uuid not null,
      scope_kind text not null check (scope_kind in ('all', 'group', 'application')),
      -- The group's id, the application's key.
      scope_id text,
      due_on date not null,
      started_by jsonb not null,
      started_at timestamptz not null,
      reminded_at timestamptz,
      closed_at timestamptz,
      closed_by jsonb,
      primary key (organization_id, id),
      check ((scope_kind = 'all') = (scope_id is null))
    );
    create index reviews_open on reviews (due_on) where closed_at is null;
    -- What stood when the review began, and what was decided. One assignment is one row.
    create table review_rows (
      organization_id uuid not null,
      review_id uuid not null,
      position integer not null,
      assignment_id uuid not null,
      subject_kind text not null check (subject_kind in ('user', 'group')),
      subject_id uuid not null,
      role_id uuid,
      application text,
      customer_account_id uuid,
      profile text,
      "values" jsonb,
      valid_until timestamptz,
      given_by jsonb not null,
      given_at timestamptz not null,
      last_used_on date,
      decision text check (decision in ('keep', 'remove')),
      decided_by jsonb,
      decided_at timestamptz,
      primary key (organization_id, review_id, position),
      foreign key (organization_id, review_id) references reviews
    );
    create index review_rows_undecided on review_rows (organization_id, review_id, position) where decision is null;
    create table review_schedules (
      organization_id uuid primary key references organizations,
      every_months smallint not null check (every_months between 1 and 24),
      next_on date not null,
      set_by jsonb not null,
      set_at timestamptz not null
    );
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    drop table review_schedules, review_rows, reviews, assignment_notices, substitutions, news;
    drop index audit_events_application, role_entitlements_application, assignments_application, assignments_ending;
  `);
};
