// Requests for access, and what the list of sub-contractors and the people below a mandate are looked up by.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table access_requests (
      organization_id uuid not null references organizations,
      id uuid not null,
      user_id uuid not null,
      application text not null,
      -- The customer account that was named, if it is one that the organization may act on; and what was typed.
      customer_account_id uuid,
      account_text text not null default '',
      -- dimension -> chosen values; and what was said in words.
      wanted jsonb not null default '{}',
      wanted_text text not null default '',
      reason text not null,
      state text not null default 'waiting'
        check (state in ('waiting', 'approved', 'approved_in_part', 'denied', 'cancelled', 'expired', 'closed')),
      asked_at timestamptz not null,
      expires_at timestamptz not null,
      reminders smallint not null default 0,
      -- Since when nobody in the organization can give it, so that it is the operator's turn.
      operator_since timestamptz,
      decided_at timestamptz,
      decided_by jsonb,
      answer text not null default '',
      -- Assignments that the approval made.
      assignments jsonb not null default '[]',
      primary key (organization_id, id)
    );
    -- Nobody asks twice for the same.
    create unique index access_requests_waiting on access_requests
      (organization_id, user_id, application, (coalesce(customer_account_id, '00000000-0000-0000-0000-000000000000'::uuid)))
      where state = 'waiting';
    create index access_requests_user on access_requests (organization_id, user_id, id);
    create index access_requests_inbox on access_requests (organization_id, id) where state = 'waiting';
    create index access_requests_due on access_requests (asked_at, organization_id, id) where state = 'waiting';
    create index access_requests_operator on access_requests (operator_since, organization_id, id)
      where state = 'waiting' and operator_since is not null;

    -- Name and address, folded, of an organization that stands on the list of sub-contractors; computed by the hub.
    alter table organizations add column listing_key text collate "C";
    update organizations set listing_key = lower(name)
      where kind = 'customer' and attributes ->> 'conventional_router' = 'true';
    create index organizations_listing on organizations (listing_key, id) where listing_key is not null;

    alter table mandates add column version integer not null default 1;
    create index assignments_account on assignments (organization_id, customer_account_id)
      where ended_at is null and customer_account_id is not null;
    create index role_entitlements_account on role_entitlements (organization_id, customer_account_id) where ended_at is null;
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    drop index role_entitlements_account, assignments_account, organizations_listing;
    alter table mandates drop column version;
    alter table organizations drop column listing_key;
    drop table access_requests;
  `);
};
