// All groups of the organization by name, directories' too, for a list to choose from.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkAdministers } from '../entitlements/check-administers.ts';

const MOST = 1000;

/** Throws HubError `not_permitted` for somebody who administers nobody. */
export async function listGroupNames(
  ctx: OrganizationCtx,
  { most = MOST }: { readonly most?: number } = {},
): Promise<{ readonly id: string; readonly name: string }[]> {
  await checkAdministers(ctx);
  return query(
    `select id, display_name as name from groups where organization_id = $1 and deleted_at is null order by display_name_key, id limit $2`,
    [ctx.organizationId, most],
  );
}
