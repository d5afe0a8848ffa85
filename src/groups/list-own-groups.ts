// The groups whose members the organization decides itself: those that no directory fills. For a list from which one is
// chosen; where there are more than it holds, a part of the name narrows it.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';
import { fold } from '../provisioning/fold.ts';

type OwnGroups = {
  /** By name. */
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  /** There are others of that part. */
  readonly more: boolean;
};

export const MOST_OWN_GROUPS = 1000;

/** @param part of the name, in any case; '' for all. Throws HubError `not_permitted` for somebody who administers nobody. */
export async function listOwnGroups(ctx: OrganizationCtx, part = ''): Promise<OwnGroups> {
  await checkAdministers(ctx);
  const groups = await query<OwnGroups['groups'][number]>(
    `select id, display_name as name from groups
     where organization_id = $1 and connection_id is null and deleted_at is null and strpos(display_name_key, $2) > 0
     order by display_name_key, id limit ${MOST_OWN_GROUPS + 1}`,
    [ctx.organizationId, fold(part.trim())],
  );
  return { groups: groups.slice(0, MOST_OWN_GROUPS), more: groups.length > MOST_OWN_GROUPS };
}
