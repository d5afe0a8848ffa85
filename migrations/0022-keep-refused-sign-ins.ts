// What was refused to somebody who tried to sign in as a person, folded by hour and address, for that person alone; and a
// notice may wait for everybody who has a role.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table refused_sign_ins (
      organization_id uuid not null references organizations,
      user_id uuid not null,
      hour timestamptz not null,
      -- No closer than needed to recognize it; empty: from further addresses.
      address text not null,
      kind text not null check (kind in ('password', 'second_factor', 'throttled')),
      id uuid not null,
      attempts bigint not null,
      first_at timestamptz not null,
      last_at timestamptz not null,
      primary key (organization_id, user_id, hour, address, kind)
    );
    create index refused_sign_ins_ended on refused_sign_ins (last_at);

    alter table pending_notices drop constraint pending_notices_subject_kind_check;
    alter table pending_notices add constraint pending_notices_subject_kind_check check (subject_kind in ('user', 'group', 'role'));
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    delete from pending_notices where subject_kind = 'role';
    alter table pending_notices drop constraint pending_notices_subject_kind_check;
    alter table pending_notices add constraint pending_notices_subject_kind_check check (subject_kind in ('user', 'group'));
    drop table refused_sign_ins;
  `);
};
