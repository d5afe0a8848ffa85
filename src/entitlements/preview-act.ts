// What an act on the rights of a user, a group or a role would change in what it gives, found by carrying it out and undoing it:
// combinations gained and lost, which the lists of a form do not show.
import type { OrganizationCtx } from '../context.ts';
import { dryRun } from '../provisioning/dry-run.ts';
import type { Box } from './box.ts';
import { gainOf } from './giving.ts';
import { actsOn, type Holder } from './holder.ts';
import type { Withheld } from './effective.ts';
import { reportedPairs, type ReportedPair } from './separation-ahead.ts';

export type Preview = {
  /** With effect at this moment. */
  readonly gained: readonly Box[];
  readonly lost: readonly Box[];
  /** What of the new assignments has no effect at this moment. */
  readonly withheld: readonly Withheld[];
  /** What one person would hold together that the catalogue does not refuse but reports. */
  readonly reported: readonly ReportedPair[];
};

/** `act` answers the ids of what it gave. Throws what the act throws. Call outside a transaction. */
export const previewAct = (
  ctx: OrganizationCtx,
  holder: Holder,
  act: () => Promise<readonly string[] | undefined>,
): Promise<Preview> =>
  dryRun(async () => {
    const { effect, standing: standingOf } = actsOn(holder);
    const before = await effect(ctx);
    const given = new Set(await act());
    const after = await effect(ctx);
    const standing = given.size === 0 ? [] : await standingOf(ctx);
    const fresh = standing.filter((one) => given.has(one.assignmentId));
    return {
      gained: gainOf(before, after),
      lost: gainOf(after, before),
      withheld: fresh.flatMap((one) => one.withheld),
      reported: await reportedPairs(
        ctx,
        holder,
        fresh.map(({ entitlement }) => entitlement),
      ),
    };
  });
