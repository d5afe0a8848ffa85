// Whether somebody may be deactivated: a person never takes away the last active chief administrator.
// A directory may (the leaver's access ends, and the organization enters the operator's queue).
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { HubError } from '../errors.ts';

/** Ids of the active chief administrators at this moment; locks them inside a transaction, so that two cannot leave at once. */
export async function activeChiefs(ctx: OrganizationCtx): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `select u.id from administration_rights a
     join users u on u.organization_id = a.organization_id and u.id = a.subject_id
     where a.organization_id = $1 and a.name = 'chief_administrator' and a.ended_at is null
       and (a.valid_until is null or a.valid_until > $2) and u.active and u.deleted_at is null
     for update of a`,
    [ctx.organizationId, ctx.now],
  );
  return rows.map((row) => row.id);
}

/** Throws HubError `last_chief`. Call inside the transaction that deactivates. */
export async function checkDeactivation(ctx: OrganizationCtx, userId: string): Promise<void> {
  if (ctx.actor.kind === 'connection' || ctx.actor.kind === 'system') return;
  const chiefs = await activeChiefs(ctx);
  if (chiefs.includes(userId) && chiefs.length === 1) {
    throw new HubError(
      'last_chief',
      'This is the last active chief administrator of the organization. Make somebody else chief administrator first.',
    );
  }
}
