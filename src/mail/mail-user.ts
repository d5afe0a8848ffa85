// A mail to one person about himself: at his own address, in his own language. Somebody without an address that can be
// written to gets none. What he wants with others once a day, or not at all (src/notices/), is kept or dropped.
import type { Language } from '../applications/application.ts';
import type { Ctx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { keepMail } from '../notices/keep-mail.ts';
import { chosenDelivery, topicOf, type Delivery } from '../notices/topics.ts';
import type { Document } from '../provisioning/attribute.ts';
import { toLanguage } from '../texts.ts';
import { emailOf, nameOf } from '../users/user-row.ts';
import { isMailable } from './address.ts';
import type { MailKind, Mails } from './letters.ts';
import { mailSettings } from './mail-settings.ts';
import { queueMail } from './queue-mail.ts';
import { renderLetter } from './render-letter.ts';

/** The language that is stored with a user (RFC 7643 section 4.1.1), if it is one of ours. */
export function storedLanguage(document: Document): Language | undefined {
  const { preferredLanguage, locale } = document;
  const of = (value: unknown) => (typeof value === 'string' ? toLanguage(value) : undefined);
  return of(preferredLanguage) ?? of(locale);
}

export const mailableAddress = (document: Document): string | undefined => {
  const email = emailOf(document)?.trim();
  return email !== undefined && isMailable(email) ? email : undefined;
};

type PersonalKind = {
  [K in MailKind]: Mails[K] extends { name: string; username: string; organization: string } ? K : never;
}[MailKind];

type UserMail<K extends PersonalKind> = {
  readonly kind: K;
  readonly organizationId: string;
  readonly userId: string;
  /** Beside his name, username and organization. */
  readonly values: Omit<Mails[K], 'name' | 'username' | 'organization'>;
  readonly usefulUntil?: Date;
};

const pathOf = (values: object): string | undefined =>
  'path' in values && typeof values.path === 'string' ? values.path : undefined;

/**
 * In the ambient transaction. Answers the mail's id; undefined: he has no address, or does not want it at once. A person who
 * was deactivated gets it, too.
 */
export async function mailUser<K extends PersonalKind>(ctx: Ctx, mail: UserMail<K>): Promise<string | undefined> {
  const { kind, organizationId, userId, usefulUntil } = mail;
  const topic = topicOf(kind);
  const delivery = topic ? chosenDelivery(topic.topic, 'u.organization_id', 'u.id') : "'at_once'";
  const row = await queryOne<{ document: Document; organization: string; delivery: Delivery }>(
    `select u.document, o.name as organization, ${delivery} as delivery from users u join organizations o on o.id = u.organization_id
     where u.organization_id = $1 and u.id = $2 and u.kind = 'person'`,
    [organizationId, userId],
  );
  const to = row && mailableAddress(row.document);
  if (!row || to === undefined) return undefined;
  const { document, organization } = row;
  if (row.delivery === 'never') return undefined;
  const personal = { name: nameOf(document), username: String(document['userName']), organization };
  const language = storedLanguage(document) ?? mailSettings().defaultLanguage;
  // Together they are all that the kind is made of.
  const values = { ...mail.values, ...personal } as unknown as Mails[K];
  if (topic && row.delivery === 'daily') {
    const { subject } = renderLetter(kind, values, language);
    await keepMail(ctx, {
      organizationId,
      userId,
      topic: topic.topic,
      subject,
      path: pathOf(mail.values) ?? topic.page,
    });
    return undefined;
  }
  return queueMail(ctx, { kind, to, organizationId, userId, language, values, ...(usefulUntil && { usefulUntil }) });
}
