// Passes existing users and groups to a directory: those the organization made itself (also by a connection that has ended),
// or those of a connection whose place another takes. Nobody is ever adopted by a matching name or address; an administrator ticks who passes. Ids and rights stay.
import { v7 as uuidv7 } from 'uuid';
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { keepAddressesTrusted } from '../credentials/trusted-address.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { checkTouching } from '../entitlements/check-rank.ts';
import { touchRefusalsOfMany } from '../entitlements/touch-many.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import { connectionNotFound } from './connection.ts';
import { fold } from './fold.ts';
import { checkHandsOver } from './may-hand-over.ts';

export type HandoverCandidate = {
  readonly id: string;
  readonly userName: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly active: boolean;
};

/** Whose users: the organization's own (null), or those of the connection that is to be succeeded. */
export type HandoverSource = { readonly connectionId: string; readonly from?: string | null };

export const MOST_AT_ONCE = 1000;

async function checkLive(ctx: OrganizationCtx, connectionId: string): Promise<void> {
  const found = isId(connectionId)
    ? await queryOne(
        'select 1 from provisioning_connections where organization_id = $1 and id = $2 and ended_at is null for share',
        [ctx.organizationId, connectionId],
      )
    : undefined;
  if (!found) throw connectionNotFound(connectionId);
}

export async function checkSource(ctx: OrganizationCtx, { connectionId, from = null }: HandoverSource): Promise<void> {
  await checkLive(ctx, connectionId);
  if (from === null) return;
  await checkLive(ctx, from);
  if (from.toLowerCase() === connectionId.toLowerCase())
    throw new HubError('invalid_input', 'A connection cannot succeed itself.');
}

export type CandidateQuery = {
  readonly from?: string | null;
  readonly search?: string;
  /** Id of the last one of the page before. */
  readonly after?: string;
  readonly limit?: number;
};

/** Persons who could pass to the connection, in the order of their userNames. Throws HubError `not_found`. */
export async function findHandoverCandidates(
  ctx: OrganizationCtx,
  connectionId: string,
  { from = null, search = '', after, limit = 100 }: CandidateQuery = {},
): Promise<HandoverCandidate[]> {
  await checkSource(ctx, { connectionId, from });
  return query<HandoverCandidate>(
    `select id, user_name as "userName", coalesce(document ->> 'displayName',
       nullif(concat_ws(' ', document #>> '{name,givenName}', document #>> '{name,familyName}'), '')) as name, email_key as email, active from users
     where organization_id = $1 and deleted_at is null and kind = 'person' and connection_id is not distinct from $2::uuid
       and user_name_key > coalesce((select user_name_key from users where organization_id = $1 and id = $3::uuid), '')
       and ($4 = '' or position($4 in user_name_key) > 0 or position($4 in email_key) > 0)
     order by user_name_key limit ${Math.min(MOST_AT_ONCE, Math.trunc(limit))}`,
    [ctx.organizationId, from, after ?? null, fold(search)],
  );
}

/** The refusal of the first of them who cannot pass. */
async function checkPassing(ctx: OrganizationCtx, userIds: readonly string[]): Promise<void> {
  await checkHandsOver(ctx);
  const refused = await touchRefusalsOfMany(ctx, userIds, 'change_username');
  const support = ctx.actor.kind === 'user' && ctx.actor.actedBy !== undefined;
  const [first] = refused.size > 0 ? refused.keys() : support ? userIds : [];
  // Asked again by itself, for the words of the refusal.
  if (first !== undefined) await checkTouching(ctx, first, 'change_username');
}

/**
 * From then on the connection alone changes them and controls how they sign in: so the acting person must be able to
 * give all that they hold. Who is the connection's already stays so. At most 1,000 at once, all or nothing; returns how
 * many passed. Throws HubError `not_found`, `too_many`, `not_permitted`, `rank_too_low`, `target_holds_more`.
 */
export const handOverUsers = (
  ctx: OrganizationCtx,
  input: HandoverSource & { readonly userIds: readonly string[] },
): Promise<number> =>
  transaction(async () => {
    const { connectionId, from = null, userIds } = input;
    if (userIds.length > MOST_AT_ONCE)
      throw new HubError('too_many', `At most ${MOST_AT_ONCE} users can be handed over at once.`);
    await checkSource(ctx, input);
    const ids = [...new Set(userIds.map((id) => id.toLowerCase()))];
    const found = await query<{ id: string; connection_id: string | null }>(
      `select id, connection_id from users where organization_id = $1 and id = any($2::uuid[]) and deleted_at is null and kind = 'person'
       order by id for update`,
      [ctx.organizationId, ids.filter(isId)],
    );
    const passing = found.filter((user) => user.connection_id === from).map(({ id }) => id);
    const there = found.filter((user) => user.connection_id === connectionId.toLowerCase()).length;
    if (passing.length + there < ids.length) {
      throw new HubError(
        'not_found',
        `${ids.length - passing.length - there} of these users are not there, or belong to another source. Nothing was changed.`,
      );
    }
    await checkPassing(ctx, passing);
    // An address that was there before the directory came stays one that a link may be sent to.
    if (from === null) await keepAddressesTrusted(ctx, passing);
    await query(
      'update users set connection_id = $3, updated_at = $4 where organization_id = $1 and id = any($2::uuid[])',
      [ctx.organizationId, passing, connectionId, ctx.now],
    );
    await countHandedOver(ctx, 'user', { connectionId, from }, passing.length);
    for (const id of passing) {
      const [before, after] = [{ connection: from }, { connection: connectionId }];
      await recordAudit(ctx, { action: 'user.handed_over', targetKind: 'user', targetId: id, before, after });
    }
    return passing.length;
  });

/** What passed counts for the one and no longer for the other. */
export async function countHandedOver(
  ctx: OrganizationCtx,
  kind: 'user' | 'group',
  { connectionId, from = null }: HandoverSource,
  passed: number,
): Promise<void> {
  if (passed === 0) return;
  for (const [connection, delta] of [[connectionId, passed] as const, [from, -passed] as const]) {
    if (connection === null) continue;
    await query(
      'insert into resource_counts (organization_id, connection_id, kind, id, delta) values ($1, $2, $3, $4, $5)',
      [ctx.organizationId, connection, kind, uuidv7(), delta],
    );
  }
}
