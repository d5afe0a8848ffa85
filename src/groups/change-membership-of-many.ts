// Makes many users members of a group, or takes them out of it, as one act: whoever may be changed is, for each of the others the
// answer says why not, and a fault leaves nothing. A constant number of statements, however many they are.
import { v7 as uuidv7 } from 'uuid';
import type { OrganizationCtx } from '../context.ts';
import { enqueue } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { loadActing, type Acting } from '../entitlements/acting.ts';
import { SELF_GIVING_NOTICE } from '../entitlements/check-giving.ts';
import { MOST_RECEIVERS } from '../entitlements/give-to-many.ts';
import { weighJoining, weighLeaving, type MembershipOutcome } from '../entitlements/weigh-membership.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import { changeMembers } from './change-members.ts';

export type MembershipOfMany = {
  readonly groupId: string;
  readonly userIds: readonly string[];
  readonly to: 'in' | 'out';
};

function prepared({ groupId, userIds }: MembershipOfMany): { groupId: string; userIds: string[] } {
  const ids = [...new Set(userIds.filter(isId).map((id) => id.toLowerCase()))];
  if (ids.length > MOST_RECEIVERS)
    throw new HubError('too_many', `At most ${MOST_RECEIVERS} people in one go.`, { most: MOST_RECEIVERS });
  return { groupId: groupId.toLowerCase(), userIds: ids };
}

/** What changeMembershipOfMany would do. Throws as it does. */
export async function previewMembershipOfMany(
  ctx: OrganizationCtx,
  asked: MembershipOfMany,
  actor?: Acting,
): Promise<MembershipOutcome[]> {
  const weigh = asked.to === 'in' ? weighJoining : weighLeaving;
  return (await weigh(ctx, prepared(asked), actor)).outcomes;
}

/**
 * One outcome for each user, in the order asked. For a person and the operator. Throws HubError `too_many`, `not_found`, `directory_owned`,
 * `not_permitted`.
 */
export function changeMembershipOfMany(
  ctx: OrganizationCtx,
  asked: MembershipOfMany,
  actor?: Acting,
): Promise<MembershipOutcome[]> {
  return transaction(async () => {
    const acting = actor ?? (await loadActing(ctx));
    const input = prepared(asked);
    if (isId(input.groupId))
      await query('select 1 from groups where organization_id = $1 and id = $2 for update', [
        ctx.organizationId,
        input.groupId,
      ]);
    const joining = asked.to === 'in' ? await weighJoining(ctx, input, acting) : undefined;
    const outcomes = joining?.outcomes ?? (await weighLeaving(ctx, input, acting)).outcomes;
    const ids = outcomes.flatMap(({ userId, refusal, already }) => (refusal || already ? [] : [userId]));
    const changes = asked.to === 'in' ? { add: ids, remove: [] } : { add: [], remove: ids };
    if (ids.length > 0) await changeMembers(ctx, input.groupId, changes, false);
    if (joining?.toHimself) {
      await enqueue(SELF_GIVING_NOTICE, {
        occasion: uuidv7(),
        organizationId: ctx.organizationId,
        userId: acting.userId,
        boxes: joining.toHimself,
        administrationRights: [],
      });
    }
    return outcomes;
  });
}
