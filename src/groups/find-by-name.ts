// Looks a group up by its whole name, for a form in which somebody types it.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { fold } from '../provisioning/fold.ts';

/** The oldest of that name; undefined: the organization has none. */
export const findGroupByName = (ctx: OrganizationCtx, name: string): Promise<{ id: string } | undefined> =>
  queryOne<{ id: string }>(
    'select id from groups where organization_id = $1 and display_name_key = $2 and deleted_at is null order by id limit 1',
    [ctx.organizationId, fold(name.trim())],
  );
