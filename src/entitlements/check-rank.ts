// Whether one person may act on another's record: rank, and for credentials a ceiling over all that the other holds.
// See touching.ts for the rule. Directories act on what they own; the operator on everybody.
import type { OrganizationCtx } from '../context.ts';
import type { ErrorCode } from '../errors.ts';
import { userNotFound } from '../users/find-user.ts';
import { isId } from '../users/is-id.ts';
import { loadActing, notPermitted, type Acting } from './acting.ts';
import { administrationRightsOf, rankOf, rightKeys, type HeldRight } from './administration-rights-of.ts';
import type { Box } from './box.ts';
import { heldOrHeldAgain } from './ceiling.ts';
import { assignedIn } from './effective.ts';
import { OK, refuse, type Decision } from './giving.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { orThrow } from './refusal.ts';
import { CREDENTIAL_ACTS, mayTouch, outranks, RANK_ACTS, type Rank, type TouchAct } from './touching.ts';

/** Throws HubError `rank_too_low` when one of them stands too high for the rank. Himself anybody may touch. */
export async function checkRank(
  ctx: OrganizationCtx,
  acting: Acting,
  userIds: readonly string[],
  rank: Rank = acting.rank,
): Promise<void> {
  const others = userIds.filter((id) => id.toLowerCase() !== acting.userId);
  if (others.length === 0 || acting.rank === 'operator') return;
  const held = await administrationRightsOf(ctx, others);
  if ([...held.values()].every((rights) => outranks(rank, rankOf(rights)))) return;
  orThrow({ ok: false, code: 'rank_too_low', missing: [] });
}

/** What the user holds or would hold again, and what is to begin for him. */
async function holdsOf(ctx: OrganizationCtx, userId: string): Promise<Box[]> {
  const read = await loadSnapshot({ organizationId: ctx.organizationId, userId, now: ctx.now });
  if (!read) throw userNotFound(userId);
  const coming = assignedIn(read.snapshot).filter(
    ({ entitlement: { validity } }) => (validity.from ?? 0) > read.snapshot.at,
  );
  return [...heldOrHeldAgain(read.snapshot), ...coming.map(({ entitlement }) => entitlement)];
}

/** The decision about each act at this moment; nothing stands in the way of directories and the hub itself. */
async function decide(ctx: OrganizationCtx, userId: string, acts: readonly TouchAct[]): Promise<Decision[]> {
  if (ctx.actor.kind === 'connection' || ctx.actor.kind === 'system') return acts.map(() => OK);
  if (!isId(userId)) throw userNotFound(userId);
  const acting = await loadActing(ctx);
  if (acting.rank === 'none') throw notPermitted();
  const held: HeldRight[] = (await administrationRightsOf(ctx, [userId])).get(userId.toLowerCase()) ?? [];
  const target = { rank: rankOf(held), administrationRights: rightKeys(held), holds: await holdsOf(ctx, userId) };
  const actor = { rank: acting.rank, ceiling: acting.ceiling, administrationRights: rightKeys(acting.held) };
  const support = ctx.actor.kind === 'user' && ctx.actor.actedBy !== undefined;
  return acts.map((act) => {
    const decision = mayTouch({ act, actor, target }, userId);
    return decision.ok && support && NOT_FOR_SUPPORT.includes(act) ? refuse('not_while_acting') : decision;
  });
}

/** With these the operator's support would come by somebody's credentials, and so by access that outlasts the consent. */
const NOT_FOR_SUPPORT: readonly TouchAct[] = CREDENTIAL_ACTS.filter((act) => act !== 'reactivate');

/**
 * For a person who is about to `act` on the user. Throws HubError `not_found`, `not_permitted`, `rank_too_low`,
 * `target_holds_more`, `not_while_acting`. Call inside the transaction of the act.
 */
export async function checkTouching(ctx: OrganizationCtx, userId: string, act: TouchAct): Promise<void> {
  for (const decision of await decide(ctx, userId, [act])) orThrow(decision);
}

export type TouchRefusals = Readonly<Record<TouchAct, ErrorCode | null>>;

/** Why each act would be refused, for a screen; null: it would not. Throws HubError `not_found`, `not_permitted`. */
export async function touchRefusals(ctx: OrganizationCtx, userId: string): Promise<TouchRefusals> {
  const acts = [...RANK_ACTS, ...CREDENTIAL_ACTS];
  const decisions = await decide(ctx, userId, acts);
  const codes = acts.map((act, i) => [act, decisions[i]?.ok === false ? decisions[i].code : null] as const);
  return Object.fromEntries(codes) as TouchRefusals;
}
