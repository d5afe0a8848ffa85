// Keeps a mail that somebody wants with others, or not at all: of its letter only the subject and the page stay.
import { v7 as uuidv7 } from 'uuid';
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import { nextMorning, type Topic } from './topics.ts';

/** `subject`: in the reader's language. */
export type MailItem = { readonly kind: 'mail'; readonly subject: string; readonly path: string };

export type KeptMail = {
  readonly organizationId: string;
  readonly userId: string;
  readonly topic: Topic;
  readonly subject: string;
  readonly path: string;
};

/** For his next daily mail, in the ambient transaction. */
export async function keepMail(
  { now }: Ctx,
  { organizationId, userId, topic, subject, path }: KeptMail,
): Promise<void> {
  const item: MailItem = { kind: 'mail', subject, path };
  await query(
    `insert into pending_notices (organization_id, id, subject_kind, subject_id, topic, item, noted_at, due_at)
     values ($1, $2, 'user', $3, $4, $5, $6, $7)`,
    [organizationId, uuidv7(), userId, topic, JSON.stringify(item), now, nextMorning(now)],
  );
}
