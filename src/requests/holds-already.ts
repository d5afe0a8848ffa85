// Whether somebody holds what he asks for, and whether what was given is all that was asked for. Only the lists that the
// asker chose from count; what he left open, such as contracts, is satisfied by any.
import type { Application, Dimension } from '../applications/application.ts';
import type { OrganizationCtx } from '../context.ts';
import type { Box } from '../entitlements/box.ts';
import { covers } from '../entitlements/covers.ts';
import { effectiveEntitlements } from '../entitlements/effective.ts';
import { loadSnapshot } from '../entitlements/load-snapshot.ts';
import type { Wanted } from './request-row.ts';

type Asked = {
  readonly application: Application;
  readonly accountId: string | null;
  readonly wanted: Wanted;
  /** Something was said in words, which no machine can compare. */
  readonly inWords: boolean;
};

/** The union of boxes seen through some lists only: a combination is in it if some completion of it is in a box. */
function coversWanted(
  boxes: readonly Pick<Box, 'values' | 'customerAccount'>[],
  asked: Pick<Asked, 'accountId' | 'wanted'>,
) {
  const { wanted, accountId } = asked;
  const named = Object.keys(wanted) as Dimension[];
  const validity = { from: 0, until: 1 };
  const flat = (values: Box['values']): Box => ({ application: '', customerAccount: '', values, validity });
  const union = boxes
    .filter(({ customerAccount }) => accountId === null || customerAccount === accountId)
    .map(({ values }) => flat(Object.fromEntries(named.map((dimension) => [dimension, values[dimension] ?? []]))));
  return union.length > 0 && covers(union, flat(wanted));
}

export async function holdsAlready(ctx: OrganizationCtx, userId: string, asked: Asked): Promise<boolean> {
  const { application, accountId, wanted, inWords } = asked;
  const read = await loadSnapshot({
    organizationId: ctx.organizationId,
    userId,
    application: application.key,
    now: ctx.now,
  });
  if (!read) return false;
  const held = effectiveEntitlements(read.snapshot, { application: application.key }).effective.map(
    ({ entitlement }) => entitlement,
  );
  const here = held.filter(({ customerAccount }) => accountId === null || customerAccount === accountId);
  if (Object.keys(wanted).length > 0) return coversWanted(here, asked) && !inWords;
  return here.length > 0 && (!inWords || application.dimensions.length === 0);
}

/** Whether these gifts are all that was asked for, as far as it was chosen from lists. */
export const satisfies = (
  gifts: readonly {
    readonly application: string;
    readonly customerAccountId: string;
    readonly values: Box['values'];
  }[],
  asked: Pick<Asked, 'accountId' | 'wanted'> & { readonly application: string },
): boolean => {
  const boxes = gifts
    .filter(({ application }) => application === asked.application)
    .map(({ customerAccountId, values }) => ({ customerAccount: customerAccountId.toLowerCase(), values }));
  return coversWanted(boxes, asked);
};
