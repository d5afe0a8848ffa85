// What took the place of something given, by however many changes. The trail is the only place that knows what replaced what.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';

const TRAIL = {
  assignment: { action: 'assignment.given', key: 'assignment' },
  role_entitlement: { action: 'role.entitlement_added', key: 'roleEntitlement' },
} as const;

/** Ids, its own among them. `targetId`: of the user, group or role whose history tells it. All ids must be UUIDs. */
export async function replacedBy(
  { organizationId }: OrganizationCtx,
  kind: keyof typeof TRAIL,
  { targetId, id }: { readonly targetId: string; readonly id: string },
): Promise<ReadonlySet<string>> {
  const { action, key } = TRAIL[kind];
  const chain = await query<{ id: string }>(
    `with recursive chain(id) as (
       select $3::text
       union
       select e.after ->> '${key}' from chain c join audit_events e on e.organization_id = $1 and e.target_id = $2::text
         and e.action = '${action}' and e.after ->> 'replaces' = c.id
     ) select id from chain`,
    [organizationId, targetId.toLowerCase(), id.toLowerCase()],
  );
  return new Set(chain.map((row) => row.id));
}
