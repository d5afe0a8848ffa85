// A lost second factor without recovery codes: the person, whose password was right, asks; an administrator of sufficient
// rank, whose ceiling covers all that the person holds, approves. Then all his factors are gone, his sessions ended, and
// the next sign-in leads to a new one where he must have it. Nobody decides his own request.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { Ctx, OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { notPermitted } from '../entitlements/acting.ts';
import { checkTouching } from '../entitlements/check-rank.ts';
import { HubError } from '../errors.ts';
import { mailUser } from '../mail/mail-user.ts';
import type { Document } from '../provisioning/attribute.ts';
import { findAdministrators } from '../users/find-administrators.ts';
import { isId } from '../users/is-id.ts';
import { nameOf } from '../users/user-row.ts';
import { endAccess } from './end-access.ts';

const REQUEST_DAYS = 14;
const MOST_REASON = 500;
const MOST_SHOWN = 100;

type Owner = { readonly organizationId: string; readonly userId: string };

type FactorReset = {
  readonly id: string;
  readonly userId: string;
  readonly userName: string;
  readonly name: string;
  readonly reason: string;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
};

/** Asks for it; who has an open request keeps that one. Throws HubError `invalid_input` for a reason that is too long. */
export async function requestFactorReset(
  ctx: Ctx,
  { organizationId, userId, reason }: Owner & { reason: string },
): Promise<void> {
  const given = reason.trim();
  if (given.length > MOST_REASON) {
    const message = `A reason has at most ${MOST_REASON} characters.`;
    throw new HubError('invalid_input', message, { issues: [{ path: 'reason', message }] });
  }
  const expiresAt = new Date(ctx.now.getTime() + REQUEST_DAYS * 86_400_000);
  await transaction(async () => {
    await query(
      'delete from second_factor_resets where organization_id = $1 and user_id = $2 and outcome is null and expires_at <= $3',
      [organizationId, userId, ctx.now],
    );
    const made = await queryOne<{ id: string }>(
      `insert into second_factor_resets (organization_id, id, user_id, reason, requested_at, expires_at)
       values ($1, $2, $3, $4, $5, $6) on conflict (organization_id, user_id) where outcome is null do nothing returning id`,
      [organizationId, uuidv7(), userId, given, ctx.now, expiresAt],
    );
    if (!made) return;
    await recordAudit(ctx, {
      action: 'second_factor.reset_requested',
      targetKind: 'user',
      targetId: userId,
      organizationId,
      after: { request: made.id, reason: given },
    });
    await tellAdministrators(ctx, { organizationId, userId, reason: given, expiresAt });
  });
}

/** Somebody stands outside and waits: those who can let him in hear of it at once. */
async function tellAdministrators(
  ctx: Ctx,
  { organizationId, userId, reason, expiresAt }: Owner & { reason: string; expiresAt: Date },
): Promise<void> {
  const asker = await queryOne<{ document: Document }>(
    'select document from users where organization_id = $1 and id = $2',
    [organizationId, userId],
  );
  const administrators = await findAdministrators(organizationId, ctx.now);
  for (const { id } of administrators.filter((administrator) => administrator.id !== userId))
    await mailUser(ctx, {
      kind: 'factor_reset_requested',
      organizationId,
      userId: id,
      usefulUntil: expiresAt,
      values: {
        asker: nameOf(asker?.document ?? {}),
        reason,
        path: `/portal/users/${userId}/second-factor`,
        expiresAt,
      },
    });
}

/** When a person asked, if his request is open. */
export async function openFactorReset({ organizationId, userId }: Owner, now: Date): Promise<Date | undefined> {
  const row = await queryOne<{ requested_at: Date }>(
    `select requested_at from second_factor_resets
     where organization_id = $1 and user_id = $2 and outcome is null and expires_at > $3`,
    [organizationId, userId, now],
  );
  return row?.requested_at;
}

/** The open requests of an organization, oldest first. Whether the actor may decide one is known when he does. */
export async function listFactorResets(ctx: OrganizationCtx): Promise<FactorReset[]> {
  const rows = await query<Omit<FactorReset, 'name'> & { document: Document }>(
    `select r.id, r.user_id as "userId", u.user_name as "userName", u.document, r.reason, r.requested_at as "requestedAt",
       r.expires_at as "expiresAt"
     from second_factor_resets r join users u on (u.organization_id, u.id) = (r.organization_id, r.user_id)
     where r.organization_id = $1 and r.outcome is null and r.expires_at > $2 and u.active and u.deleted_at is null
     order by r.requested_at, r.id limit ${MOST_SHOWN}`,
    [ctx.organizationId, ctx.now],
  );
  return rows.map(({ document, ...rest }) => ({ ...rest, name: nameOf(document) }));
}

/** SQL: how many of organization $1 are open at $3. */
export const OPEN_FACTOR_RESETS = `(
  select count(*)::int from second_factor_resets r join users u on (u.organization_id, u.id) = (r.organization_id, r.user_id)
  where r.organization_id = $1 and r.outcome is null and r.expires_at > $3 and u.active and u.deleted_at is null)`;

/** Throws HubError `not_found`, `not_permitted`, `rank_too_low`, `target_holds_more`. */
export async function approveFactorReset(ctx: OrganizationCtx, requestId: string): Promise<void> {
  await transaction(async () => {
    const userId = await decide(ctx, requestId, 'approved');
    await clearFactors(ctx, userId, requestId);
  });
}

/** Throws as approveFactorReset does. */
export async function denyFactorReset(ctx: OrganizationCtx, requestId: string): Promise<void> {
  await transaction(async () => {
    const userId = await decide(ctx, requestId, 'denied');
    await recordAudit(ctx, {
      action: 'second_factor.reset_denied',
      targetKind: 'user',
      targetId: userId,
      after: { request: requestId },
    });
  });
}

/** An administrator who is asked on the telephone; a request that waits is answered by it. Throws as approveFactorReset does. */
export async function resetFactors(ctx: OrganizationCtx, userId: string): Promise<void> {
  await transaction(async () => {
    await checkMayReset(ctx, userId);
    await clearFactors(ctx, userId);
  });
}

async function decide(ctx: OrganizationCtx, requestId: string, outcome: 'approved' | 'denied'): Promise<string> {
  const request = isId(requestId)
    ? await queryOne<{ user_id: string }>(
        `select user_id from second_factor_resets
         where organization_id = $1 and id = $2 and outcome is null and expires_at > $3 for update`,
        [ctx.organizationId, requestId, ctx.now],
      )
    : undefined;
  if (!request) throw new HubError('not_found', 'There is no such request.');
  await checkMayReset(ctx, request.user_id);
  await query(
    'update second_factor_resets set outcome = $3, decided_by = $4, decided_at = $5 where organization_id = $1 and id = $2',
    [ctx.organizationId, requestId, outcome, JSON.stringify(ctx.actor), ctx.now],
  );
  return request.user_id;
}

async function checkMayReset(ctx: OrganizationCtx, userId: string): Promise<void> {
  if (ctx.actor.kind === 'connection') throw notPermitted();
  if (ctx.actor.kind === 'user' && ctx.actor.id === userId)
    throw notPermitted('Nobody resets his own second factor. Ask another administrator.');
  await checkTouching(ctx, userId, 'reset_second_factor');
}

async function clearFactors(ctx: OrganizationCtx, userId: string, request?: string): Promise<void> {
  const owner = [ctx.organizationId, userId];
  // The request first, as where one is decided; then the person's row, before what hangs on it (lock-user.ts).
  await query(
    `update second_factor_resets set outcome = 'approved', decided_by = $3, decided_at = $4
     where organization_id = $1 and user_id = $2 and outcome is null`,
    [...owner, JSON.stringify(ctx.actor), ctx.now],
  );
  await query('update users set tokens_valid_from = $3 where organization_id = $1 and id = $2', [...owner, ctx.now]);
  for (const table of ['totp_factors', 'passkeys', 'recovery_codes'])
    await query(`delete from ${table} where organization_id = $1 and user_id = $2`, owner);
  await endAccess(ctx, { organizationId: ctx.organizationId, userId });
  await recordAudit(ctx, {
    action: 'second_factor.reset',
    targetKind: 'user',
    targetId: userId,
    ...(request !== undefined && { after: { request } }),
  });
  const values = { at: ctx.now, change: 'reset' } as const;
  await mailUser(ctx, { kind: 'second_factor_changed', organizationId: ctx.organizationId, userId, values });
}
