// Who may hand users and groups over to a directory: the operator, the hub itself, and holders of manage_users, each within rank
// and ceiling. A directory never takes anybody by itself, not by a set-up link either: it would come by whomever it names.
import type { OrganizationCtx } from '../context.ts';
import { loadActing, mayAdminister, notPermitted, toBeCovered, type Acting } from '../entitlements/acting.ts';
import { carriedByEach, type GivenByGroups } from '../entitlements/carried-by-groups.ts';
import { checkRightGiven } from '../entitlements/check-giving.ts';
import { mayGive, OK, refuse, type Decision } from '../entitlements/giving.ts';
import { HubError, type ErrorCode } from '../errors.ts';

/** Throws HubError `not_permitted`. */
export async function checkHandsOver(ctx: OrganizationCtx): Promise<Acting> {
  const acting = await loadActing(ctx);
  if (acting.rank === 'none') throw notPermitted('Only holders of the right to manage users hand them over.');
  return acting;
}

/** Handing a group over is giving what it gives to whomever the directory puts into it. Pure. */
export function mayHandOver(
  acting: Acting,
  { entitlements, administrationRights }: GivenByGroups,
  at: number,
): Decision {
  const boxes = toBeCovered(acting, entitlements);
  if (!mayAdminister(acting)) return refuse('not_permitted');
  const gains = [{ receiverUserId: '', boxes }];
  const decision = mayGive({ at, ceiling: acting.ceiling, chief: acting.unbounded, gains });
  if (!decision.ok) return decision;
  try {
    for (const right of administrationRights) checkRightGiven(acting, right);
    return OK;
  } catch (error) {
    if (error instanceof HubError) return refuse(error.code);
    throw error;
  }
}

/**
 * Why handing over each of these groups would be refused, for a page that lists them, with a constant number of reads; who is
 * absent may pass. Throws HubError `not_permitted`.
 */
export async function handOverRefusals(
  ctx: OrganizationCtx,
  groupIds: readonly string[],
): Promise<Map<string, ErrorCode>> {
  if (groupIds.length === 0) return new Map();
  const acting = await checkHandsOver(ctx);
  const carried = await carriedByEach(ctx, groupIds);
  return new Map(
    groupIds.flatMap((id): [string, ErrorCode][] => {
      const given = carried.get(id.toLowerCase());
      const decision = given ? mayHandOver(acting, given, ctx.now.getTime()) : OK;
      return decision.ok ? [] : [[id, decision.code]];
    }),
  );
}
