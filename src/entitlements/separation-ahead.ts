// Separation of duties before the click: what an act on one application and customer account would be refused for, so that
// a form greys it, and what a preview should tell although nothing refuses it. Looks at the first receivers only; the act
// itself looks at all of them (check-separation.ts).
import type { Application, ConflictingPair, ConflictSide, Labels } from '../applications/application.ts';
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import type { Box, Entitlement } from './box.ts';
import { assignedIn, type Assigned } from './effective.ts';
import { roleHolders } from './find-role.ts';
import { loadMany } from './load-many.ts';
import { everybodyAmong, holdersAmong, oppositeOf, type Receivers } from './receivers-with.ts';
import { holdsSide, pairName, pairsIn, together } from './separation.ts';

type Holder = { readonly kind: 'user' | 'group' | 'role'; readonly id: string };

/** What is held beside a value that should not be. */
export type Apart = {
  readonly between: Labels;
  /**
   * `always`: whatever the dates, since somebody holds the other without end. `dated`: an act with other dates passes. `both`: he
   * holds both already, so that only what adds to neither passes.
   */
  readonly when: 'always' | 'dated' | 'both';
};
/** By `dimension:value`; a value that nothing stands against is not there. */
export type ApartValues = ReadonlyMap<string, Apart>;

export type ReportedPair = {
  readonly between: Labels;
  readonly customerAccountId: string;
  /** Who would hold both: how many of those looked at, and the first. */
  readonly people: number;
  readonly userId: string;
};

/** People looked at for a form or a preview. */
const MOST_SEEN = 200;

async function receiversOf(ctx: OrganizationCtx, { kind, id }: Holder): Promise<Receivers> {
  if (kind === 'user') return { users: [id], groups: [] };
  return kind === 'group' ? { users: [], groups: [id] } : roleHolders(ctx, id);
}

const isNobody = ({ users, groups }: Receivers): boolean => users.length + groups.length === 0;

/** What the receivers hold, person by person. */
async function heldBy(ctx: OrganizationCtx, userIds: readonly string[]): Promise<ReadonlyMap<string, Assigned[]>> {
  if (userIds.length === 0) return new Map();
  const { snapshots } = await loadMany(ctx, { userIds });
  return new Map([...snapshots].map(([id, snapshot]) => [id, assignedIn(snapshot)]));
}

/** An assignment, or an entitlement of a role, that the act takes the place of. */
export type Replaced = { readonly id: string; readonly entitlement: Entitlement };

/** A role's entitlement has no id in what its holders hold: it is known by what it says. */
const isReplaced = ({ entitlement, causes }: Assigned, holder: Holder, replaced: Replaced | undefined): boolean =>
  replaced !== undefined &&
  (holder.kind === 'role'
    ? causes.every(({ role }) => role?.id === holder.id) &&
      entitlement.application === replaced.entitlement.application &&
      entitlement.customerAccount === replaced.entitlement.customerAccount &&
      entitlement.profile === replaced.entitlement.profile &&
      JSON.stringify(entitlement.values) === JSON.stringify(replaced.entitlement.values)
    : causes.every(({ assignmentId }) => assignmentId === replaced.id));

/** Which values of the application the holder, or somebody he reaches, cannot be given because of what he holds. */
export async function apartValues(
  ctx: OrganizationCtx,
  holder: Holder,
  {
    application,
    customerAccountId,
    replaced,
  }: { readonly application: Application; readonly customerAccountId: string; readonly replaced?: Replaced },
): Promise<ApartValues> {
  const pairs = pairsIn(catalogue(), 'refuse');
  const asked = [...new Map(pairs.flatMap(({ a, b }) => [a, b]).map((side) => [JSON.stringify(side), side])).values()];
  const sides = asked.filter((side) => side.application === application.key);
  if (sides.length === 0) return new Map();
  const boxes = sides.map((side) => boxOf(side, customerAccountId));
  const receivers = await receiversOf(ctx, holder);
  if (isNobody(receivers)) return new Map();
  const people = await heldBy(ctx, await holdersAmong(ctx, receivers, oppositeOf(pairs, boxes), MOST_SEEN));
  const apart = new Map<string, Apart>();
  for (const all of people.values()) {
    const held = all.filter((one) => !isReplaced(one, holder, replaced)).map(({ entitlement }) => entitlement);
    sides.forEach((side, i) => {
      const key = `${side.dimension}:${side.value}`;
      const found = apartFrom(pairs, boxes[i] as Box, held, ctx.now.getTime());
      if (found && apart.get(key)?.when !== 'always') apart.set(key, found);
    });
  }
  return apart;
}

const boxOf = ({ application, dimension, value }: ConflictSide, customerAccount: string): Box => ({
  application,
  customerAccount,
  values: { [dimension]: [value] },
  validity: { from: null, until: null },
});

function apartFrom(
  pairs: readonly ConflictingPair[],
  box: Box,
  held: readonly Entitlement[],
  at: number,
): Apart | undefined {
  const [found] = together(pairs, { some: [box], all: held, at });
  if (!found) return undefined;
  const endless = held.filter(({ validity }) => validity.until === null && (validity.from ?? at) <= at);
  // Whoever holds the value itself already may gain nothing by being given it again.
  const holdsIt = pairs.some(({ a, b }) =>
    [a, b].some(
      (side) =>
        holdsSide(box, side) && held.some((one) => one.customerAccount === box.customerAccount && holdsSide(one, side)),
    ),
  );
  const always = together(pairs, { some: [box], all: endless, at }).length > 0;
  return { between: pairName(catalogue(), found.pair), when: holdsIt ? 'both' : always ? 'always' : 'dated' };
}

/**
 * The pairs that are only reported and of which the holder, or whom he reaches, would hold both sides by what was given.
 * Call after the act and before it is undone or kept.
 */
export async function reportedPairs(
  ctx: OrganizationCtx,
  holder: Holder,
  given: readonly Box[],
): Promise<ReportedPair[]> {
  const pairs = pairsIn(catalogue(), 'report').filter(({ a, b }) =>
    given.some((box) => holdsSide(box, a) || holdsSide(box, b)),
  );
  if (pairs.length === 0) return [];
  const receivers = await receiversOf(ctx, holder);
  if (isNobody(receivers)) return [];
  const at = ctx.now.getTime();
  const inItself = together(pairs, { some: given, all: given, at }).length > 0;
  const ids = inItself
    ? await everybodyAmong(ctx, receivers, MOST_SEEN)
    : await holdersAmong(ctx, receivers, oppositeOf(pairs, given), MOST_SEEN);
  const found = new Map<string, ReportedPair>();
  for (const [userId, all] of await heldBy(ctx, ids)) {
    const held = all.map(({ entitlement }) => entitlement);
    for (const { pair, customerAccount } of together(pairs, { some: given, all: held, at })) {
      const key = JSON.stringify([pair.a, pair.b, customerAccount]);
      const known = found.get(key);
      found.set(key, {
        between: pairName(catalogue(), pair),
        customerAccountId: customerAccount,
        people: (known?.people ?? 0) + 1,
        userId: known?.userId ?? userId,
      });
    }
  }
  return [...found.values()];
}
