// The visit behind a staff's session, read at each request with all that it stands on: the consent, the staff's role, the
// administrator, the organization. The session itself was read just before (src/credentials/find-session.ts).
import { prepared, queryOne } from '../database/query.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { rolesWith } from '../organizations/permissions.ts';
import type { Document } from '../provisioning/attribute.ts';
import type { VisitOutcome } from './end-visit.ts';

export type FoundVisit = {
  readonly id: string;
  readonly organizationId: string;
  readonly organizationName: string;
  /** The administrator for whom support acts. */
  readonly userId: string;
  readonly document: Document;
  readonly lastSignInAt: Date | null;
  readonly expiresAt: Date;
  /** Why it is over; null: it goes on. */
  readonly over: VisitOutcome | null;
  /** Ended on record already. */
  readonly ended: boolean;
};

const FIND = prepared(
  'support_visit_find',
  `select v.id, v.organization_id as "organizationId", o.name as "organizationName", u.id as "userId", u.document,
     u.last_sign_in_at as "lastSignInAt", c.expires_at as "expiresAt", v.ended_at is not null as ended,
     case when v.ended_at is not null then v.outcome
       when c.withdrawn_at is not null then 'withdrawn'
       when c.expires_at <= $3 then 'expired'
       when s.id is null or r.roles is null or not r.roles && $4::text[] then 'role_lost'
       when o.state <> 'active' then 'organization_inactive'
       when not u.active or u.deleted_at is not null then 'administrator_gone' end as over
   from support_visits v
   join support_consents c on (c.organization_id, c.id) = (v.organization_id, v.consent_id)
   join organizations o on o.id = v.organization_id
   join users u on (u.organization_id, u.id) = (c.organization_id, c.administrator_id)
   left join users s on s.organization_id = '${OPERATOR_ORGANIZATION_ID}' and s.id = v.staff_id and s.active and s.deleted_at is null
   left join staff_roles r on (r.organization_id, r.user_id) = (s.organization_id, s.id)
   where v.session_uid = $1 and v.staff_id = $2 and v.told_at is null order by v.id desc limit 1`,
);

/** Undefined: he acts for nobody, and knows. */
export const findVisit = (
  session: { readonly uid: string; readonly userId: string },
  now: Date,
): Promise<FoundVisit | undefined> =>
  queryOne<FoundVisit>(FIND, [session.uid, session.userId, now, rolesWith('organizations.act')]);
