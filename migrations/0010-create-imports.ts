// Files of users that an administrator uploads: what was read, what of it can be created, and how far the work is.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table imports (
      organization_id uuid not null references organizations,
      id uuid not null,
      file_name text not null,
      encoding text not null,
      delimiter text not null,
      -- The header as it stood, and which field each column is.
      header jsonb not null,
      columns jsonb not null,
      -- What the names in the columns of groups, roles and administration rights mean: item -> id.
      targets jsonb not null default '{}',
      invite boolean not null,
      state text not null default 'reading' check (state in ('reading', 'checked', 'running', 'finished', 'stopped', 'discarded')),
      stop_code text,
      row_count integer not null default 0,
      created_count integer not null default 0,
      refused_count integer not null default 0,
      created_by jsonb not null,
      created_at timestamptz not null,
      confirmed_at timestamptz,
      progress_at timestamptz not null,
      ended_at timestamptz,
      rows_erased_at timestamptz,
      primary key (organization_id, id)
    );
    create index imports_open on imports (state, progress_at) where state in ('reading', 'checked', 'running');
    create index imports_rows_kept on imports (created_at) where rows_erased_at is null;
    create table import_rows (
      organization_id uuid not null,
      import_id uuid not null,
      -- Where the row begins in the file, from 1; the header is line 1.
      line integer not null,
      -- The folded username: it names the row for good, so that no row is created twice.
      key text collate "C",
      cells jsonb not null,
      -- Groups, roles and administration rights as items; null: none.
      gives jsonb,
      state text not null check (state in ('ready', 'refused', 'created')),
      faults jsonb,
      user_id uuid,
      primary key (organization_id, import_id, line),
      foreign key (organization_id, import_id) references imports
    );
    create index import_rows_key on import_rows (organization_id, import_id, key) where key is not null;
    create index import_rows_ready on import_rows (organization_id, import_id, line) where state = 'ready';
    create index import_rows_refused on import_rows (organization_id, import_id, line) where state = 'refused';
  `);
};

export const down: Migration['down'] = async (run) => {
  await run('drop table import_rows, imports');
};
