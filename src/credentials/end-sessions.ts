// Ends sessions: one of the person's own, all but the one in which he acts, or, by an administrator of sufficient rank, all
// of somebody's. What hangs on a session (grants, refresh tokens) ends with it, and each application that he was signed in
// to is told, in the same transaction.
import { recordAudit } from '../audit/record.ts';
import type { Ctx, OrganizationCtx } from '../context.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { notPermitted } from '../entitlements/acting.ts';
import { checkTouching } from '../entitlements/check-rank.ts';
import { HubError } from '../errors.ts';
import { mailUser } from '../mail/mail-user.ts';
import { queueLogouts } from '../signals/queue-logouts.ts';
import { userNotFound } from '../users/find-user.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { isId } from '../users/is-id.ts';
import { grantRef } from './artefact-hash.ts';
import { endAccess, signedOutOf, type SessionPayload } from './end-access.ts';
import type { SessionRef } from './note-session.ts';

type Ended = { payload: SessionPayload };

// What hangs on a session: its grants as it names them, and what a grant that another took the place of still holds.
const END_WHAT_HANGS = `delete from oidc_artefacts a where a.organization_id = $2 and a.user_id = $3
  and (a.grant_id = any ($1) or a.payload ->> 'sessionUid' = $4)
  and not ($5 and exists (select 1 from oidc_artefacts g where g.model = 'Grant' and g.grant_id = a.grant_id
    and g.organization_id = $2 and g.user_id = $3 and 'offline_access' = any (string_to_array(g.payload -> 'openid' ->> 'scope', ' '))))`;

/**
 * Without a question of right: for the provider's sign-out, and for the acts below. False: there is no such session.
 * @param keepOffline what was given for the time without the person stays (OIDC Back-Channel Logout 1.0 section 2.7)
 */
export async function endSession(
  ctx: Ctx,
  { organizationId, userId, uid }: SessionRef,
  { keepOffline }: { keepOffline: boolean },
): Promise<boolean> {
  return transaction(async () => {
    const ended = await queryOne<Ended & { browser: string | null; platform: string | null }>(
      `with noted as (
         update sessions set ended_at = $4 where organization_id = $1 and user_id = $2 and uid = $3 and ended_at is null
         returning browser, platform
       ), gone as (
         delete from oidc_artefacts where model = 'Session' and organization_id = $1 and user_id = $2 and uid = $3 returning payload
       ) select g.payload, n.browser, n.platform from gone g left join noted n on true`,
      [organizationId, userId, uid, ctx.now],
    );
    if (!ended) return false;
    const grants = Object.values(ended.payload.authorizations ?? {}).flatMap(({ grantId }) =>
      grantId ? [grantRef(grantId)] : [],
    );
    await query(END_WHAT_HANGS, [grants, organizationId, userId, uid, keepOffline]);
    await queueLogouts(ctx.now, signedOutOf({ organizationId, userId }, ended.payload));
    await recordAudit(ctx, {
      action: 'session.ended',
      targetKind: 'user',
      targetId: userId,
      organizationId,
      after: { session: uid, browser: ended.browser, platform: ended.platform },
    });
    return true;
  });
}

/** One of the person's own, with all that an application got in it. Throws HubError `not_found`, `not_permitted`. */
export async function endOwnSession(ctx: OrganizationCtx, { userId, uid }: Omit<SessionRef, 'organizationId'>) {
  checkOwn(ctx, userId);
  if (!(await endSession(ctx, { organizationId: ctx.organizationId, userId, uid }, { keepOffline: false })))
    throw new HubError('not_found', 'There is no such session.');
}

/** All of the person's own but one. He is told by mail. Throws HubError `not_permitted`. */
export async function endOtherSessions(
  ctx: OrganizationCtx,
  { userId, exceptSession }: { userId: string; exceptSession: string },
): Promise<void> {
  checkOwn(ctx, userId);
  const { organizationId } = ctx;
  await transaction(async () => {
    await endAccess(ctx, { organizationId, userId, exceptSession });
    await recordAudit(ctx, { action: 'session.others_ended', targetKind: 'user', targetId: userId });
    await mailUser(ctx, { kind: 'sessions_ended', organizationId, userId, values: { at: ctx.now, by: null } });
  });
}

/**
 * All of somebody's; no token that he got before counts any more. He is told by mail.
 * Throws HubError `not_found`, `not_permitted`, `rank_too_low`.
 */
export async function endSessionsOf(ctx: OrganizationCtx, userId: string): Promise<void> {
  const { organizationId, actor } = ctx;
  if (actor.kind === 'connection') throw notPermitted();
  if (!isId(userId)) throw userNotFound(userId);
  await transaction(async () => {
    await checkTouching(ctx, userId, 'end_sessions');
    const changed = await queryOne(
      `update users set tokens_valid_from = $3 where organization_id = $1 and id = $2 and deleted_at is null returning 1`,
      [organizationId, userId, ctx.now],
    );
    if (!changed) throw userNotFound(userId);
    await endAccess(ctx, { organizationId, userId });
    await recordAudit(ctx, { action: 'session.all_ended', targetKind: 'user', targetId: userId });
    const by = actor.kind === 'user' && actor.id !== userId ? actor.label : null;
    await mailUser(ctx, { kind: 'sessions_ended', organizationId, userId, values: { at: ctx.now, by } });
  });
}

function checkOwn({ actor, organizationId }: OrganizationCtx, userId: string): void {
  refuseWhileActing({ actor });
  if (actor.kind === 'user' && actor.organizationId === organizationId && actor.id === userId) return;
  throw notPermitted();
}
