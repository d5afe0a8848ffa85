// What a provisioning connection may hand on: the groups and roles that were opened to it,.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { isId } from '../users/is-id.ts';

type ListedOpening = {
  kind: 'group' | 'role';
  targetId: string;
  name: string;
  openedBy: string;
  openedAt: Date;
};

/** Empty for a connection that has none, is unknown or is another organization's. */
export const listOpenings = async (ctx: OrganizationCtx, connectionId: string): Promise<ListedOpening[]> =>
  isId(connectionId)
    ? query<ListedOpening>(
        `select o.kind, o.target_id as "targetId", coalesce(g.display_name, r.name) as name, o.opened_by ->> 'label' as "openedBy",
           o.opened_at as "openedAt"
         from connection_openings o
         left join groups g on g.organization_id = o.organization_id and g.id = o.target_id
         left join roles r on r.organization_id = o.organization_id and r.id = o.target_id
         where o.organization_id = $1 and o.connection_id = $2 order by name, o.target_id`,
        [ctx.organizationId, connectionId],
      )
    : [];
