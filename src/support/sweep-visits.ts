// Writes down the end of visits that nobody came back to: the consent ran out, or the staff's session is over. What support may
// do does not wait for this; each request asks (find-visit.ts).
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { sessionLives } from '../credentials/session-limits.ts';
import type { JobHandler } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { endVisits, type VisitOutcome } from './end-visit.ts';

export const SWEEP_VISITS = 'end-support-visits';

const OVER = `
  select * from (
    select v.id, v.organization_id as "organizationId",
      case when c.expires_at <= $1 then 'expired' when not exists (
        select 1 from oidc_artefacts a join organizations o on o.id = a.organization_id
        left join sessions s on s.organization_id = a.organization_id and s.uid = a.uid
        where a.model = 'Session' and a.organization_id = '${OPERATOR_ORGANIZATION_ID}' and a.user_id = v.staff_id and a.uid = v.session_uid
          and a.expires_at > $1 and ${sessionLives({ artefact: 'a', session: 's', organization: 'o' }, '$1::timestamptz')}
      ) then 'signed_out' end as outcome
    from support_visits v join support_consents c on (c.organization_id, c.id) = (v.organization_id, v.consent_id)
    where v.ended_at is null
  ) found where outcome is not null order by id limit 1000`;

type Over = { id: string; organizationId: string; outcome: VisitOutcome };

/** Answers how many. */
export async function sweepVisits(now: Date, log: Logger): Promise<number> {
  const actor = { kind: 'system' as const, id: SWEEP_VISITS, label: 'Mandate' };
  let ended = 0;
  for (const { id, organizationId, outcome } of await query<Over>(OVER, [now]))
    ended += await endVisits({ organizationId, actor, requestId: uuidv7(), now, log }, { visitId: id }, outcome);
  return ended;
}

export const sweepVisitsJob = (log: Logger): JobHandler => ({
  cron: '*/5 * * * *',
  run: async () => void (await sweepVisits(new Date(), log)),
});
