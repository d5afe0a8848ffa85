// Reads one user of the organization, as far as the actor may see him.
import type { OrganizationCtx } from '../context.ts';
import { prepared, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { owningConnection, visibleTo } from '../provisioning/visible-to.ts';
import { isId } from './is-id.ts';
import { USER_COLUMNS, type UserRecord } from './user-record.ts';

export const FIND_USER = prepared(
  'user_find',
  `select ${USER_COLUMNS} from users u
   where u.organization_id = $1 and u.id = $2 and u.deleted_at is null and ${visibleTo('u', 3)}`,
);

export const userNotFound = (id: string) => new HubError('not_found', `There is no user ${id}.`);

/** Throws HubError `not_found` for an id that is unknown, deleted, or not visible to the actor. */
export async function findUser(ctx: OrganizationCtx, id: string): Promise<UserRecord> {
  const found = isId(id)
    ? await queryOne<UserRecord>(FIND_USER, [ctx.organizationId, id, owningConnection(ctx)])
    : undefined;
  if (!found) throw userNotFound(id);
  return found;
}
