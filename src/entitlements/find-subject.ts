// To whom an assignment is given: a user or a group of the organization.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { groupNotFound } from '../groups/find-group.ts';
import { userNotFound } from '../users/find-user.ts';
import { isId } from '../users/is-id.ts';

export type Subject = { readonly kind: 'user' | 'group'; readonly id: string };
export type FoundSubject = Subject & {
  /** The directory that owns it. */
  readonly connectionId: string | null;
};

/** Locks it against a second save at the same time. Throws HubError `not_found`, also for another organization's. */
export async function findSubject(ctx: OrganizationCtx, { kind, id }: Subject): Promise<FoundSubject> {
  const table = kind === 'user' ? 'users' : 'groups';
  const row = isId(id)
    ? await queryOne<{ id: string; connectionId: string | null }>(
        `select id, connection_id as "connectionId" from ${table}
         where organization_id = $1 and id = $2 and deleted_at is null for no key update`,
        [ctx.organizationId, id],
      )
    : undefined;
  if (!row) throw kind === 'user' ? userNotFound(id) : groupNotFound(id);
  return { kind, ...row };
}
