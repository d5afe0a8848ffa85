// Fourteen days before a mandate ends by its date, both sides are told: whoever can give it anew, and whoever works with it. Each
// person gets one mail for all of his side; once for each mandate and end, however often the job runs. What was given for a short
// time from the start is not announced.
import type { Logger } from 'pino';
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import type { EndingMandate } from '../mail/mandate-letters.ts';
import { mailUser } from '../mail/mail-user.ts';
import { eachOrganization } from '../organizations/each-organization.ts';
import { concernedBy } from './announce-mandate.ts';

export const ANNOUNCE_MANDATE_ENDS = 'announce-mandate-ends';

const TOPIC = 'mandate_ends';
const MOST_LISTED = 50;
const SIDES = [
  { kind: 'mandate_given_ending', own: 'giver', other: 'receiver' },
  { kind: 'mandate_received_ending', own: 'receiver', other: 'giver' },
] as const;
type Side = (typeof SIDES)[number];

/** `$1` the instant. */
const DUE = `m.ended_at is null and m.valid_until > $1 and m.valid_until <= $1::timestamptz + interval '14 days'
  and m.given_at <= m.valid_until - interval '14 days'`;
/** An end that was moved is another one. */
const ENTRY = "m.id || ' ' || extract(epoch from m.valid_until)::bigint";

type Ending = { other: string; number: string; applications: string[]; until: Date };

/** Marks what ends on this side as told and answers it, those that end first before the others. */
const claim = ({ organizationId, now }: OrganizationCtx, { own, other }: Side): Promise<Ending[]> =>
  query<Ending>(
    `with due as (
       select m.*, ${ENTRY} as entry from mandates m where m.${own}_organization_id = $2 and ${DUE}
     ), fresh as (
       insert into told_entries (organization_id, topic, entry, told_at) select $2::uuid, '${TOPIC} ${own}', entry, $1::timestamptz from due
       on conflict do nothing returning entry
     )
     select o.name as other, a.number, m.valid_until as until,
       (select array_agg(distinct b ->> 'application') from jsonb_array_elements(m.boxes) b) as applications
     from fresh join due m on m.entry = fresh.entry join organizations o on o.id = m.${other}_organization_id
     join customer_accounts a on a.organization_id = m.organization_id and a.id = m.customer_account_id
     order by m.valid_until, m.id`,
    [now, organizationId],
  );

const shown = ({ other, number, applications, until }: Ending): EndingMandate => ({
  other,
  number,
  applications: applications.flatMap((key) => catalogue().get(key)?.label ?? []),
  until: new Date(until.getTime() - 1),
});

/** One organization's, in one transaction. Answers how many ends were announced, each side counted. */
export function announceMandateEnds(ctx: OrganizationCtx): Promise<number> {
  return transaction(async () => {
    let announced = 0;
    for (const side of SIDES) {
      const ending = await claim(ctx, side);
      if (ending.length === 0) continue;
      announced += ending.length;
      const items = ending.map(shown);
      const values = { items: items.slice(0, MOST_LISTED), more: Math.max(0, items.length - MOST_LISTED) };
      const applications = [...new Set(ending.flatMap((one) => one.applications))];
      for (const userId of await concernedBy(ctx, applications))
        await mailUser(ctx, { kind: side.kind, organizationId: ctx.organizationId, userId, values });
    }
    return announced;
  });
}

/** Each morning, organization by organization. */
export const announceMandateEndsJob = (log: Logger): JobHandler => ({
  cron: '0 6 * * *',
  run: async () => {
    const now = new Date();
    const due = await query<{ id: string }>(
      `select distinct o.id from mandates m join organizations o on o.state = 'active'
         and o.id in (m.giver_organization_id, m.receiver_organization_id) where ${DUE} order by o.id`,
      [now],
    );
    await query(
      `delete from told_entries where topic like '${TOPIC} %' and told_at < $1::timestamptz - interval '60 days'`,
      [now],
    );
    const failed = (count: number) => `The ends of mandates of ${count} organizations were not announced`;
    await eachOrganization(
      due.map(({ id }) => id),
      { job: ANNOUNCE_MANDATE_ENDS, now, log, failed },
      announceMandateEnds,
    );
  },
});
