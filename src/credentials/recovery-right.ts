// Who may recover his password himself: the administration right `recover_password`, which everybody has unless it was
// taken from him. No row means yes, so that creating a user writes none; else the last word on his own right counts, and a
// live right of one of his groups, or being chief administrator, is a yes in any case.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { administrationRightsOf, holdsRight, isChief } from '../entitlements/administration-rights-of.ts';
import { checkTouching } from '../entitlements/check-rank.ts';
import { HubError } from '../errors.ts';
import { findUser } from '../users/find-user.ts';

const RIGHT = 'recover_password';

/** Those of the users who may. Ids must be UUIDs. */
export async function mayRecover(ctx: OrganizationCtx, userIds: readonly string[]): Promise<ReadonlySet<string>> {
  const held = await administrationRightsOf(ctx, userIds);
  const spoken = await query<{ id: string }>(
    `select distinct subject_id as id from administration_rights
     where organization_id = $1 and subject_id = any($2) and subject_kind = 'user' and name = '${RIGHT}'`,
    [ctx.organizationId, userIds],
  );
  const said = new Set(spoken.map(({ id }) => id));
  return new Set([...held].filter(([id, rights]) => holdsRight(rights, RIGHT) || !said.has(id)).map(([id]) => id));
}

/**
 * Switches it on or off for one person, and answers how it stands then: off has no effect where a group carries the right.
 * Throws HubError `not_found`, `not_permitted`, `rank_too_low`, `grantor_lacks_right`.
 */
export function setRecoveryRight(ctx: OrganizationCtx, input: { userId: string; allowed: boolean }): Promise<boolean> {
  return transaction(async () => {
    const { id } = await findUser(ctx, input.userId);
    await query('select 1 from users where organization_id = $1 and id = $2 for update', [ctx.organizationId, id]);
    await checkTouching(ctx, id, 'edit');
    if ((await mayRecover(ctx, [id])).has(id) === input.allowed) return input.allowed;
    await (input.allowed ? switchOn(ctx, id) : switchOff(ctx, id));
    return (await mayRecover(ctx, [id])).has(id);
  });
}

async function switchOn(ctx: OrganizationCtx, userId: string): Promise<void> {
  await checkGiver(ctx);
  await insert(ctx, userId, 'live');
  await record(ctx, userId, 'administration_right.given');
}

async function switchOff(ctx: OrganizationCtx, userId: string): Promise<void> {
  const ended = await query(
    `update administration_rights set ended_at = $3, ended_by = $4
     where organization_id = $1 and subject_kind = 'user' and subject_id = $2 and name = '${RIGHT}' and ended_at is null returning 1`,
    [ctx.organizationId, userId, ctx.now, JSON.stringify(ctx.actor)],
  );
  if (ended.length === 0) await insert(ctx, userId, 'ended');
  await query(
    "delete from links where organization_id = $1 and user_id = $2 and purpose = 'recovery' and used_at is null",
    [ctx.organizationId, userId],
  );
  await record(ctx, userId, 'administration_right.ended');
}

/** A right that ended the moment it began is the word "no" about somebody who was never given it. */
const insert = (ctx: OrganizationCtx, userId: string, state: 'live' | 'ended') =>
  query(
    `insert into administration_rights (organization_id, id, subject_kind, subject_id, name, given_by, given_at, ended_at, ended_by)
     values ($1, $2, 'user', $3, '${RIGHT}', $4, $5, case when $6 then $5::timestamptz end, case when $6 then $4::jsonb end)`,
    [ctx.organizationId, uuidv7(), userId, JSON.stringify(ctx.actor), ctx.now, state === 'ended'],
  );

const record = (ctx: OrganizationCtx, userId: string, action: string) =>
  recordAudit(ctx, { action, targetKind: 'user', targetId: userId, after: { name: RIGHT } });

/** Nobody gives what he does not hold, nor to himself; a chief does both. */
async function checkGiver(ctx: OrganizationCtx): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== 'user') return;
  const rights = (await administrationRightsOf(ctx, [actor.id])).get(actor.id.toLowerCase()) ?? [];
  if (isChief(rights) || (await mayRecover(ctx, [actor.id])).has(actor.id.toLowerCase())) return;
  throw new HubError(
    'grantor_lacks_right',
    'You do not hold this administration right yourself, so you cannot give it.',
    {
      administrationRights: [RIGHT],
    },
  );
}
