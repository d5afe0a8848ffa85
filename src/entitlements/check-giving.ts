// Giving is one act, whatever the door: this is the check that all of them go through. What each receiver would gain
// must be covered by the actor's ceiling, nobody but a chief gives to himself, a person of higher rank is not touched,
// and what reaches a group that a directory fills needs a chief's consent. The doors work out what is gained by whom.
import { v7 as uuidv7 } from 'uuid';
import type { OrganizationCtx } from '../context.ts';
import { enqueue } from '../database/jobs.ts';
import { query } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { mayAdminister, notPermitted, type Acting } from './acting.ts';
import { holdings, type AdministrationRight, type HeldRight } from './administration-rights-of.ts';
import type { Box } from './box.ts';
import { checkRank } from './check-rank.ts';
import { checkSeparation } from './check-separation.ts';
import { checkConsent, unopened } from './directories-filling.ts';
import { assignedIn } from './effective.ts';
import { gainOf, givingBy, type Gain } from './giving.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { orThrow } from './refusal.ts';

type GivenRight = Pick<HeldRight, 'name' | 'customerAccountId' | 'validUntil'>;

export type Giving = {
  /** What is gained, as the ceiling must cover it. */
  readonly boxes: readonly Box[];
  readonly administrationRights?: readonly GivenRight[];
  /** Persons who gain. Their rank counts. */
  readonly users?: readonly string[];
  /** Groups whose members, those of nested groups too, gain. */
  readonly groups?: readonly string[];
  /** The groups that will carry what is gained; where a directory fills the receiving groups, they must be open to it. */
  readonly carriedBy?: readonly string[];
  /** The same uncut, and with what of it takes the place of something; without it `boxes`. */
  readonly whole?: { readonly given: readonly Box[]; readonly gained: readonly Box[] };
  /** Persons who gain without being touched: those who have a role. */
  readonly holders?: readonly string[];
  /** By joining a group: what a person holds already is no gain to him. */
  readonly joining?: boolean;
  /** A chief's tick that a directory decides who gets it. */
  readonly consent?: boolean;
};

/** Queue of the notice to the other chiefs, else the operator: a chief gave something to himself. */
export const SELF_GIVING_NOTICE = 'notify-self-giving';

/** More persons than this are measured together, as if they held nothing yet. */
const MOST_COMPARED = 64;

/**
 * Throws HubError `not_permitted`, `self_assignment`, `rank_too_low`, `grantor_lacks_right` and `outlasts_ceiling`
 * (details.missing names the boxes), `group_not_opened`, `separation_of_duties`, `not_while_acting`. Call inside the act's transaction, before it writes.
 */
export async function checkGiving(ctx: OrganizationCtx, acting: Acting, giving: Giving): Promise<void> {
  const { boxes, users = [], groups = [], administrationRights = [] } = giving;
  const accounts = [...new Set(boxes.map(({ customerAccount }) => customerAccount))];
  if (!mayAdminister(acting, accounts)) throw notPermitted('You do not have the right to give rights to others.');
  await checkRank(ctx, acting, users, acting.rank === 'none' ? 'users' : acting.rank);
  const separate = () =>
    checkSeparation(ctx, {
      ...(giving.whole ?? { given: boxes }),
      users: [...users, ...(giving.holders ?? [])],
      groups,
    });
  if (boxes.length === 0 && administrationRights.length === 0) return separate();

  const toHimself = await gainsHimself(ctx, acting, users, groups);
  if (toHimself) refuseWhileActing(ctx);
  const receiver = toHimself ? (acting.userId as string) : (users[0] ?? groups[0] ?? '');
  const all: Gain = { receiverUserId: receiver, boxes };
  const decide = givingBy(acting, ctx.now.getTime());
  const decision = decide(all);
  if (!decision.ok) {
    const finer = giving.joining === true && groups.length === 0 && users.length <= MOST_COMPARED;
    orThrow(finer ? decide(...(await gainsOfEach(ctx, users, boxes))) : decision);
  }
  if (toHimself && !acting.unbounded && administrationRights.length > 0)
    orThrow({ ok: false, code: 'self_assignment', missing: [] });
  for (const right of administrationRights) checkRightGiven(acting, right);
  await checkConsent(ctx, acting, await unopened(ctx, giving.carriedBy ?? groups, groups), giving.consent === true);
  await separate();
  if (toHimself) {
    await enqueue(SELF_GIVING_NOTICE, {
      occasion: uuidv7(),
      organizationId: ctx.organizationId,
      userId: acting.userId,
      boxes,
      administrationRights,
    });
  }
}

/** What each of them does not hold already. */
const gainsOfEach = async (ctx: OrganizationCtx, users: readonly string[], boxes: readonly Box[]): Promise<Gain[]> => {
  const gains: Gain[] = [];
  for (const userId of users) {
    const read = await loadSnapshot({ organizationId: ctx.organizationId, userId, now: ctx.now });
    const held = read ? assignedIn(read.snapshot).map(({ entitlement }) => entitlement) : [];
    gains.push({ receiverUserId: userId, boxes: gainOf(held, boxes) });
  }
  return gains;
};

/** Is he among them, or in one of the groups, directly or by nesting? */
async function gainsHimself(
  ctx: OrganizationCtx,
  acting: Acting,
  users: readonly string[],
  groups: readonly string[],
): Promise<boolean> {
  if (acting.userId === null) return false;
  if (users.some((id) => id.toLowerCase() === acting.userId)) return true;
  if (groups.length === 0) return false;
  const found = await query(
    `with recursive reach(id) as (
      select group_id from group_users where organization_id = $1 and user_id = $2
      union
      select n.parent_id from reach r join group_groups n on n.organization_id = $1 and n.child_id = r.id
    ) select 1 from reach where id = any($3::uuid[]) limit 1`,
    [ctx.organizationId, acting.userId, groups],
  );
  return found.length > 0;
}

/**
 * An administration right is given by one who holds it himself and as long: a chief administrator by a chief or the
 * operator, what makes an administrator by a holder of manage_administrators.
 */
export function checkRightGiven(acting: Acting, right: GivenRight): void {
  if (acting.unbounded) return;
  const makesAdministrators: readonly AdministrationRight[] = ['manage_administrators', 'manage_users'];
  if (
    right.name === 'chief_administrator' ||
    (makesAdministrators.includes(right.name) && acting.rank !== 'administrators')
  ) {
    orThrow({ ok: false, code: 'rank_too_low', missing: [] });
  }
  const own = holdings(acting.held, right.name, right.customerAccountId);
  if (own.length === 0) {
    throw new HubError(
      'grantor_lacks_right',
      'You do not hold this administration right yourself, so you cannot give it.',
      {
        administrationRights: [right.name],
      },
    );
  }
  const isLongEnough = (one: HeldRight): boolean =>
    one.validUntil === null || (right.validUntil !== null && right.validUntil <= one.validUntil);
  if (!own.some(isLongEnough)) orThrow({ ok: false, code: 'outlasts_ceiling', missing: [] });
}
