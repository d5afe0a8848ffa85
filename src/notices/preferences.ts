// What a person wants to hear of, and how soon. He chooses for himself; the operator can for him.
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { findUser } from '../users/find-user.ts';
import {
  DELIVERIES,
  nextMorning,
  STAFF_TOPICS,
  TOPICS,
  usualOf,
  type Delivery,
  type StaffTopic,
  type Topic,
} from './topics.ts';

type NoticePreferences = Readonly<Record<(typeof TOPICS)[number], Delivery> & Partial<Record<StaffTopic, Delivery>>>;

/** Those that somebody of the organization can be told of. */
export const topicsIn = (organizationId: string): readonly Topic[] =>
  organizationId === OPERATOR_ORGANIZATION_ID ? [...TOPICS, ...STAFF_TOPICS] : TOPICS;

/** Throws HubError `not_found`. */
export async function noticePreferences(ctx: OrganizationCtx, userId: string): Promise<NoticePreferences> {
  const { id } = await findUser(ctx, userId);
  const rows = await query<{ topic: Topic; delivery: Delivery }>(
    'select topic, delivery from notice_preferences where organization_id = $1 and user_id = $2',
    [ctx.organizationId, id],
  );
  const chosen = new Map(rows.map(({ topic, delivery }) => [topic, delivery]));
  const all = topicsIn(ctx.organizationId).map((topic) => [topic, chosen.get(topic) ?? usualOf(topic)] as const);
  return Object.fromEntries(all) as NoticePreferences;
}

function checkChoices(organizationId: string, wanted: Partial<Record<Topic, Delivery>>): void {
  const issues = Object.entries(wanted)
    .filter(
      ([topic, delivery]) =>
        !topicsIn(organizationId).some((one) => one === topic) || !DELIVERIES.some((one) => one === delivery),
    )
    .map(([topic, delivery]) => ({ path: topic, message: `"${delivery}" is no choice for this` }));
  if (issues.length > 0) throw new HubError('invalid_input', 'This choice of notices does not exist.', { issues });
}

/**
 * Topics that are absent stay. What waits already follows: it goes out sooner, or is dropped. A person changes his own, the
 * operator everybody's. Throws HubError `not_found`, `not_permitted`, `invalid_input`.
 */
export function setNoticePreferences(
  ctx: OrganizationCtx,
  userId: string,
  wanted: Partial<Record<Topic, Delivery>>,
): Promise<NoticePreferences> {
  refuseWhileActing(ctx);
  checkChoices(ctx.organizationId, wanted);
  const { actor, organizationId, now } = ctx;
  const own = actor.kind === 'user' && actor.organizationId === organizationId && actor.id === userId.toLowerCase();
  if (!own && actor.kind !== 'operator')
    throw new HubError('not_permitted', 'Everybody chooses his own notices himself.');
  return transaction(async () => {
    const before = await noticePreferences(ctx, userId);
    const id = userId.toLowerCase();
    const changed = Object.entries(wanted).filter(([topic, delivery]) => before[topic as Topic] !== delivery);
    if (changed.length === 0) return before;
    const [topics, deliveries] = [changed.map(([topic]) => topic), changed.map(([, delivery]) => delivery)];
    await query(
      `insert into notice_preferences (organization_id, user_id, topic, delivery, changed_at)
       select $1::uuid, $2::uuid, c.topic, c.delivery, $5::timestamptz from unnest($3::text[], $4::text[]) as c(topic, delivery)
       on conflict (organization_id, user_id, topic) do update set delivery = excluded.delivery, changed_at = excluded.changed_at`,
      [organizationId, id, topics, deliveries, now],
    );
    await query(
      `with chosen as (select * from unnest($3::text[], $4::text[]) as c(topic, delivery)), dropped as (
         delete from pending_notices n using chosen c
         where n.organization_id = $1 and n.subject_id = $2 and n.topic = c.topic and c.delivery = 'never'
       )
       update pending_notices n set due_at = case c.delivery when 'at_once' then $5::timestamptz else $6::timestamptz end
       from chosen c where n.organization_id = $1 and n.subject_id = $2 and n.topic = c.topic and c.delivery <> 'never'`,
      [organizationId, id, topics, deliveries, now, nextMorning(now)],
    );
    const after = { ...before, ...wanted };
    const facts = (of: NoticePreferences) => Object.fromEntries(topics.map((topic) => [topic, of[topic as Topic]]));
    await recordAudit(ctx, {
      action: 'notices.changed',
      targetKind: 'user',
      targetId: id,
      before: facts(before),
      after: facts(after),
    });
    return after;
  });
}
