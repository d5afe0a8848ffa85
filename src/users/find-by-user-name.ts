// Looks a person up by his whole username, for a form in which somebody types it.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { fold } from '../provisioning/fold.ts';

/** Undefined: nobody of the organization has it. */
export async function findByUserName(ctx: OrganizationCtx, userName: string): Promise<{ id: string } | undefined> {
  return queryOne<{ id: string }>(
    'select id from users where organization_id = $1 and user_name_key = $2 and deleted_at is null',
    [ctx.organizationId, fold(userName.trim())],
  );
}
