// What a mandate's other side reads in its own history: that it was received, changed, withdrawn or ended. The giver is named as
// an organization, as its receiver sees it everywhere; none of its people, and no link of a chain but the reader's own.
import { v7 as uuidv7 } from 'uuid';
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import type { Mandate } from './find-mandate.ts';

/** `ended`: by something that is not its giver's decision about it. */
export type ReceivedEvent = 'received' | 'received_changed' | 'received_withdrawn' | 'received_ended';

type Key = Pick<Mandate, 'id' | 'ownerOrganizationId'>;

/** The terms as the receiver sees them. */
const factsOf = (mandate: Mandate): object => {
  const { customerAccountId, giverOrganizationId, boxes, onward, validFrom, validUntil } = mandate;
  return { customerAccountId, giverOrganizationId, boxes, onward, validFrom, validUntil };
};

const TERMS = `jsonb_build_object('customerAccountId', m.customer_account_id, 'giverOrganizationId', m.giver_organization_id,
  'boxes', m.boxes, 'onward', m.onward, 'validFrom', m.valid_from, 'validUntil', m.valid_until)`;

const KEYS = `unnest($1::uuid[], $2::uuid[], $3::uuid[]) as k(event, owner, id)
  join mandates m on m.organization_id = k.owner and m.id = k.id`;

const keysOf = (mandates: readonly Key[]): unknown[] => [
  mandates.map(() => uuidv7()),
  mandates.map(({ ownerOrganizationId }) => ownerOrganizationId),
  mandates.map(({ id }) => id),
];

/**
 * One row for each in its receiver's history, in the ambient transaction and after the change. `former`: the terms before.
 * A mandate whose end was told already gets no second row.
 */
export async function recordReceived(
  ctx: Ctx,
  event: ReceivedEvent,
  mandates: readonly Key[],
  former?: Mandate,
): Promise<void> {
  if (mandates.length === 0) return;
  const stands = event === 'received' || event === 'received_changed';
  await query(
    `insert into audit_events (organization_id, id, at, actor, action, target_kind, target_id, before, after, request_id)
     select m.receiver_organization_id, k.event, $4::timestamptz, jsonb_build_object('kind', 'system', 'id', g.id, 'label', g.name),
       $5::text, 'received_mandate', m.id::text, case when $6::boolean then $7::jsonb else ${TERMS} end,
       case when $6::boolean then ${TERMS} end, $8::text
     from ${KEYS} join organizations g on g.id = m.giver_organization_id
     where $6::boolean or not exists (select 1 from audit_events e where e.organization_id = m.receiver_organization_id
       and e.target_id = m.id::text and e.action in ('mandate.received_withdrawn', 'mandate.received_ended'))`,
    [
      ...keysOf(mandates),
      ctx.now,
      `mandate.${event}`,
      stands,
      former === undefined ? null : JSON.stringify(factsOf(former)),
      ctx.requestId,
    ],
  );
}

/** The receiver is gone: one row for each in its giver's history, as if it had been withdrawn by the one who acts. */
export async function recordReceiverGone(ctx: Ctx, mandates: readonly Key[]): Promise<void> {
  if (mandates.length === 0) return;
  await query(
    `insert into audit_events (organization_id, id, at, actor, action, target_kind, target_id, before, request_id)
     select m.giver_organization_id, k.event, $4::timestamptz, $5::jsonb, 'mandate.withdrawn', 'mandate', m.id::text,
       ${TERMS} || jsonb_build_object('receiverOrganizationId', m.receiver_organization_id), $6::text
     from ${KEYS}`,
    [...keysOf(mandates), ctx.now, JSON.stringify(ctx.actor), ctx.requestId],
  );
}
