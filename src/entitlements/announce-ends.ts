// Fourteen days before an assignment ends by its date, those who could give it anew are told, and whoever holds it: each one
// mail for all that ends. Once for each assignment, however often the job runs; what was given for a short time from the
// start, such as a substitution, is not announced.
import type { Logger } from 'pino';
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { mailUser } from '../mail/mail-user.ts';
import type { EndingRight } from '../mail/review-letters.ts';
import { eachOrganization } from '../organizations/each-organization.ts';
import { canGive, givingAdministrators } from './administrators-of.ts';

export const ANNOUNCE_ENDS = 'announce-ends';
const MOST_LISTED = 50;

const DUE = `a.ended_at is null and a.valid_until > $1 and a.valid_until <= $1::timestamptz + interval '14 days'
  and a.given_at <= a.valid_until - interval '14 days'
  and not exists (select 1 from assignment_notices n where n.organization_id = a.organization_id and n.assignment_id = a.id)`;

type Ending = {
  subjectKind: 'user' | 'group';
  subjectId: string;
  subjectName: string;
  active: boolean;
  role: string | null;
  application: string | null;
  customerAccountId: string | null;
  account: string | null;
  until: Date;
};

/** Marks what is due as announced and answers it, those that end first before the others. */
const claim = ({ organizationId, now }: OrganizationCtx): Promise<Ending[]> =>
  query<Ending>(
    `with due as (
       insert into assignment_notices (organization_id, assignment_id, noticed_at)
       select a.organization_id, a.id, $1 from assignments a
       join organizations o on o.id = a.organization_id and o.state = 'active'
       where a.organization_id = $2 and ${DUE} on conflict do nothing returning assignment_id
     )
     select a.subject_kind as "subjectKind", a.subject_id as "subjectId", r.name as role, a.application,
       a.customer_account_id as "customerAccountId", n.number as account, a.valid_until as until,
       coalesce(u.document ->> 'displayName', u.user_name, g.display_name, '') as "subjectName", coalesce(u.active, true) as active
     from due join assignments a on a.organization_id = $2 and a.id = due.assignment_id
     left join users u on u.organization_id = $2 and a.subject_kind = 'user' and u.id = a.subject_id
     left join groups g on g.organization_id = $2 and a.subject_kind = 'group' and g.id = a.subject_id
     left join roles r on r.organization_id = $2 and r.id = a.role_id
     left join customer_account_numbers n on n.customer_account_id = a.customer_account_id
     order by a.valid_until, a.id`,
    [now, organizationId],
  );

function item({ role, application, account, until }: Ending, who: string | null): EndingRight {
  const what = role ?? catalogue().get(application ?? '')?.label ?? application ?? '';
  return { who, what, account, until: new Date(until.getTime() - 1) };
}

const listed = (items: readonly EndingRight[]) => ({
  items: items.slice(0, MOST_LISTED),
  more: Math.max(0, items.length - MOST_LISTED),
});

/** One organization's, in one transaction. Answers how many ends were announced. */
export function announceEnds(ctx: OrganizationCtx): Promise<number> {
  return transaction(async () => {
    const { organizationId } = ctx;
    const all = (await claim(ctx)).filter(({ active }) => active);
    if (all.length === 0) return 0;
    for (const administrator of await givingAdministrators(ctx)) {
      const his = all.filter(
        ({ application, customerAccountId }) =>
          application === null || canGive(administrator, application, customerAccountId ?? undefined),
      );
      const items = his
        .filter(({ subjectId }) => subjectId !== administrator.id)
        .map((one) => item(one, one.subjectName));
      if (items.length > 0)
        await mailUser(ctx, { kind: 'rights_ending', organizationId, userId: administrator.id, values: listed(items) });
    }
    const held = Map.groupBy(
      all.filter(({ subjectKind }) => subjectKind === 'user'),
      ({ subjectId }) => subjectId,
    );
    for (const [userId, own] of held) {
      const values = listed(own.map((one) => item(one, null)));
      await mailUser(ctx, { kind: 'own_rights_ending', organizationId, userId, values });
    }
    return all.length;
  });
}

/** Each morning, organization by organization: one that fails does not keep the others from being told. */
export const announceEndsJob = (log: Logger): JobHandler => ({
  cron: '0 6 * * *',
  run: async () => {
    const now = new Date();
    const due = await query<{ id: string }>(`select distinct a.organization_id as id from assignments a where ${DUE}`, [
      now,
    ]);
    const failed = (count: number) => `The ends of ${count} organizations were not announced`;
    await eachOrganization(
      due.map(({ id }) => id),
      { job: ANNOUNCE_ENDS, now, log, failed },
      announceEnds,
    );
  },
});
