// What ends with somebody's deactivation at this moment, to be shown before it: read from what end-access.ts deletes.
import type { OrganizationCtx } from '../context.ts';
import { queryOne } from '../database/query.ts';

export type WhatEnds = {
  readonly sessions: number;
  /** Keys of the applications whose tokens end. */
  readonly applications: readonly string[];
  /** Invitations and links that were not used. */
  readonly links: number;
};

/** Ids must be UUIDs of the organization's users; of several the sum. */
export async function whatEnds(ctx: OrganizationCtx, userIds: readonly string[]): Promise<WhatEnds> {
  const row = await queryOne<WhatEnds>(
    `select (select count(*)::int from oidc_artefacts where organization_id = $1 and user_id = any($2) and model = 'Session' and expires_at > $3) as sessions,
       coalesce((select array_agg(distinct c.application) from oidc_artefacts a join clients c on c.client_id = a.client_id
         where a.organization_id = $1 and a.user_id = any($2) and a.model = 'Grant' and a.expires_at > $3 and c.application is not null), '{}')
         as applications,
       (select count(*)::int from links where organization_id = $1 and user_id = any($2) and used_at is null and expires_at > $3) as links`,
    [ctx.organizationId, userIds, ctx.now],
  );
  return row ?? { sessions: 0, applications: [], links: 0 };
}
