// The names of users and groups that are ticked to be handed over, for the page that asks once more.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { isId } from '../users/is-id.ts';

type HandoverNames = { readonly users: readonly string[]; readonly groups: readonly string[] };

const names = async (ctx: OrganizationCtx, table: 'users' | 'groups', column: string, ids: readonly string[]) =>
  (
    await query<{ name: string }>(
      `select ${column} as name from ${table} where organization_id = $1 and id = any($2::uuid[]) and deleted_at is null order by 1`,
      [ctx.organizationId, ids.filter(isId)],
    )
  ).map(({ name }) => name);

/** Ids that mean nothing here are passed over: handing them over is refused. */
export const handoverNames = async (
  ctx: OrganizationCtx,
  { userIds, groupIds }: { readonly userIds: readonly string[]; readonly groupIds: readonly string[] },
): Promise<HandoverNames> => ({
  users: await names(ctx, 'users', 'user_name', userIds),
  groups: await names(ctx, 'groups', 'display_name', groupIds),
});
