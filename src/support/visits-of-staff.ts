// Where one member of the operator's staff acted, for whom, when, why and with whose consent, over all organizations: for the
// operator alone. An organization sees the visits in itself (list-support.ts).
import type { Ctx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { isId } from '../users/is-id.ts';
import type { SupportVisit } from './list-support.ts';

export type StaffVisit = SupportVisit & {
  readonly organizationId: string;
  readonly organization: string;
  /** The chief administrator who let support act. */
  readonly consentBy: string;
};

type Portion = { readonly after?: string | undefined; readonly limit: number };

const NAME = (alias: string) => `coalesce(${alias}.document ->> 'displayName', ${alias}.user_name)`;

const VISITS = `select v.id, v.organization_id as "organizationId", o.name as organization, c.administrator_id as "administratorId",
    ${NAME('u')} as administrator, coalesce(${NAME('g')}, c.given_by ->> 'label') as "consentBy", v.staff_id as "staffId",
    ${NAME('s')} as staff, v.reason, v.started_at as "startedAt", v.ended_at as "endedAt", v.outcome,
    (select count(*)::int from audit_events e where e.organization_id = v.organization_id
       and e.actor #>> '{actedBy,visit}' = v.id::text) as changes
  from (select * from support_visits where staff_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3) v
  join organizations o on o.id = v.organization_id
  join support_consents c on (c.organization_id, c.id) = (v.organization_id, v.consent_id)
  join users u on (u.organization_id, u.id) = (c.organization_id, c.administrator_id)
  left join users g on g.organization_id = c.organization_id and g.id = (c.given_by ->> 'id')::uuid
  join users s on s.organization_id = '${OPERATOR_ORGANIZATION_ID}' and s.id = v.staff_id
  order by v.id desc`;

/** The newest first. `staff`: his name. Throws HubError `not_permitted`, `not_found` (he is no user of the operator's organization). */
export async function visitsOfStaff(
  ctx: Ctx,
  staffId: string,
  { after, limit }: Portion,
): Promise<{ staff: string; items: StaffVisit[]; next: string | null }> {
  checkOperator(ctx);
  const person = isId(staffId)
    ? await queryOne<{ name: string }>(
        `select ${NAME('u')} as name from users u where u.organization_id = $1 and u.id = $2 and u.kind = 'person'`,
        [OPERATOR_ORGANIZATION_ID, staffId],
      )
    : undefined;
  if (!person) throw new HubError('not_found', `There is no member of staff ${staffId}.`);
  const from = after !== undefined && isId(after) ? after : null;
  const rows = await query<StaffVisit>(VISITS, [staffId, from, limit + 1]);
  const items = rows.slice(0, limit);
  return { staff: person.name, items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
