// What the ids in an organization's audit rows are called today: people, groups, roles, directories, customer accounts,
// organizations, and clients. One statement for a whole page. Another organization is named only to one that stands in a mandate with it.
import type { OrganizationCtx } from '../context.ts';
import { prepared, query } from '../database/query.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';

const NAMES = prepared(
  'audit_names',
  `with asked as (select unnest($2::uuid[]) as id)
  select id::text, coalesce(u.document ->> 'displayName', u.user_name) as name from asked join users u using (id) where u.organization_id = $1
  union all select id::text, g.display_name from asked join groups g using (id) where g.organization_id = $1
  union all select id::text, r.name from asked join roles r using (id) where r.organization_id = $1
  union all select id::text, c.name from asked join provisioning_connections c using (id) where c.organization_id = $1
  union all select a.id::text, concat_ws(', ', n.number, nullif(own.name, '')) from asked a
    join customer_account_numbers n on n.customer_account_id = a.id
    left join customer_accounts own on own.organization_id = $1 and own.id = a.id
  union all select id::text, o.name from asked join organizations o using (id)
    where o.id = $1 or $1 = '${OPERATOR_ORGANIZATION_ID}' or exists (select 1 from mandates m
      where (m.giver_organization_id = $1 and m.receiver_organization_id = o.id)
         or (m.receiver_organization_id = $1 and m.giver_organization_id = o.id))
  union all select k.client_id, k.name from clients k
    where k.client_id = any ($3::text[]) and (k.organization_id is null or k.organization_id = $1)`,
);

/** By id; what has no name, or none that this organization may know, is absent. */
export async function namesOf(
  ctx: OrganizationCtx,
  { ids, clients = [] }: { ids: readonly string[]; clients?: readonly string[] },
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0 && clients.length === 0) return new Map();
  const asked = [[...new Set(ids)], [...new Set(clients)]];
  const rows = await query<{ id: string; name: string | null }>(NAMES, [ctx.organizationId, ...asked]);
  return new Map(rows.flatMap(({ id, name }): [string, string][] => (name === null ? [] : [[id, name]])));
}
