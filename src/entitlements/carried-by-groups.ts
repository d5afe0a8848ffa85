// What membership of groups gives, the groups above them included: entitlements and administration rights.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import type { HeldRight } from './administration-rights-of.ts';
import type { Entitlement } from './box.ts';
import { groupsAbove } from './carried-rights.ts';
import { assignedIn } from './effective.ts';
import { loadSnapshot } from './load-snapshot.ts';

export type GivenByGroups = {
  /** As assigned, whether it has effect or not. */
  readonly entitlements: readonly Entitlement[];
  readonly administrationRights: readonly HeldRight[];
};

type Carried = GivenByGroups & {
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

/** The same of each of them by itself, in a constant number of reads. Ids must be UUIDs. */
export async function carriedByEach(
  ctx: OrganizationCtx,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, GivenByGroups>> {
  const reach = await query<{ start: string; id: string }>(
    `with recursive reach(start, id) as (
       select s, s from unnest($2::uuid[]) s
       union
       select r.start, n.parent_id from reach r join group_groups n on n.organization_id = $1 and n.child_id = r.id
     ) select start, id from reach`,
    [ctx.organizationId, groupIds],
  );
  const read = await loadSnapshot({ organizationId: ctx.organizationId, groupIds, now: ctx.now });
  const { administrationRights } = await carriedBy(ctx, groupIds);
  const above = Map.groupBy(reach, ({ start }) => start);
  return new Map(
    [...above].map(([start, rows]) => {
      const ids = new Set(rows.map(({ id }) => id));
      const assignments = read?.snapshot.assignments.filter(({ groupPath }) => ids.has(groupPath.at(-1)?.id ?? ''));
      return [
        start,
        {
          entitlements: read
            ? assignedIn({ ...read.snapshot, assignments: assignments ?? [] }).map(({ entitlement }) => entitlement)
            : [],
          administrationRights: administrationRights.filter(({ groupId }) => ids.has(groupId ?? '')),
        },
      ];
    }),
  );
}
