// What membership of groups gives, the groups above them included: entitlements and administration rights.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import type { HeldRight } from './administration-rights-of.ts';
import type { Entitlement } from './box.ts';
import { groupsAbove } from './carried-rights.ts';
import { assignedIn } from './effective.ts';
import { loadSnapshot } from './load-snapshot.ts';

export type Carried = {
  /** As assigned, whether it has effect or not. */
  readonly entitlements: readonly Entitlement[];
  readonly administrationRights: readonly HeldRight[];
  /** Those of the groups, and of the groups above, that give something. */
  readonly groupIds: readonly string[];
};

export async function carriedBy(ctx: OrganizationCtx, groupIds: readonly string[]): Promise<Carried> {
  const read = await loadSnapshot({ organizationId: ctx.organizationId, groupIds, now: ctx.now });
  const administrationRights = await query<HeldRight>(
    `${groupsAbove('$2::uuid[]')}
    select a.id, a.name, a.customer_account_id as "customerAccountId", a.valid_until as "validUntil", a.subject_id as "groupId"
    from administration_rights a where a.organization_id = $1 and a.subject_id in (select id from above) and a.ended_at is null
      and (a.valid_until is null or a.valid_until > $3) order by a.id`,
    [ctx.organizationId, groupIds, ctx.now],
  );
  const carrying = [
    ...(read?.snapshot.assignments.map(({ groupPath }) => groupPath.at(-1)?.id) ?? []),
    ...administrationRights.map(({ groupId }) => groupId),
  ].filter((id) => id !== null && id !== undefined);
  return {
    entitlements: read ? assignedIn(read.snapshot).map(({ entitlement }) => entitlement) : [],
    administrationRights,
    groupIds: [...new Set(carrying)],
  };
}
