// The groups whose members the organization decides itself: those that no directory fills.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';

type OwnGroup = { readonly id: string; readonly name: string };

const MOST = 1000;

/** By name. Throws HubError `not_permitted` for somebody who administers nobody. */
export async function listOwnGroups(ctx: OrganizationCtx): Promise<OwnGroup[]> {
  await checkAdministers(ctx);
  return query<OwnGroup>(
    `select id, display_name as name from groups
     where organization_id = $1 and connection_id is null and deleted_at is null order by display_name_key, id limit ${MOST}`,
    [ctx.organizationId],
  );
}
