// What the ids in an organization's audit rows are called today: people, groups, roles, directories, customer accounts, and
// organizations. One statement for a whole page. Another organization is named only to one that stands in a mandate with it.
import type { OrganizationCtx } from '../context.ts';
import { prepared, query } from '../database/query.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';

const NAMES = prepared(
  'audit_names',
  `with asked as (select unnest($2::uuid[]) as id)
  select id, coalesce(u.document ->> 'displayName', u.user_name) as name from asked join users u using (id) where u.organization_id = $1
  union all select id, g.display_name from asked join groups g using (id) where g.organization_id = $1
  union all select id, r.name from asked join roles r using (id) where r.organization_id = $1
  union all select id, c.name from asked join provisioning_connections c using (id) where c.organization_id = $1
  union all select a.id, concat_ws(', ', n.number, nullif(own.name, '')) from asked a
    join customer_account_numbers n on n.customer_account_id = a.id
    left join customer_accounts own on own.organization_id = $1 and own.id = a.id
  union all select id, o.name from asked join organizations o using (id)
    where o.id = $1 or $1 = '${OPERATOR_ORGANIZATION_ID}' or exists (select 1 from mandates m
      where (m.giver_organization_id = $1 and m.receiver_organization_id = o.id)
         or (m.receiver_organization_id = $1 and m.giver_organization_id = o.id))`,
);

/** By id; what has no name, or none that this organization may know, is absent. */
export async function namesOf(ctx: OrganizationCtx, ids: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const asked = [...new Set(ids)];
  if (asked.length === 0) return new Map();
  const rows = await query<{ id: string; name: string | null }>(NAMES, [ctx.organizationId, asked]);
  return new Map(rows.flatMap(({ id, name }): [string, string][] => (name === null ? [] : [[id, name]])));
}
