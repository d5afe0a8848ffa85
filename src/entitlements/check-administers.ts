// Who may see the people of an organization: whoever manages any of them. The light question that each screen asks;
// what may be done to whom is asked of check-rank.ts and check-giving.ts.
import type { OrganizationCtx } from '../context.ts';
import { notPermitted } from './acting.ts';
import { administrationRightsOf, rankOf } from './administration-rights-of.ts';
import type { Rank } from './touching.ts';

/** His rank. Throws HubError `not_permitted` for a person without one, and for a directory. */
export async function checkAdministers(ctx: OrganizationCtx): Promise<Rank> {
  const { actor, organizationId } = ctx;
  if (actor.kind === 'operator' || actor.kind === 'system') return 'operator';
  if (actor.kind === 'connection' || actor.organizationId !== organizationId) throw notPermitted();
  const rank = rankOf((await administrationRightsOf(ctx, [actor.id])).get(actor.id.toLowerCase()) ?? []);
  if (rank === 'none') throw notPermitted();
  return rank;
}
