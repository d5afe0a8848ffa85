// Whether somebody may be deactivated: rank, and a person never takes away the last active chief administrator.
// A directory may (the leaver's access ends, and the organization enters the operator's queue).
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { checkTouching } from './check-rank.ts';
import { orThrow } from './refusal.ts';
import { mayLoseChief, type Chief } from './touching.ts';

/** Active chief administrators of persons' making; locks their rights, so that two cannot leave at once. */
async function chiefs(ctx: OrganizationCtx): Promise<Chief[]> {
  const rows = await query<{ id: string; valid_until: Date | null }>(
    `select u.id, a.valid_until from administration_rights a
     join users u on u.organization_id = a.organization_id and u.id = a.subject_id
     where a.organization_id = $1 and a.name = 'chief_administrator' and a.ended_at is null
       and (a.valid_until is null or a.valid_until > $2) and u.active and u.deleted_at is null
     order by a.id for update of a`,
    [ctx.organizationId, ctx.now],
  );
  return rows.map((row) => ({ userId: row.id, active: true, until: row.valid_until?.getTime() ?? null }));
}

/** Ids of the active chief administrators at this moment. Inside a transaction nobody else can end one meanwhile. */
export const activeChiefs = async (ctx: OrganizationCtx): Promise<string[]> => [
  ...new Set((await chiefs(ctx)).map(({ userId }) => userId)),
];

/** Throws HubError `last_chief`. Call inside the transaction that deactivates or demotes. */
export async function checkLastChief(ctx: OrganizationCtx, userId: string): Promise<void> {
  if (ctx.actor.kind === 'connection' || ctx.actor.kind === 'system') return;
  orThrow(mayLoseChief(await chiefs(ctx), userId.toLowerCase(), ctx.now.getTime()));
}

/** Throws HubError `not_permitted`, `rank_too_low`, `last_chief`. Call inside the transaction that deactivates. */
export async function checkDeactivation(ctx: OrganizationCtx, userId: string): Promise<void> {
  await checkTouching(ctx, userId, 'deactivate');
  await checkLastChief(ctx, userId);
}
