// What the operator's support never does in the place of a customer's administrator: whatever is that person's own, decides
// about the support itself, would last longer than the consent, or hands out somebody's credentials.
import type { Ctx } from '../context.ts';
import { HubError } from '../errors.ts';

const notWhileActing = () =>
  new HubError('not_while_acting', 'Support cannot do this while acting for an administrator.');

/** Throws HubError `not_while_acting`. */
export function refuseWhileActing({ actor }: Pick<Ctx, 'actor'>): void {
  if (actor.kind === 'user' && actor.actedBy) throw notWhileActing();
}
