// Who decides about an organization's directories: its chief administrators, the operator, and the hub itself. Whoever came by a
// set-up link of a connection issues and revokes the tokens of that one and does nothing else.
import type { OrganizationCtx } from '../context.ts';
import { loadActing, notPermitted } from '../entitlements/acting.ts';

/** Throws HubError `not_permitted`. */
export async function checkManagesConnections(ctx: OrganizationCtx): Promise<void> {
  const { kind } = ctx.actor;
  if (kind === 'operator' || kind === 'system') return;
  if (kind === 'connection' || !(await loadActing(ctx)).unbounded)
    throw notPermitted('Only a chief administrator connects directories.');
}

/** Throws HubError `not_permitted`. */
export async function checkSetsUp(ctx: OrganizationCtx, connectionId: string): Promise<void> {
  const { actor } = ctx;
  const byLink = actor.kind === 'connection' && actor.setupLink !== undefined;
  if (byLink && actor.organizationId === ctx.organizationId && actor.id === connectionId.toLowerCase()) return;
  await checkManagesConnections(ctx);
}
