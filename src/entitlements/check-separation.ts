// Nobody is brought to hold two values together that the catalogue refuses to be held together, by whatever door. Judged on
// what is assigned, whether it has effect or not, since what has none today may come to have it. What is held together
// already, from before the catalogue said so, is no reason to refuse an act that adds nothing to it.
import { catalogue } from '../applications/current-catalogue.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { HubError } from '../errors.ts';
import type { Box } from './box.ts';
import { assignedIn } from './effective.ts';
import { gainOf } from './giving.ts';
import { loadMany } from './load-many.ts';
import { everybodyAmong, holdersAmong, oppositeOf } from './receivers-with.ts';
import { holdsSide, pairName, pairsIn, together, type Together } from './separation.ts';

type Separated = {
  /** All that is given, uncut. */
  readonly given: readonly Box[];
  /** What of it comes in addition to what it takes the place of; without it all of it. */
  readonly gained?: readonly Box[];
  /** Persons who receive it. */
  readonly users?: readonly string[];
  /** Groups whose members, those of nested groups too, receive it. */
  readonly groups?: readonly string[];
};

const CHUNK = 200;

/** Whether any pair is refused at all; without one nothing is asked. */
export const refusesPairs = (): boolean => pairsIn(catalogue(), 'refuse').length > 0;

/**
 * Throws HubError `separation_of_duties`: details.pair is the pair, details.between its name in each language, details.userId
 * who would hold it, details.customerAccountId where. Call inside the act's transaction, after what it ends has ended.
 */
export async function checkSeparation(ctx: OrganizationCtx, separated: Separated): Promise<void> {
  const { given, gained = given, users = [], groups = [] } = separated;
  const pairs = pairsIn(catalogue(), 'refuse').filter(({ a, b }) =>
    gained.some((box) => holdsSide(box, a) || holdsSide(box, b)),
  );
  if (pairs.length === 0 || (users.length === 0 && groups.length === 0)) return;
  await lockForSeparation(ctx);
  const at = ctx.now.getTime();
  const inItself = together(pairs, { some: gained, all: given, at }).length > 0;
  const candidates = inItself
    ? await everybodyAmong(ctx, { users, groups })
    : await holdersAmong(ctx, { users, groups }, oppositeOf(pairs, gained));
  for (let i = 0; i < candidates.length; i += CHUNK) {
    const ids = candidates.slice(i, i + CHUNK);
    const { snapshots } = await loadMany(ctx, { userIds: ids });
    for (const [userId, snapshot] of snapshots) {
      const held = assignedIn(snapshot).map(({ entitlement }) => entitlement);
      const [found] = together(pairs, { some: gainOf(held, gained), all: [...held, ...given], at });
      if (!found) continue;
      throw separationRefusal(found, userId);
    }
  }
}

/** Two acts that each give one side at the same time see each other. */
export const lockForSeparation = (ctx: OrganizationCtx): Promise<unknown> =>
  query("select pg_advisory_xact_lock(hashtextextended('separation ' || $1::text, 0))", [ctx.organizationId]);

export function separationRefusal({ pair, customerAccount }: Together, userId: string): HubError {
  const between = pairName(catalogue(), pair);
  return new HubError('separation_of_duties', `One person must not hold both: ${between.en}. Nothing was changed.`, {
    pair: { a: pair.a, b: pair.b },
    between,
    userId,
    customerAccountId: customerAccount,
  });
}
