// What an act on one user's or group's rights would change in what he holds, found by carrying it out and undoing it:
// combinations gained and lost, which the lists of a form do not show.
import type { OrganizationCtx } from '../context.ts';
import { dryRun } from '../provisioning/dry-run.ts';
import type { Assignment } from './assignment-row.ts';
import type { Box } from './box.ts';
import { effectiveOf } from './end-assignment.ts';
import type { Subject } from './find-subject.ts';
import { gainOf } from './giving.ts';
import { standingIn } from './standing.ts';
import type { Withheld } from './effective.ts';

export type Preview = {
  /** With effect at this moment. */
  readonly gained: readonly Box[];
  readonly lost: readonly Box[];
  /** What of the new assignments has no effect at this moment. */
  readonly withheld: readonly Withheld[];
};

/** Throws what the act throws. Call outside a transaction. */
export const previewAct = (
  ctx: OrganizationCtx,
  subject: Subject,
  act: () => Promise<readonly Assignment[] | undefined>,
): Promise<Preview> =>
  dryRun(async () => {
    const before = await effectiveOf(ctx, subject);
    const given = new Set((await act())?.map(({ id }) => id));
    const after = await effectiveOf(ctx, subject);
    const standing = given.size === 0 ? [] : await standingIn(ctx, subject);
    const withheld = standing.flatMap((one) => (given.has(one.assignmentId) ? one.withheld : []));
    return { gained: gainOf(before, after), lost: gainOf(after, before), withheld };
  });
