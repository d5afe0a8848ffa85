// Sends what waits, once it is due: one mail a person for all of it. Each is claimed and written in one transaction, so
// that it goes out once, however often the job runs and on however many machines.
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { mailUser } from '../mail/mail-user.ts';
import type { ChangedRight, DigestLine } from '../mail/notice-letters.ts';
import type { MailItem } from './keep-mail.ts';
import type { RightItem } from './note-rights-change.ts';
import { chosenDelivery, nextMorning } from './topics.ts';

export const SEND_NOTICES = 'send-notices';

const MOST_LISTED = 50;
/** People in one look at what is due. */
const PORTION = 200;
/** What is left then goes out a minute later. */
const LONGEST_MS = 45_000;

type Group = { organizationId: string; id: string };
type Receiver = { organizationId: string; userId: string };

const ctxIn = (organizationId: string, now: Date, log: Logger): OrganizationCtx => ({
  organizationId,
  actor: { kind: 'system', id: SEND_NOTICES, label: 'Mandate' },
  requestId: uuidv7(),
  now,
  log,
});

/** What was noted of a group becomes a notice of each of its people, those of groups in it too. False when none waits. */
export const shareOutOne = (now: Date): Promise<boolean> =>
  transaction(async () => {
    const found = await queryOne<Group>(
      `select organization_id as "organizationId", id from pending_notices where subject_kind = 'group' and due_at <= $1
       order by due_at limit 1 for update skip locked`,
      [now],
    );
    if (!found) return false;
    await query(
      `with recursive noted as (
         delete from pending_notices where organization_id = $1 and id = $2 returning *
       ), below(id) as (
         select subject_id from noted
         union select g.child_id from below b join group_groups g on g.organization_id = $1 and g.parent_id = b.id
       ), people as (
         select distinct u.id, ${chosenDelivery('rights', 'u.organization_id', 'u.id')} as delivery
         from below b join group_users m on m.organization_id = $1 and m.group_id = b.id
         join users u on u.organization_id = $1 and u.id = m.user_id
         where u.active and u.deleted_at is null and u.kind = 'person' and u.last_sign_in_at is not null
       )
       insert into pending_notices (organization_id, id, subject_kind, subject_id, topic, item, noted_at, due_at)
       select $1, gen_random_uuid(), 'user', p.id, n.topic, n.item, n.noted_at,
         case p.delivery when 'at_once' then $3::timestamptz else $4::timestamptz end
       from people p, noted n where p.delivery <> 'never'`,
      [found.organizationId, found.id, now, nextMorning(now)],
    );
    return true;
  });

const dueReceivers = (now: Date): Promise<Receiver[]> =>
  query<Receiver>(
    `select distinct organization_id as "organizationId", subject_id as "userId" from (
       select organization_id, subject_id from pending_notices where subject_kind = 'user' and due_at <= $1 order by due_at limit ${PORTION}
     ) d`,
    [now],
  );

/** Names of those who did it, by id. */
async function namesOf(organizationId: string, items: readonly RightItem[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(items.flatMap(({ by }) => by ?? []))];
  const rows = await query<{ id: string; name: string }>(
    `select id, coalesce(document ->> 'displayName', user_name) as name from users where organization_id = $1 and id = any($2::uuid[])`,
    [organizationId, ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

const rightOf = (
  { change, role, application, administrationRight, account, until, by, group }: RightItem,
  names: ReadonlyMap<string, string>,
): ChangedRight => ({
  change,
  what: role ?? catalogue().get(application ?? '')?.label ?? application ?? '',
  ...(administrationRight !== null && { administrationRight }),
  account,
  until: until === null ? null : new Date(until),
  by: by === null ? '' : (names.get(by) ?? ''),
  group,
});

/** Takes what is due for the person and writes his mail; nothing when somebody else was quicker. */
export const sendTo = (ctx: OrganizationCtx, userId: string): Promise<void> =>
  transaction(async () => {
    const { organizationId, now } = ctx;
    const items = await query<{ id: string; item: RightItem | MailItem; told: boolean }>(
      `with taken as (
         delete from pending_notices where organization_id = $1 and subject_id = $2 and subject_kind = 'user' and due_at <= $3
         returning id, item, noted_at
       )
       select t.id, t.item, u.active and u.deleted_at is null and o.state = 'active' and u.last_sign_in_at is not null as told
       from taken t join users u on u.organization_id = $1 and u.id = $2 join organizations o on o.id = u.organization_id
       order by t.noted_at, t.id`,
      [organizationId, userId, now],
    );
    // Whoever has never signed in was told by his invitation; whoever has left needs to know nothing.
    if (items.length === 0 || items[0]?.told !== true) return;
    const changed = items.flatMap(({ item }) => (item.kind === 'right' ? [item] : []));
    const names = await namesOf(organizationId, changed);
    const rights = changed.map((item) => rightOf(item, names));
    const others = items.flatMap(({ item }): DigestLine[] =>
      item.kind === 'mail' ? [{ text: item.subject, path: item.path }] : [],
    );
    await mailUser(ctx, {
      kind: others.length === 0 ? 'rights_changed' : 'notice_digest',
      organizationId,
      userId,
      values: {
        rights: rights.slice(0, MOST_LISTED),
        others: others.slice(0, MOST_LISTED),
        more: Math.max(0, rights.length - MOST_LISTED) + Math.max(0, others.length - MOST_LISTED),
      },
    });
  });

/** Answers how many people were looked at. */
export async function sendNotices(now: Date, log: Logger): Promise<number> {
  const begun = performance.now();
  const late = () => performance.now() - begun > LONGEST_MS;
  while (!late() && (await shareOutOne(now)));
  let sent = 0;
  for (const failed = new Set<string>(); !late();) {
    const receivers = (await dueReceivers(now)).filter(({ userId }) => !failed.has(userId));
    if (receivers.length === 0) break;
    for (const { organizationId, userId } of receivers) {
      try {
        await sendTo(ctxIn(organizationId, now, log), userId);
        sent += 1;
      } catch (error) {
        // One whose mail cannot be written does not keep the others from theirs.
        failed.add(userId);
        log.error({ err: error, organizationId, userId }, 'the notices of a person could not be sent');
      }
    }
  }
  return sent;
}

export const sendNoticesJob = (log: Logger): JobHandler => ({
  cron: '* * * * *',
  run: async () => void (await sendNotices(new Date(), log)),
});
