// Whether somebody may be made a member of a group: membership gives what the group and those above it carry.
import type { OrganizationCtx } from '../context.ts';
import { checkGroupsOpened } from './carried-rights.ts';

/** Throws HubError `group_not_opened` for a directory whose connection the group was not opened to. */
export async function checkJoining(
  ctx: OrganizationCtx,
  groupId: string,
  _memberIds: readonly string[],
): Promise<void> {
  await checkGroupsOpened(ctx, [groupId]);
}
