// Why an act on the records of many users would be refused, for a page that lists them: the same rule as check-rank.ts, with a
// constant number of reads.
import type { OrganizationCtx } from '../context.ts';
import type { ErrorCode } from '../errors.ts';
import { loadActing } from './acting.ts';
import { administrationRightsOf, rankOf, rightKeys } from './administration-rights-of.ts';
import { heldOrHeldAgain } from './ceiling.ts';
import { assignedIn } from './effective.ts';
import { loadMany } from './load-many.ts';
import { mayTouch, type TouchAct } from './touching.ts';

/** By user id; who is absent may be touched. Throws HubError `not_permitted`. */
export async function touchRefusalsOfMany(
  ctx: OrganizationCtx,
  userIds: readonly string[],
  act: TouchAct,
): Promise<Map<string, ErrorCode>> {
  if (userIds.length === 0) return new Map();
  const acting = await loadActing(ctx);
  const held = await administrationRightsOf(ctx, userIds);
  const { snapshots } = await loadMany(ctx, { userIds });
  const actor = { rank: acting.rank, ceiling: acting.ceiling, administrationRights: rightKeys(acting.held) };
  const refusals = userIds.flatMap((id): [string, ErrorCode][] => {
    const snapshot = snapshots.get(id);
    if (!snapshot) return [];
    const rights = held.get(id) ?? [];
    const coming = assignedIn(snapshot).filter(({ entitlement: { validity } }) => (validity.from ?? 0) > snapshot.at);
    const holds = [...heldOrHeldAgain(snapshot), ...coming.map(({ entitlement }) => entitlement)];
    const target = { rank: rankOf(rights), administrationRights: rightKeys(rights), holds };
    const decision = mayTouch({ act, actor, target }, id);
    return decision.ok ? [] : [[id, decision.code]];
  });
  return new Map(refusals);
}
