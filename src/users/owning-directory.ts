// The name of the directory that manages a person.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';

/** Null: the organization made him itself. The id must be a UUID. */
export async function owningDirectory(ctx: OrganizationCtx, userId: string): Promise<string | null> {
  const row = await queryOne<{ name: string | null }>(
    `select c.name from users u left join provisioning_connections c on c.organization_id = $1 and c.id = u.connection_id
     where u.organization_id = $1 and u.id = $2`,
    [ctx.organizationId, userId],
  );
  return row?.name ?? null;
}
