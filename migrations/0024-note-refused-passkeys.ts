// A refused passkey is among what a person is told of refused sign-ins.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    alter table refused_sign_ins drop constraint refused_sign_ins_kind_check;
    alter table refused_sign_ins add constraint refused_sign_ins_kind_check
      check (kind in ('password', 'second_factor', 'passkey', 'throttled'));
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    delete from refused_sign_ins where kind = 'passkey';
    alter table refused_sign_ins drop constraint refused_sign_ins_kind_check;
    alter table refused_sign_ins add constraint refused_sign_ins_kind_check check (kind in ('password', 'second_factor', 'throttled'));
  `);
};
