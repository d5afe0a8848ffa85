// What giving the same to many users would do to each of them: who gains what, who is refused and why. The rules are those of
// giving to one (check-giving.ts, check-separation.ts, entitlement-input.ts), with a constant number of reads however many
// they are. Nothing is written here.
import { setImmediate as otherWork } from 'node:timers/promises';
import { catalogue } from '../applications/current-catalogue.ts';
import type { ConflictingPair, Labels } from '../applications/application.ts';
import type { OrganizationCtx } from '../context.ts';
import { HubError } from '../errors.ts';
import { userNotFound } from '../users/find-user.ts';
import { administrationRightsOf, rankOf } from './administration-rights-of.ts';
import { mayAdminister, notPermitted, type Acting } from './acting.ts';
import { ALWAYS, type Box, type Entitlement } from './box.ts';
import { asBox } from './ceiling.ts';
import { lockForSeparation, separationRefusal } from './check-separation.ts';
import { covers } from './covers.ts';
import { assignedIn, effectiveEntitlements, MAX_EFFECTIVE, overfull, type WithheldCode } from './effective.ts';
import { checkProfiles } from './entitlement-input.ts';
import { gainOf, givingBy } from './giving.ts';
import { loadMany } from './load-many.ts';
import { orThrow } from './refusal.ts';
import { holdsSide, pairName, pairsIn, together, type Together } from './separation.ts';
import type { AssignmentSnapshot, RightsSnapshot, RoleSnapshot } from './snapshot.ts';
import { outranks } from './touching.ts';

/** One thing that is given, accepted already. */
export type ManyGift = {
  readonly gives: { readonly entitlement: Entitlement } | { readonly role: RoleSnapshot };
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  /** What the ceiling must cover, and all that is given. */
  readonly boxes: readonly Box[];
  readonly whole: readonly Entitlement[];
};

export type Outcome = {
  readonly userId: string;
  /** Why he gets nothing; null: he gets the gifts below. */
  readonly refusal: HubError | null;
  /** Was given all of it before, for as long: there is nothing to do. */
  readonly already: boolean;
  /** Which of the gifts he gets, by their place in the list: what he was given before is left out. */
  readonly gifts: readonly number[];
  /** Combinations that he has besides from this moment on. */
  readonly gained: readonly Box[];
  /** Why something of it has no effect at this moment. */
  readonly withheld: readonly WithheldCode[];
  /** What he would hold together that is not refused but reported. */
  readonly reported: readonly { readonly between: Labels; readonly customerAccountId: string }[];
};

/** So many are worked on before others get their turn. */
const PORTION = 20;
const FRESH = 'given-now-';

/**
 * In the order asked. Throws HubError `not_permitted`, and `grantor_lacks_right` or `outlasts_ceiling` where the actor may give
 * it to nobody. Call in a transaction that holds the users, where the answer is to be acted on.
 */
export async function weighMany(
  ctx: OrganizationCtx,
  acting: Acting,
  { userIds, gifts }: { readonly userIds: readonly string[]; readonly gifts: readonly ManyGift[] },
): Promise<Outcome[]> {
  const boxes = gifts.flatMap((gift) => gift.boxes);
  const accounts = [...new Set(boxes.map(({ customerAccount }) => customerAccount))];
  if (!mayAdminister(acting, accounts)) throw notPermitted('You do not have the right to give rights to others.');
  const decide = givingBy(acting, ctx.now.getTime());
  orThrow(decide({ receiverUserId: '', boxes }));
  const pairsOf = (mode: ConflictingPair['mode']) =>
    pairsIn(catalogue(), mode).filter(({ a, b }) =>
      gifts.some(({ whole }) => whole.some((box) => holdsSide(box, a) || holdsSide(box, b))),
    );
  const [pairs, tolerated] = [pairsOf('refuse'), pairsOf('report')];
  if (pairs.length > 0) await lockForSeparation(ctx);
  const rights = await administrationRightsOf(ctx, userIds);
  const { snapshots } = await loadMany(ctx, { userIds });
  const rank = acting.rank === 'none' ? 'users' : acting.rank;

  const weigh = (userId: string): Outcome => {
    const none = { userId, already: false, gifts: [], gained: [], withheld: [], reported: [] };
    const snapshot = snapshots.get(userId);
    if (!snapshot) return { ...none, refusal: userNotFound(userId) };
    const fresh = gifts.flatMap((gift, index) => (isGiven(snapshot, gift) ? [] : [index]));
    try {
      if (userId !== acting.userId && !outranks(rank, rankOf(rights.get(userId) ?? [])))
        orThrow({ ok: false, code: 'rank_too_low', missing: [] });
      if (userId === acting.userId) orThrow(decide({ receiverUserId: userId, boxes }));
      if (fresh.length === 0) return { ...none, refusal: null, already: true };
      const own = fresh.flatMap((index) => gifts[index] ?? []);
      checkTogether(snapshot, own, acting, pairs);
      const reported = broughtTogether(snapshot, own, tolerated).map(({ pair, customerAccount }) => ({
        between: pairName(catalogue(), pair),
        customerAccountId: customerAccount,
      }));
      return { ...none, refusal: null, gifts: fresh, reported, ...effectOf(snapshot, own) };
    } catch (error) {
      if (error instanceof HubError) return { ...none, refusal: error };
      throw error;
    }
  };

  const outcomes: Outcome[] = [];
  for (const [index, userId] of userIds.entries()) {
    if (index > 0 && index % PORTION === 0) await otherWork();
    outcomes.push(weigh(userId.toLowerCase()));
  }
  return outcomes;
}

/** Given to the person himself, by no group. */
const directOf = ({ assignments }: RightsSnapshot): AssignmentSnapshot[] =>
  assignments.filter(({ groupPath }) => groupPath.length === 0);

function isGiven(snapshot: RightsSnapshot, { gives, validFrom, validUntil }: ManyGift): boolean {
  const direct = directOf(snapshot);
  const [from, until] = [Math.max(validFrom?.getTime() ?? 0, snapshot.at), validUntil?.getTime() ?? null];
  if ('role' in gives) {
    return direct.some(
      ({ gives: given, validity }) =>
        given.kind === 'role' &&
        given.roleId === gives.role.id &&
        (validity.from ?? 0) <= from &&
        (validity.until === null || (until !== null && until <= validity.until)),
    );
  }
  const { entitlement } = gives;
  const standing = direct.flatMap(({ gives: given, validity }) =>
    given.kind === 'entitlements' ? given.entitlements.map((one) => ({ ...one, validity })) : [],
  );
  return covers(
    standing.filter(({ profile }) => profile === entitlement.profile),
    { ...entitlement, validity: { from, until } },
  );
}

/** What must not meet in one person: two profiles on a contract, two values that the catalogue keeps apart. */
function checkTogether(
  snapshot: RightsSnapshot,
  gifts: readonly ManyGift[],
  acting: Acting,
  pairs: readonly ConflictingPair[],
): void {
  const standing = directOf(snapshot).flatMap(({ gives, validity }) =>
    gives.kind === 'entitlements' ? gives.entitlements.map((one) => ({ ...one, validity })) : [],
  );
  const fresh = gifts.flatMap(({ gives }) => ('entitlement' in gives ? [gives.entitlement] : []));
  checkProfiles(acting, [...standing, ...fresh]);
  const [found] = broughtTogether(snapshot, gifts, pairs);
  if (found) throw separationRefusal(found, snapshot.user.id);
}

/** Those of the pairs that he does not hold together already. */
function broughtTogether(
  snapshot: RightsSnapshot,
  gifts: readonly ManyGift[],
  pairs: readonly ConflictingPair[],
): Together[] {
  if (pairs.length === 0) return [];
  const whole = gifts.flatMap((gift) => gift.whole);
  const held = assignedIn(snapshot).map(({ entitlement }) => entitlement);
  return together(pairs, { some: gainOf(held, whole), all: [...held, ...whole], at: snapshot.at });
}

function effectOf(snapshot: RightsSnapshot, gifts: readonly ManyGift[]): Pick<Outcome, 'gained' | 'withheld'> {
  const fresh = gifts.map(({ gives, validFrom, validUntil }, index): AssignmentSnapshot => ({
    id: `${FRESH}${index}`,
    gives:
      'role' in gives
        ? { kind: 'role', roleId: gives.role.id }
        : { kind: 'entitlements', entitlements: [gives.entitlement] },
    givenBy: { kind: 'system', id: '', label: '' },
    givenAt: snapshot.at,
    validity: 'role' in gives ? { from: validFrom?.getTime() ?? null, until: validUntil?.getTime() ?? null } : ALWAYS,
    groupPath: [],
  }));
  const roles = new Map(snapshot.roles);
  for (const { gives } of gifts) if ('role' in gives) roles.set(gives.role.id, gives.role);
  const touched = new Set(gifts.flatMap(({ whole }) => whole.map(({ application }) => application)));
  const active = { ...snapshot, user: { ...snapshot.user, active: true } };
  const concerns = ({ entitlement }: { entitlement: Entitlement }) => touched.has(entitlement.application);
  const before = effectiveEntitlements(active).effective.filter(concerns);
  const after = effectiveEntitlements({ ...active, assignments: [...snapshot.assignments, ...fresh], roles });
  const [application] = overfull(after.effective);
  if (application !== undefined) {
    throw new HubError('too_many', `A user can hold at most ${MAX_EFFECTIVE} entitlements in ${application}.`, {
      application,
    });
  }
  if (!snapshot.user.active) return { gained: [], withheld: ['user_inactive'] };
  const codes = after.withheld.flatMap(({ code, causes }) =>
    causes.some(({ assignmentId }) => assignmentId.startsWith(FRESH)) ? [code] : [],
  );
  return {
    gained: gainOf(before.map(asBox), after.effective.filter(concerns).map(asBox)),
    withheld: [...new Set(codes)],
  };
}
