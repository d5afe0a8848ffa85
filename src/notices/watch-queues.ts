// Tells the operator's staff what came into a queue of theirs: each whose role can deal with it, once for each entry, in the mail
// that he chose for the topic. Looks at the queues as they are, so that nothing has to remember to call.
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { listApprovals } from '../approvals/list-approvals.ts';
import type { ApprovalKind } from '../approvals/ask-approval.ts';
import type { Ctx } from '../context.ts';
import { failingQueues } from '../database/job-queues.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import type { QueueLine } from '../mail/notice-letters.ts';
import type { ApiRole } from '../organizations/api-token.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { mayDo, type Permission } from '../organizations/permissions.ts';
import { WITHOUT_CHIEF } from '../organizations/without-chief.ts';
import { listOperatorQueue } from '../requests/operator-queue.ts';
import { forgetOthers, markTold } from './told-entries.ts';
import { chosenDelivery, nextMorning, type StaffTopic } from './topics.ts';

/** What waits in the mail of a member of staff: how many came into a queue, and the first of them by name. */
export type QueueItem = {
  readonly kind: 'queue';
  readonly line: QueueLine;
  readonly count: number;
  readonly names: readonly string[];
};

type Entry = {
  readonly id: string;
  readonly name: string;
  /** How many it stands for. */
  readonly count?: number;
  readonly needs?: Permission;
  /** Who knows of it, since it is his own doing. */
  readonly by?: string;
};

type Queue = {
  readonly topic: StaffTopic;
  readonly line: QueueLine;
  /** Who can deal with it, where the entry does not say. */
  readonly needs: Permission;
  readonly read: (ctx: Ctx) => Promise<Entry[]>;
};

/** Of one queue looked at in one go; the rest follows as these are dealt with. */
const MOST_ENTRIES = 1000;
const MOST_NAMED = 5;
const MAIL_DAYS = 7;

/** Closes what the confirming person must be able to do himself. */
const CONFIRMS: Readonly<Record<ApprovalKind, Permission>> = {
  close_organization: 'organizations.close',
  publish_application: 'applications.write',
  destroy_key: 'keys.write',
};

const QUEUES: readonly Queue[] = [
  {
    topic: 'staff_registrations',
    line: 'registrations',
    needs: 'registrations.write',
    read: () =>
      query<Entry>(
        `select id, company as name from registrations where organization_id = $1 and state = 'pending' order by id limit ${MOST_ENTRIES}`,
        [OPERATOR_ORGANIZATION_ID],
      ),
  },
  {
    topic: 'staff_requests',
    line: 'requests',
    needs: 'rights.write',
    read: async (ctx) =>
      (await listOperatorQueue(ctx, { limit: MOST_ENTRIES })).requests.map(({ id, organizationName: name }) => ({
        id,
        name,
      })),
  },
  {
    topic: 'staff_chiefs',
    line: 'chiefs',
    needs: 'organizations.write',
    // Those that were counted: whose last chief went was told by watch-chiefs.ts.
    read: ({ now }) =>
      query<Entry>(
        `select o.id, o.name from organizations o join chief_counts k on k.organization_id = o.id and k.chiefs = 0
         where ${WITHOUT_CHIEF} order by o.id limit ${MOST_ENTRIES}`,
        [now],
      ),
  },
  {
    topic: 'staff_approvals',
    line: 'approvals',
    needs: 'approvals.read',
    read: async (ctx) =>
      (await listApprovals(ctx)).open.map(({ id, kind, targetName: name, askedBy }) => ({
        id,
        name,
        needs: CONFIRMS[kind],
        by: askedBy.id,
      })),
  },
  {
    topic: 'staff_failures',
    line: 'mails',
    needs: 'mails.write',
    // One entry a day, since a mail server that is away fails thousands.
    read: ({ now }) =>
      query<Entry>(
        `select to_char(created_at at time zone 'UTC', '"mails" YYYY-MM-DD') as id, '' as name, count(*)::int as count from mails
         where state in ('failed', 'bounced') and created_at > $1::timestamptz - interval '${MAIL_DAYS} days' group by 1 order by 1`,
        [now],
      ),
  },
  {
    topic: 'staff_failures',
    line: 'jobs',
    needs: 'jobs.write',
    read: async () =>
      (await failingQueues()).map(({ queue, jobs }) => ({ id: `jobs ${queue}`, name: queue, count: jobs })),
  },
];

type Member = { id: string; roles: ApiRole[] };

const staff = (): Promise<Member[]> =>
  query<Member>(
    `select u.id, s.roles from staff_roles s join users u on (u.organization_id, u.id) = (s.organization_id, s.user_id)
     where s.organization_id = $1 and s.roles <> '{}' and u.active and u.deleted_at is null order by u.id`,
    [OPERATOR_ORGANIZATION_ID],
  );

const keep = (now: Date, topic: StaffTopic, items: readonly { readonly userId: string; readonly item: QueueItem }[]) =>
  query(
    `insert into pending_notices (organization_id, id, subject_kind, subject_id, topic, item, noted_at, due_at)
     select $1::uuid, s.id, 'user', s.user_id, $5::text, s.item, $6::timestamptz,
       case s.delivery when 'at_once' then $6::timestamptz else $7::timestamptz end
     from (select n.*, ${chosenDelivery(topic, '$1::uuid', 'n.user_id')} as delivery
       from unnest($2::uuid[], $3::uuid[], $4::jsonb[]) as n(id, user_id, item)) s
     where s.delivery <> 'never'`,
    [
      OPERATOR_ORGANIZATION_ID,
      items.map(() => uuidv7()),
      items.map(({ userId }) => userId),
      items.map(({ item }) => JSON.stringify(item)),
      topic,
      now,
      nextMorning(now),
    ],
  );

/** What of it this member of staff is told; nothing where he can do nothing about it. */
function itemFor({ id, roles }: Member, { line, needs }: Queue, entries: readonly Entry[]): QueueItem[] {
  const his = entries.filter((entry) => entry.by !== id && mayDo(roles, entry.needs ?? needs));
  if (his.length === 0) return [];
  const count = his.reduce((sum, entry) => sum + (entry.count ?? 1), 0);
  const names = his.flatMap(({ name }) => (name === '' ? [] : [name])).slice(0, MOST_NAMED);
  return [{ kind: 'queue', line, count, names }];
}

/** Looks at every queue once. */
export async function watchQueues(now: Date, log: Logger): Promise<void> {
  const ctx: Ctx = { actor: { kind: 'system', id: 'watch-queues', label: 'Mandate' }, requestId: uuidv7(), now, log };
  const members = await staff();
  const standing = new Map<StaffTopic, { ids: string[]; whole: boolean }>();
  for (const queue of QUEUES) {
    const { topic } = queue;
    const entries = await queue.read(ctx);
    const all = standing.get(topic) ?? { ids: [], whole: true };
    standing.set(topic, {
      ids: [...all.ids, ...entries.map(({ id }) => id)],
      whole: all.whole && entries.length < MOST_ENTRIES,
    });
    await transaction(async () => {
      const fresh = await markTold(
        ctx,
        topic,
        entries.map(({ id }) => id),
      );
      const told = entries.filter(({ id }) => fresh.has(id));
      if (told.length === 0) return;
      await keep(
        now,
        topic,
        members.flatMap((member) => itemFor(member, queue, told).map((item) => ({ userId: member.id, item }))),
      );
    });
  }
  for (const [topic, { ids, whole }] of standing) if (whole) await forgetOthers(topic, ids);
}

export const watchQueuesJob = (log: Logger): JobHandler => ({
  cron: '*/5 * * * *',
  run: () => watchQueues(new Date(), log),
});
