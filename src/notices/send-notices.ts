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
import type { ChangedRight, DigestLine, QueueLine, QueuedLine } from '../mail/notice-letters.ts';
import type { MailItem } from './keep-mail.ts';
import type { RightItem, RoleChange } from './note-rights-change.ts';
import { chosenDelivery, nextMorning } from './topics.ts';
import type { QueueItem } from './watch-queues.ts';

export const SEND_NOTICES = 'send-notices';

const MOST_LISTED = 50;
const MOST_NAMED = 5;
const QUEUE_PAGES: Readonly<Record<QueueLine, string>> = {
  registrations: '/operator/registrations',
  requests: '/operator/requests',
  chiefs: '/operator/organizations?chief=none',
  approvals: '/operator/approvals',
  mails: '/operator/mails?state=failed',
  jobs: '/operator/jobs',
};
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

/** What was noted of a group or a role becomes a notice of each of its people, those of groups in it too. False when none waits. */
const shareOutOne = (now: Date): Promise<boolean> =>
  transaction(async () => {
    const found = await queryOne<Group>(
      `select organization_id as "organizationId", id from pending_notices where subject_kind <> 'user' and due_at <= $1
       order by due_at limit 1 for update skip locked`,
      [now],
    );
    if (!found) return false;
    await query(
      `with recursive noted as (
         delete from pending_notices where organization_id = $1 and id = $2 returning *
       ), holders(kind, id) as (
         select 'group', subject_id from noted where subject_kind = 'group'
         union
         select a.subject_kind, a.subject_id from noted n join assignments a on a.organization_id = $1 and a.role_id = n.subject_id
         where n.subject_kind = 'role' and a.ended_at is null and (a.valid_until is null or a.valid_until > $3)
       ), below(id) as (
         select id from holders where kind = 'group'
         union select g.child_id from below b join group_groups g on g.organization_id = $1 and g.parent_id = b.id
       ), people as (
         select u.id, ${chosenDelivery('rights', 'u.organization_id', 'u.id')} as delivery
         from (
           select m.user_id as id from below b join group_users m on m.organization_id = $1 and m.group_id = b.id
           union select id from holders where kind = 'user'
         ) reached join users u on u.organization_id = $1 and u.id = reached.id
         where u.active and u.deleted_at is null and u.kind = 'person' and u.last_sign_in_at is not null
       )
       insert into pending_notices (organization_id, id, subject_kind, subject_id, topic, item, noted_at, due_at)
       select $1, gen_random_uuid(), 'user', p.id, n.topic, n.item, n.noted_at,
         case p.delivery when 'at_once' then $3::timestamptz else $4::timestamptz end
       from people p, noted n where p.delivery <> 'never' and p.id::text is distinct from n.item ->> 'by'`,
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

const ROLE_CHANGES = { role_extended: true, role_narrowed: true, role_changed: true } as const satisfies {
  [Change in RoleChange]: true;
};

const rightOf = (
  { change, role, application, administrationRight, account, until, by, group }: RightItem,
  names: ReadonlyMap<string, string>,
): ChangedRight => ({
  change,
  what: (change in ROLE_CHANGES ? null : role) ?? catalogue().get(application ?? '')?.label ?? application ?? '',
  ...(change in ROLE_CHANGES && role !== null && { role }),
  ...(administrationRight !== null && { administrationRight }),
  account,
  until: until === null ? null : new Date(Date.parse(until) - 1),
  by: by === null ? '' : (names.get(by) ?? ''),
  group,
});

/** Queues of the operator's, each in one line however often something came. */
const queuedIn = (items: readonly QueueItem[]): QueuedLine[] =>
  [...Map.groupBy(items, ({ line }) => line)].map(([line, all]) => ({
    line,
    count: all.reduce((sum, { count }) => sum + count, 0),
    names: [...new Set(all.flatMap(({ names }) => names))].slice(0, MOST_NAMED),
    path: QUEUE_PAGES[line],
  }));

/** Takes what is due for the person and writes his mail; nothing when somebody else was quicker. */
const sendTo = (ctx: OrganizationCtx, userId: string): Promise<void> =>
  transaction(async () => {
    const { organizationId, now } = ctx;
    const items = await query<{ id: string; item: RightItem | MailItem | QueueItem; told: boolean }>(
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
    const queued = queuedIn(items.flatMap(({ item }) => (item.kind === 'queue' ? [item] : [])));
    const others = [
      ...queued,
      ...items.flatMap(({ item }): DigestLine[] =>
        item.kind === 'mail' ? [{ text: item.subject, path: item.path }] : [],
      ),
    ];
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
