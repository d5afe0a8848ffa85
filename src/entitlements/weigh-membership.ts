// Who of many may become a member of a group, or be taken out of it, and why not the others: the rules of check-joining.ts, person
// by person, with a constant number of reads however many they are. Nothing is written here.
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { membersAmong } from '../notices/note-rights-change.ts';
import { readSettings, revocationPolicy, type StoredSettings } from '../organizations/organization-record.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { userNotFound } from '../users/find-user.ts';
import { loadActing, mayAdminister, notPermitted, toBeCovered, type Acting } from './acting.ts';
import { administrationRightsOf, rankOf } from './administration-rights-of.ts';
import type { Box } from './box.ts';
import { carriedBy } from './carried-by-groups.ts';
import { asBox } from './ceiling.ts';
import { checkRightGiven } from './check-giving.ts';
import { checkOwnGroup } from './check-joining.ts';
import { lockForSeparation, separationRefusal } from './check-separation.ts';
import { assignedIn, effectiveEntitlements } from './effective.ts';
import { gainOf, givingBy } from './giving.ts';
import { loadMany } from './load-many.ts';
import { orThrow } from './refusal.ts';
import { holdsSide, pairsIn, together } from './separation.ts';
import type { RightsSnapshot } from './snapshot.ts';
import { mayTakeAway } from './taking-away.ts';
import { outranks } from './touching.ts';

export type MembershipOutcome = {
  readonly userId: string;
  /** Why nothing changes for him; null: it does, or there is nothing to do. */
  readonly refusal: HubError | null;
  /** Is, or is not, a member of the group itself already. */
  readonly already: boolean;
};

type Asked = { readonly groupId: string; readonly userIds: readonly string[] };
/** What the actor gives to himself by it, for the notice to the others. */
type Joining = { readonly outcomes: MembershipOutcome[]; readonly toHimself: readonly Box[] | null };

async function actorOn(ctx: OrganizationCtx, groupId: string, actor?: Acting): Promise<Acting> {
  await checkOwnGroup(ctx, groupId);
  const acting = actor ?? (await loadActing(ctx));
  if (acting.rank === 'none') throw notPermitted("You do not have the right to change a group's members.");
  return acting;
}

/** One for each, in the order asked. A refusal that is not a HubError is no outcome. */
function outcomesOf(
  userIds: readonly string[],
  is: (userId: string) => boolean,
  check: (userId: string) => void,
): MembershipOutcome[] {
  return userIds.map((userId) => {
    if (is(userId)) return { userId, refusal: null, already: true };
    try {
      check(userId);
      return { userId, refusal: null, already: false };
    } catch (error) {
      if (error instanceof HubError) return { userId, refusal: error, already: false };
      throw error;
    }
  });
}

/**
 * Ids in lower case. Throws HubError `not_found`, `directory_owned` and `not_permitted`. Call in the transaction that adds them.
 */
export async function weighJoining(ctx: OrganizationCtx, asked: Asked, actor?: Acting): Promise<Joining> {
  const { groupId, userIds } = asked;
  const acting = await actorOn(ctx, groupId, actor);
  const { entitlements: whole, administrationRights } = await carriedBy(ctx, [groupId]);
  const boxes = toBeCovered(acting, whole);
  if (!mayAdminister(acting, [...new Set(boxes.map(({ customerAccount }) => customerAccount))])) throw notPermitted();
  const pairs = pairsIn(catalogue(), 'refuse').filter(({ a, b }) =>
    whole.some((box) => holdsSide(box, a) || holdsSide(box, b)),
  );
  if (pairs.length > 0) await lockForSeparation(ctx);
  const members = new Set(await membersAmong(ctx, groupId, userIds));
  const rights = await administrationRightsOf(ctx, userIds);
  const { snapshots } = await loadMany(ctx, { userIds });
  const carries = boxes.length > 0 || administrationRights.length > 0;
  const decide = givingBy(acting, ctx.now.getTime());
  const anybody = decide({ receiverUserId: '', boxes });

  const check = (userId: string): void => {
    const snapshot = snapshots.get(userId);
    if (!snapshot) throw userNotFound(userId);
    const himself = userId === acting.userId;
    if (!himself && !outranks(acting.rank, rankOf(rights.get(userId) ?? [])))
      orThrow({ ok: false, code: 'rank_too_low', missing: [] });
    const held = assignedIn(snapshot).map(({ entitlement }) => entitlement);
    if (carries) {
      if (himself) refuseWhileActing(ctx);
      // What he holds already is no gain to him.
      if (!(himself ? decide({ receiverUserId: userId, boxes }) : anybody).ok)
        orThrow(decide({ receiverUserId: userId, boxes: gainOf(held, boxes) }));
      if (himself && !acting.unbounded && administrationRights.length > 0)
        orThrow({ ok: false, code: 'self_assignment', missing: [] });
      for (const right of administrationRights) checkRightGiven(acting, right);
    }
    if (pairs.length === 0) return;
    const [found] = together(pairs, { some: gainOf(held, whole), all: [...held, ...whole], at: snapshot.at });
    if (found) throw separationRefusal(found, userId);
  };
  const outcomes = outcomesOf(userIds, (id) => members.has(id), check);
  const own = outcomes.some(({ userId, refusal, already }) => userId === acting.userId && !refusal && !already);
  return { outcomes, toHimself: own && carries ? boxes : null };
}

const withoutGroup = (snapshot: RightsSnapshot, groupId: string): RightsSnapshot => ({
  ...snapshot,
  assignments: snapshot.assignments.filter(({ groupPath }) => groupPath[0]?.id !== groupId),
});

/** Throws as weighJoining does. Call in the transaction that takes them out. */
export async function weighLeaving(
  ctx: OrganizationCtx,
  asked: Asked,
  actor?: Acting,
): Promise<{ outcomes: MembershipOutcome[] }> {
  const { groupId, userIds } = asked;
  const acting = await actorOn(ctx, groupId, actor);
  const { administrationRights } = await carriedBy(ctx, [groupId]);
  if (administrationRights.length > 0 && acting.rank === 'users')
    orThrow({ ok: false, code: 'rank_too_low', missing: [] });
  const members = new Set(await membersAmong(ctx, groupId, userIds));
  const rights = await administrationRightsOf(ctx, userIds);
  const { snapshots } = await loadMany(ctx, { userIds });
  const [row] = await query<{ settings: StoredSettings }>('select settings from organizations where id = $1', [
    ctx.organizationId,
  ]);
  const policy = revocationPolicy(readSettings(row?.settings ?? {}));

  const check = (userId: string): void => {
    const snapshot = snapshots.get(userId);
    if (!snapshot) throw userNotFound(userId);
    if (userId !== acting.userId && !outranks(acting.rank, rankOf(rights.get(userId) ?? [])))
      orThrow({ ok: false, code: 'rank_too_low', missing: [] });
    const [before, after] = [snapshot, withoutGroup(snapshot, groupId)].map((one) =>
      effectiveEntitlements(one).effective.map(asBox),
    );
    const losses = [{ receiverUserId: userId, boxes: gainOf(after ?? [], before ?? []) }];
    orThrow(mayTakeAway({ ceiling: acting.ceiling, losses, policy }));
  };
  return { outcomes: outcomesOf(userIds, (id) => !members.has(id), check) };
}
