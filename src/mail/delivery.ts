// Mail delivery as the operator looks after it: what was sent, what was not and why, and another try. Never what a mail said.
import type { Ctx } from '../context.ts';
import { enqueue, hastenJob } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { recordAudit } from '../audit/record.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { isId } from '../users/is-id.ts';
import { mailSettings } from './mail-settings.ts';
import { DELIVER_MAIL } from './queue-mail.ts';

export const MAIL_STATES = ['queued', 'sent', 'failed', 'bounced', 'kept'] as const;
type MailState = (typeof MAIL_STATES)[number];

export type Delivery = {
  readonly id: string;
  readonly organizationId: string;
  readonly organization: string;
  readonly kind: string;
  /** Null once it was erased. */
  readonly recipient: string | null;
  readonly state: MailState;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
  /** Its text is kept, so that it can be tried again. */
  readonly retryable: boolean;
};

/** The `next` of a page: the moment and the id of its last mail. Many are made at one moment. */
const CURSOR = /^(?<at>[^_]+)_(?<id>[^_]+)$/;

function afterCursor(cursor: string | undefined): [at: Date | null, id: string | null] {
  const { at = '', id = '' } = CURSOR.exec(cursor ?? '')?.groups ?? {};
  return isId(id) && !Number.isNaN(Date.parse(at)) ? [new Date(at), id] : [null, null];
}

/** `failed` is what was refused for good, by us or by the recipient. Newest first. Throws HubError `not_permitted` (operator only). */
export async function listDeliveries(
  ctx: Ctx,
  { state, before, limit }: { state?: MailState; before?: string; limit: number },
): Promise<{ deliveries: Delivery[]; next: string | null }> {
  checkOperator(ctx);
  const states = state === undefined ? MAIL_STATES : state === 'failed' ? ['failed', 'bounced'] : [state];
  const rows = await query<Delivery>(
    `select m.id, m.organization_id as "organizationId", o.name as organization, m.kind, m.recipient, m.state, m.attempts,
       m.last_error as "lastError", m.created_at as "createdAt", m.sent_at as "sentAt", m.body is not null and m.state <> 'kept' as retryable
     from (select * from mails where state = any($1) and ($2::timestamptz is null or (created_at <= $2 and (created_at, id) < ($2, $3::uuid)))
       order by created_at desc, id desc limit $4) m join organizations o on o.id = m.organization_id order by m.created_at desc, m.id desc`,
    [states, ...afterCursor(before), limit + 1],
  );
  const deliveries = rows.slice(0, limit);
  const last = deliveries.at(-1);
  return { deliveries, next: rows.length > limit && last ? `${last.createdAt.toISOString()}_${last.id}` : null };
}

/**
 * Tries at once what waits for its next try; nothing happens to one that is being sent at this moment. Throws HubError
 * `not_permitted` (operator only), `not_found`, `conflict` where it was sent, or its text is gone: then the act that caused it
 * is done again instead.
 */
export function retryMail(ctx: Ctx, organizationId: string, id: string): Promise<void> {
  checkOperator(ctx);
  return transaction(async () => {
    const found =
      isId(id) && isId(organizationId)
        ? await queryOne<{ organizationId: string; id: string; kind: string; retryable: boolean }>(
            `select organization_id as "organizationId", id, kind, body is not null and state = 'queued' as retryable from mails where organization_id = $1 and id = $2 for update`,
            [organizationId, id],
          )
        : undefined;
    if (!found) throw new HubError('not_found', 'There is no such mail.');
    if (!found.retryable || !mailSettings().transport)
      throw new HubError('conflict', 'This mail cannot be sent again; repeat what caused it.');
    const data = { organizationId: found.organizationId, id: found.id };
    // A second job would send it twice.
    const job = await hastenJob(DELIVER_MAIL, data);
    if (job === 'active') return;
    if (job === undefined) await enqueue(DELIVER_MAIL, data);
    await recordAudit(ctx, {
      action: 'mail.retried',
      targetKind: 'mail',
      targetId: id,
      organizationId,
      after: { name: found.kind },
    });
  });
}
