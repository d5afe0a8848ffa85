// Which people have which applications, for a table of both: what has effect at this moment, and what was given without.
import type { OrganizationCtx } from '../context.ts';
import { checkAdministers } from './check-administers.ts';
import { assignedIn, effectiveEntitlements } from './effective.ts';
import { loadMany } from './load-many.ts';

type AccessCell = {
  readonly state: 'holds' | 'without_effect';
  /** Customer numbers for which it has effect. */
  readonly numbers: readonly string[];
};

/** By user, then by application; without an entry he was given nothing there. Throws HubError `not_permitted`. */
export async function accessMatrix(
  ctx: OrganizationCtx,
  userIds: readonly string[],
): Promise<Map<string, Map<string, AccessCell>>> {
  await checkAdministers(ctx);
  const { snapshots, numbers } = await loadMany(ctx, { userIds });
  return new Map(
    [...snapshots].map(([id, snapshot]) => {
      const cells = new Map<string, AccessCell>();
      for (const { entitlement } of assignedIn(snapshot))
        cells.set(entitlement.application, { state: 'without_effect', numbers: [] });
      const { effective } = effectiveEntitlements(snapshot);
      for (const [application, held] of Map.groupBy(effective, ({ entitlement }) => entitlement.application)) {
        const accounts = new Set(held.map(({ entitlement }) => entitlement.customerAccount));
        cells.set(application, {
          state: 'holds',
          numbers: [...accounts].map((account) => numbers.get(account) ?? account).sort(),
        });
      }
      return [id, cells];
    }),
  );
}
