// Hands one mail to the mail server (RFC 5321) and notes what became of it. What may pass (no connection, a temporary
// refusal, our own credentials) is tried again, later and later, for about five hours; what will not is noted at once.
// A crash between the server's yes and our note sends it twice: both carry the same Message-ID.
import type { Logger } from 'pino';
import type { JobHandler } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { openBody, type MailBody } from './mail-body.ts';
import { mailSettings, type Transport } from './mail-settings.ts';

const MOST_ATTEMPTS = 16;
const LONGEST_ERROR = 500;

type QueuedMail = {
  id: string;
  recipient: string;
  subject: string;
  language: string;
  body: Buffer;
  message_id: string;
  attempts: number;
  late: boolean;
  created_at: Date;
};
type Key = readonly [organizationId: string, id: string];

export const deliverMail = (log: Logger): JobHandler => ({
  retryLimit: MOST_ATTEMPTS - 1,
  run: async ({ organizationId, id }) => deliver(log, [String(organizationId), String(id)]),
});

async function deliver(log: Logger, key: Key): Promise<void> {
  const mail = await queryOne<QueuedMail>(
    `update mails set attempts = attempts + 1 where organization_id = $1 and id = $2 and state = 'queued'
     returning id, recipient, subject, language, body, message_id, attempts, created_at, coalesce(useful_until < $3, false) as late`,
    [...key, new Date()],
  );
  if (!mail) return;
  const { transport } = mailSettings();
  if (mail.late) return giveUp(key, 'failed', 'It could not be delivered before its link expired.');
  if (!transport) return giveUp(key, 'failed', 'There is no mail server any more.');
  const body = tryOpen(mail);
  if (!body) return giveUp(key, 'failed', 'It was sealed under another key.');
  try {
    await send(transport, mail, body);
  } catch (error) {
    const { state, why } = verdict(error, mail.attempts);
    log.warn({ mail: mail.id, attempt: mail.attempts, state, why }, 'a mail was not delivered');
    if (state !== 'queued') return giveUp(key, state, why);
    await query('update mails set last_error = $3 where organization_id = $1 and id = $2', [...key, why]);
    throw new Error(`Mail ${mail.id} was not delivered: ${why}`, { cause: error });
  }
  // Nobody needs the body any more, and it may hold a link.
  await query(
    "update mails set state = 'sent', sent_at = $3, body = null, last_error = null where organization_id = $1 and id = $2",
    [...key, new Date()],
  );
}

async function send(transport: Transport, mail: QueuedMail, { text, html }: MailBody): Promise<void> {
  const { from } = mailSettings();
  await transport.sendMail({
    from,
    // As an object it is taken as it is, never parsed into several.
    to: { name: '', address: mail.recipient },
    envelope: { from: from.address, to: mail.recipient },
    subject: mail.subject,
    text,
    html,
    messageId: mail.message_id,
    date: mail.created_at,
    headers: {
      // RFC 3834 section 5: no holiday note answers it. The second is what Exchange reads.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'Content-Language': mail.language,
    },
  });
}

function tryOpen({ id, body }: QueuedMail): MailBody | undefined {
  try {
    return openBody(id, body);
  } catch {
    return undefined;
  }
}

type SmtpError = Error & { code?: string; command?: string; permanent?: boolean; responseCode?: number };
type Verdict = { state: 'queued' | 'failed' | 'bounced'; why: string };

/** The recipient refused for good: bounced. The message refused for good, or too many attempts: failed. Else once more. */
function verdict(error: unknown, attempts: number): Verdict {
  const { message, code, command = '', permanent = false, responseCode } = error as SmtpError;
  const why = `${code ?? 'error'} ${responseCode ?? ''} ${message}`.replace(/\s+/g, ' ').slice(0, LONGEST_ERROR);
  if (code === 'EENVELOPE' && (command === 'API' || (command === 'RCPT TO' && permanent)))
    return { state: 'bounced', why };
  if ((permanent && command === 'DATA') || attempts >= MOST_ATTEMPTS) return { state: 'failed', why };
  return { state: 'queued', why };
}

const giveUp = async (key: Key, state: 'failed' | 'bounced', why: string): Promise<void> =>
  void (await query(
    'update mails set state = $3, last_error = $4, body = null where organization_id = $1 and id = $2',
    [...key, state, why],
  ));
