// Writes a mail and the job that delivers it, in the ambient transaction: it is sent exactly if the change that causes it
// is made. It is rendered at once, so that it says what was true then. Without a mail server it is kept instead.
import { v7 as uuidv7 } from 'uuid';
import type { Language } from '../applications/application.ts';
import type { Ctx } from '../context.ts';
import { secrets } from '../credentials/secrets.ts';
import { enqueue } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { isMailable } from './address.ts';
import type { MailKind, Mails } from './letters.ts';
import { sealBody } from './mail-body.ts';
import { mailSettings } from './mail-settings.ts';
import { renderLetter } from './render-letter.ts';

export const DELIVER_MAIL = 'deliver-mail';

type NewMail<K extends MailKind> = {
  readonly kind: K;
  readonly to: string;
  readonly language: Language;
  readonly values: Mails[K];
  /** Whose history it belongs to. */
  readonly organizationId: string;
  readonly userId?: string;
  /** After that it is not delivered any more. */
  readonly usefulUntil?: Date;
};

/** Answers the mail's id. Throws HubError `invalid_input` for an address that cannot be written to. */
export async function queueMail<K extends MailKind>(ctx: Ctx, mail: NewMail<K>): Promise<string> {
  const { organizationId, to } = mail;
  if (!isMailable(to)) {
    throw new HubError('invalid_input', 'No mail can be sent to this address.', {
      issues: [{ path: 'email', message: 'is no e-mail address' }],
    });
  }
  const { publicUrl, transport } = mailSettings();
  const id = uuidv7();
  const { subject, text, html } = renderLetter(mail.kind, mail.values, mail.language);
  await transaction(async () => {
    await query(
      `insert into mails (organization_id, id, user_id, kind, language, recipient, subject, body, secrets_key_id, message_id, state,
         useful_until, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        organizationId,
        id,
        mail.userId ?? null,
        mail.kind,
        mail.language,
        to,
        subject,
        sealBody(id, { text, html }),
        secrets().keyId,
        `<${id}@${publicUrl.hostname}>`,
        transport ? 'queued' : 'kept',
        mail.usefulUntil ?? null,
        ctx.now,
      ],
    );
    if (transport) await enqueue(DELIVER_MAIL, { organizationId, id });
  });
  return id;
}
