// Thirty, seven and one days before a bearer token ends, the chief administrators are told, and whoever issued it: a directory
// whose token has ended stops. Once for each of the three, however often the job runs; a token that was issued for fewer days
// than that is not announced so early.
import type { Logger } from 'pino';
import type { OrganizationCtx } from '../context.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { PEOPLE_OF_GIVEN } from '../entitlements/people-of-given.ts';
import { mailUser } from '../mail/mail-user.ts';
import { eachOrganization } from '../organizations/each-organization.ts';

export const ANNOUNCE_TOKEN_ENDS = 'announce-token-ends';
const DAYS = [30, 7, 1] as const;

/** `$1`: now. A token counts for the least number of days that it falls under. */
const DUE = `select t.organization_id, t.id, t.connection_id, t.expires_at, t.created_by, t.name, c.name as connection, d.days
  from provisioning_tokens t
  join provisioning_connections c on (c.organization_id, c.id) = (t.organization_id, t.connection_id) and c.ended_at is null
  join organizations o on o.id = t.organization_id and o.state = 'active'
  cross join lateral (select min(days) as days from unnest('{${DAYS.join(',')}}'::int[]) as days
    where t.expires_at <= $1::timestamptz + make_interval(days => days) and t.created_at <= t.expires_at - make_interval(days => days)) d
  where t.revoked_at is null and t.expires_at > $1 and t.expires_at <= $1::timestamptz + make_interval(days => ${DAYS[0]})
    and d.days is not null and not exists (select 1 from provisioning_token_notices n
      where n.organization_id = t.organization_id and n.token_id = t.id and n.days <= d.days)`;

type Ending = {
  id: string;
  connectionId: string;
  connection: string;
  name: string;
  expiresAt: Date;
  issuedBy: string | null;
};

const claim = ({ organizationId, now }: OrganizationCtx): Promise<Ending[]> =>
  query<Ending>(
    `with due as (${DUE} and t.organization_id = $2), noticed as (
       insert into provisioning_token_notices (organization_id, token_id, days, noticed_at)
       select organization_id, id, days, $1 from due on conflict do nothing returning token_id
     )
     select due.id, connection_id as "connectionId", connection, name, expires_at as "expiresAt",
       case when created_by ->> 'kind' = 'user' then created_by ->> 'id' end as "issuedBy"
     from due join noticed on noticed.token_id = due.id order by expires_at, due.id`,
    [now, organizationId],
  );

/** Active chiefs, those by a group too; and `$3`. */
const CHIEFS = `with recursive given(id) as (
    select subject_id from administration_rights where organization_id = $1 and name = 'chief_administrator' and ended_at is null
      and (valid_until is null or valid_until > $2)
    union select unnest($3::uuid[])
  ), ${PEOPLE_OF_GIVEN}
  select u.id from people p join users u on u.organization_id = $1 and u.id = p.id
  where u.active and u.deleted_at is null and u.kind = 'person' order by u.id`;

/** One organization's, in one transaction. Answers how many tokens were announced. */
export function announceTokenEnds(ctx: OrganizationCtx): Promise<number> {
  return transaction(async () => {
    const { organizationId, now } = ctx;
    const ending = await claim(ctx);
    for (const token of ending) {
      const issuers = token.issuedBy === null ? [] : [token.issuedBy];
      const readers = await query<{ id: string }>(CHIEFS, [organizationId, now, issuers]);
      const { connection, name: tokenName, expiresAt, connectionId } = token;
      const values = { connection, token: tokenName, expiresAt, path: `/portal/connections/${connectionId}` };
      for (const { id: userId } of readers)
        await mailUser(ctx, { kind: 'token_ending', organizationId, userId, values, usefulUntil: expiresAt });
    }
    return ending.length;
  });
}

/** Each morning, organization by organization: one that fails does not keep the others from being told. */
export const announceTokenEndsJob = (log: Logger): JobHandler => ({
  cron: '20 6 * * *',
  run: async () => {
    const now = new Date();
    const due = await query<{ id: string }>(`select distinct organization_id as id from (${DUE}) due`, [now]);
    const failed = (count: number) => `The token ends of ${count} organizations were not announced`;
    await eachOrganization(
      due.map(({ id }) => id),
      { job: ANNOUNCE_TOKEN_ENDS, now, log, failed },
      announceTokenEnds,
    );
  },
});
