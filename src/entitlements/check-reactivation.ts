// Reactivating gives back everything a person held: it is an act of giving like any other.
import type { OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { checkGroupsOpened } from './carried-rights.ts';
import { checkTouching } from './check-rank.ts';

const LIVE = 'ended_at is null and (valid_until is null or valid_until > $3)';

/** What was given to the person himself and is not a role that was opened to the connection. */
async function hasUnopenedRights(ctx: OrganizationCtx, userId: string): Promise<boolean> {
  const row = await queryOne<{ found: boolean }>(
    `select exists (
       select 1 from assignments a where a.organization_id = $1 and a.subject_kind = 'user' and a.subject_id = $2 and ${LIVE}
         and not exists (select 1 from connection_openings o where o.organization_id = $1 and o.connection_id = $4 and o.target_id = a.role_id)
     ) or exists (
       select 1 from administration_rights where organization_id = $1 and subject_kind = 'user' and subject_id = $2
         and name <> 'recover_password' and ${LIVE}
     ) as found`,
    [ctx.organizationId, userId, ctx.now, ctx.actor.id],
  );
  return row?.found === true;
}

/**
 * Throws HubError `grantor_lacks_right` or `group_not_opened` for a directory, `not_permitted`, `rank_too_low` or
 * `target_holds_more` for a person. Call inside the transaction that reactivates.
 */
export async function checkReactivation(ctx: OrganizationCtx, userId: string): Promise<void> {
  if (ctx.actor.kind !== 'connection') return checkTouching(ctx, userId, 'reactivate');
  const memberships = await query<{ group_id: string }>(
    'select group_id from group_users where organization_id = $1 and user_id = $2',
    [ctx.organizationId, userId],
  );
  await checkGroupsOpened(
    ctx,
    memberships.map((row) => row.group_id),
  );
  if (!(await hasUnopenedRights(ctx, userId))) return;
  throw new HubError(
    'grantor_lacks_right',
    'This person would get back rights that an administrator gave him and that are not opened to this connection. An administrator who holds them can reactivate him in the portal.',
  );
}
