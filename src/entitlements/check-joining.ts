// Whether somebody may be made a member of a group, or be taken out of it: membership gives what the group and those
// above it carry. Only its own source changes the members of a group that a directory fills.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { groupNotFound } from '../groups/find-group.ts';
import { isId } from '../users/is-id.ts';
import { effectivePart, loadActing, notPermitted, toBeCovered } from './acting.ts';
import { carriedBy } from './carried-by-groups.ts';
import { checkGroupsOpened } from './carried-rights.ts';
import { checkGiving } from './check-giving.ts';
import { asBox } from './ceiling.ts';
import { checkRank } from './check-rank.ts';
import { checkSeparation, refusesPairs } from './check-separation.ts';
import { effectiveEntitlements } from './effective.ts';
import { gainOf, type Gain } from './giving.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { orThrow } from './refusal.ts';
import { checkTakingAway } from './revocation.ts';

/** Members named one by one up to here are measured one by one. */
const MOST_COMPARED = 64;

/** Throws HubError `not_found`, `directory_owned`. */
export async function checkOwnGroup(ctx: OrganizationCtx, groupId: string): Promise<void> {
  const row = isId(groupId)
    ? await queryOne<{ connection_id: string | null }>(
        'select connection_id from groups where organization_id = $1 and id = $2 and deleted_at is null',
        [ctx.organizationId, groupId],
      )
    : undefined;
  if (!row) throw groupNotFound(groupId);
  if (row.connection_id === null) return;
  throw new HubError('directory_owned', 'A directory fills this group: only there its members can be changed.');
}

/** Ids that name nothing are left to whoever writes the members. */
async function membersByKind(
  ctx: OrganizationCtx,
  ids: readonly string[],
): Promise<{ users: string[]; groups: string[] }> {
  const rows = await query<{ id: string; kind: 'user' | 'group' }>(
    `select id, 'user' as kind from users where organization_id = $1 and id = any($2::uuid[]) and deleted_at is null
     union all select id, 'group' from groups where organization_id = $1 and id = any($2::uuid[]) and deleted_at is null`,
    [ctx.organizationId, ids.filter(isId)],
  );
  const of = (kind: 'user' | 'group') => rows.flatMap((row) => (row.kind === kind ? [row.id] : []));
  return { users: of('user'), groups: of('group') };
}

async function separate(ctx: OrganizationCtx, groupId: string, memberIds: readonly string[]): Promise<void> {
  const { entitlements: given } = await carriedBy(ctx, [groupId]);
  await checkSeparation(ctx, { given, ...(await membersByKind(ctx, memberIds)) });
}

/**
 * Before these users and groups become members. For a directory: HubError `group_not_opened`, `separation_of_duties`. For a person:
 * `directory_owned`, and the refusals of giving (see check-giving.ts). Call inside the transaction that adds them.
 */
export async function checkJoining(
  ctx: OrganizationCtx,
  groupId: string,
  memberIds: readonly string[],
  { consent = false }: { consent?: boolean } = {},
): Promise<void> {
  if (ctx.actor.kind === 'connection') {
    await checkGroupsOpened(ctx, [groupId]);
    if (refusesPairs()) await separate(ctx, groupId, memberIds);
    return;
  }
  if (ctx.actor.kind === 'system') return;
  await checkOwnGroup(ctx, groupId);
  const acting = await loadActing(ctx);
  if (acting.rank === 'none') throw notPermitted("You do not have the right to change a group's members.");
  const { users, groups } = await membersByKind(ctx, memberIds);
  const carried = await carriedBy(ctx, [groupId]);
  await checkGiving(ctx, acting, {
    boxes: toBeCovered(acting, carried.entitlements),
    whole: { given: carried.entitlements, gained: carried.entitlements },
    administrationRights: carried.administrationRights,
    users,
    groups,
    carriedBy: carried.groupIds,
    joining: true,
    consent,
  });
}

/**
 * Before these users and groups cease to be members; a directory takes out whom it likes. Throws HubError `directory_owned`,
 * `not_permitted`, `rank_too_low`, `revocation_off`, `grantor_lacks_right`. Call inside the transaction that removes them.
 */
export async function checkLeaving(ctx: OrganizationCtx, groupId: string, memberIds: readonly string[]): Promise<void> {
  if (ctx.actor.kind === 'connection' || ctx.actor.kind === 'system') return;
  await checkOwnGroup(ctx, groupId);
  const acting = await loadActing(ctx);
  if (acting.rank === 'none') throw notPermitted("You do not have the right to change a group's members.");
  const { users, groups } = await membersByKind(ctx, memberIds);
  await checkRank(ctx, acting, users);
  const carried = await carriedBy(ctx, [groupId]);
  if (carried.administrationRights.length > 0 && acting.rank === 'users')
    orThrow({ ok: false, code: 'rank_too_low', missing: [] });
  const finer = groups.length === 0 && users.length <= MOST_COMPARED;
  const losses = finer
    ? await lossesOfEach(ctx, groupId, users)
    : [{ receiverUserId: memberIds[0] ?? '', boxes: effectivePart(acting, carried.entitlements) }];
  await checkTakingAway(ctx, acting, losses);
}

async function lossesOfEach(ctx: OrganizationCtx, groupId: string, users: readonly string[]): Promise<Gain[]> {
  const losses: Gain[] = [];
  for (const userId of users) {
    const read = await loadSnapshot({ organizationId: ctx.organizationId, userId, now: ctx.now });
    if (!read) continue;
    const { snapshot } = read;
    const without = {
      ...snapshot,
      assignments: snapshot.assignments.filter(({ groupPath }) => groupPath[0]?.id !== groupId.toLowerCase()),
    };
    const [before, after] = [snapshot, without].map((one) => effectiveEntitlements(one).effective.map(asBox));
    losses.push({ receiverUserId: userId, boxes: gainOf(after ?? [], before ?? []) });
  }
  return losses;
}

/** Before a person deletes a group: everybody in it leaves. Throws as checkLeaving does. */
export async function checkGroupEnding(ctx: OrganizationCtx, groupId: string): Promise<void> {
  if (ctx.actor.kind === 'connection' || ctx.actor.kind === 'system') return;
  const inside = await query<{ id: string }>(
    `(select user_id as id from group_users where organization_id = $1 and group_id = $2 limit ${MOST_COMPARED + 1})
     union all select child_id from group_groups where organization_id = $1 and parent_id = $2`,
    [ctx.organizationId, groupId],
  );
  await checkLeaving(
    ctx,
    groupId,
    inside.map(({ id }) => id),
  );
}
