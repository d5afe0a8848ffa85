// The order in which locks are taken where somebody's keys change: his own row first, then his links, passwords and factors.
// Whoever deactivates him begins there, and so nobody who is just using a link stands in the way.
import { query } from '../database/query.ts';

/** One change at a time of his keys, until the ambient transaction ends. The ids must be UUIDs. */
export const lockUser = ({ organizationId, userId }: { organizationId: string; userId: string }): Promise<unknown> =>
  query('select 1 from users where organization_id = $1 and id = $2 for no key update', [organizationId, userId]);
