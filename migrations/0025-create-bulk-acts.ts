// One act on many people: for whom it was asked, what became of each, and how far the work is.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table bulk_acts (
      organization_id uuid not null references organizations,
      id uuid not null,
      act text not null check (act in ('deactivate', 'reactivate', 'invite')),
      state text not null default 'checked' check (state in ('checked', 'running', 'finished')),
      created_by jsonb not null,
      created_at timestamptz not null,
      started_at timestamptz,
      progress_at timestamptz not null,
      ended_at timestamptz,
      primary key (organization_id, id)
    );
    create index bulk_acts_running on bulk_acts (progress_at) where state = 'running';
    create index bulk_acts_kept on bulk_acts (created_at);
    create table bulk_act_people (
      organization_id uuid not null,
      bulk_act_id uuid not null,
      user_id uuid not null,
      state text not null check (state in ('waiting', 'done', 'refused')),
      -- Why not.
      code text,
      primary key (organization_id, bulk_act_id, user_id),
      foreign key (organization_id, bulk_act_id) references bulk_acts on delete cascade
    );
    create index bulk_act_people_waiting on bulk_act_people (organization_id, bulk_act_id, user_id) where state = 'waiting';
  `);
};

export const down: Migration['down'] = async (run) => {
  await run('drop table bulk_act_people, bulk_acts');
};
