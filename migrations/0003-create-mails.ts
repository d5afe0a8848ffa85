// Outgoing mails with the state of their delivery; which e-mail address of a person can be trusted with a link; and to
// which address a link was sent.
import type { Migration } from '../src/database/migrate.ts';

export const up: Migration['up'] = async (run) => {
  await run(`
    create table mails (
      organization_id uuid not null references organizations,
      id uuid not null,
      -- Whom it is about; null where it is about several.
      user_id uuid,
      kind text not null,
      language text not null,
      -- Recipient, subject and body go once they have been kept long enough, the body also as soon as it is delivered.
      recipient text,
      subject text,
      -- {text, html}, sealed: it may hold a link that opens an account.
      body bytea,
      secrets_key_id text not null,
      message_id text not null,
      -- kept: there is no mail server.
      state text not null check (state in ('queued', 'sent', 'failed', 'bounced', 'kept')),
      attempts integer not null default 0,
      last_error text,
      -- Later it is of no use to anybody: its link has expired.
      useful_until timestamptz,
      created_at timestamptz not null,
      sent_at timestamptz,
      primary key (organization_id, id)
    );
    create index mails_user on mails (organization_id, user_id, id) where user_id is not null;
    create index mails_created on mails (created_at);

    -- Folded; the address that the person proved to be his, or that stood there before a directory took the record over.
    alter table users add column trusted_email_key text collate "C";
    -- Folded; null for a link that was shown or copied.
    alter table links add column sent_to text collate "C";
    -- Also those that have ended: the last word on somebody's recovery counts.
    create index administration_rights_recovery on administration_rights (organization_id, subject_id) where name = 'recover_password';
  `);
};

export const down: Migration['down'] = async (run) => {
  await run(`
    drop index administration_rights_recovery;
    alter table links drop column sent_to;
    alter table users drop column trusted_email_key;
    drop table mails;
  `);
};
