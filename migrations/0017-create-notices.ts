// What each person wants to hear of and how soon, what waits for his next mail, and how many chief administrators an
// organization had when it was last looked at.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    -- Only what differs from the usual (src/notices/topics.ts).
    create table notice_preferences (
      organization_id uuid not null references organizations,
      user_id uuid not null,
      topic text not null,
      delivery text not null check (delivery in ('at_once', 'daily', 'never')),
      changed_at timestamptz not null,
      primary key (organization_id, user_id, topic)
    );

    -- Goes out as one mail a person once it is due; what concerns a group is first shared out among its people.
    create table pending_notices (
      organization_id uuid not null references organizations,
      id uuid not null,
      subject_kind text not null check (subject_kind in ('user', 'group')),
      subject_id uuid not null,
      topic text not null,
      item jsonb not null,
      noted_at timestamptz not null,
      due_at timestamptz not null,
      primary key (organization_id, id)
    );
    create index pending_notices_subject on pending_notices (organization_id, subject_id);
    create index pending_notices_due on pending_notices (due_at);

    create table chief_counts (
      organization_id uuid primary key references organizations,
      chiefs integer not null,
      counted_at timestamptz not null
    );
  `);
};

export const down: Migration['down'] = async (run) => {
  await run('drop table chief_counts, pending_notices, notice_preferences;');
};
