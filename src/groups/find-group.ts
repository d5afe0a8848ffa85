// Reads one group of the organization, as far as the actor may see it.
import type { OrganizationCtx } from '../context.ts';
import { prepared, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { owningConnection, visibleTo } from '../provisioning/visible-to.ts';
import { isId } from '../users/is-id.ts';
import { GROUP_COLUMNS, type GroupRecord } from './group-record.ts';

export const FIND_GROUP = prepared(
  'group_find',
  `select ${GROUP_COLUMNS} from groups g
   where g.organization_id = $1 and g.id = $2 and g.deleted_at is null and ${visibleTo('g', 3)}`,
);

export const groupNotFound = (id: string) => new HubError('not_found', `There is no group ${id}.`);

/** Throws HubError `not_found` for an id that is unknown, deleted, or not visible to the actor. */
export async function findGroup(ctx: OrganizationCtx, id: string): Promise<GroupRecord> {
  const found = isId(id)
    ? await queryOne<GroupRecord>(FIND_GROUP, [ctx.organizationId, id, owningConnection(ctx)])
    : undefined;
  if (!found) throw groupNotFound(id);
  return found;
}
