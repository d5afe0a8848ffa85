// The mails that were kept because there is no mail server, opened: the mailbox of the demonstration and of development.
import { query } from '../database/query.ts';
import { openBody } from './mail-body.ts';
import type { MailKind } from './letters.ts';

export type KeptMail = {
  readonly id: string;
  readonly kind: MailKind;
  readonly to: string;
  readonly language: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly sentAt: Date;
};

type Row = {
  id: string;
  kind: MailKind;
  recipient: string;
  language: string;
  subject: string;
  body: Buffer;
  created_at: Date;
};

/** Of all organizations, newest first. Never for a hub that sends mail: whoever reads them can use their links. */
export async function listMails(limit: number): Promise<KeptMail[]> {
  const rows = await query<Row>(
    `select id, kind, recipient, language, subject, body, created_at from mails
     where state = 'kept' and body is not null order by created_at desc, id desc limit $1`,
    [limit],
  );
  return rows.map(({ id, kind, recipient: to, language, subject, body, created_at: sentAt }) => ({
    id,
    kind,
    to,
    language,
    subject,
    ...openBody(id, body),
    sentAt,
  }));
}
