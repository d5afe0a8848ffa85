// Passes existing groups to a directory, which alone decides from then on who is in them. What a group gives stays; new
// members of one that gives rights come only once a chief administrator has opened it to the connection.
import { recordAudit } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { carriedBy } from '../entitlements/carried-by-groups.ts';
import { orThrow } from '../entitlements/refusal.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';
import { fold } from './fold.ts';
import {
  checkSource,
  countHandedOver,
  handOverUsers,
  MOST_AT_ONCE,
  type CandidateQuery,
  type HandoverSource,
} from './hand-over.ts';
import { checkHandsOver, mayHandOver } from './may-hand-over.ts';

type HandoverGroup = { readonly id: string; readonly displayName: string; readonly externalId: string | null };

/** Groups that could pass to the connection, by name. Throws HubError `not_found`. */
export async function findHandoverGroups(
  ctx: OrganizationCtx,
  connectionId: string,
  { from = null, search = '', after, limit = 100 }: CandidateQuery = {},
): Promise<HandoverGroup[]> {
  await checkSource(ctx, { connectionId, from });
  return query<HandoverGroup>(
    `select id, display_name as "displayName", external_id as "externalId" from groups
     where organization_id = $1 and deleted_at is null and connection_id is not distinct from $2::uuid
       and ($3::uuid is null or (display_name_key, id) > (select display_name_key, id from groups where organization_id = $1 and id = $3))
       and ($4 = '' or position($4 in display_name_key) > 0)
     order by display_name_key, id limit ${Math.min(MOST_AT_ONCE, Math.trunc(limit))}`,
    [ctx.organizationId, from, after ?? null, fold(search)],
  );
}

/**
 * Whoever hands a group over must be able to give what it gives, as if he opened it. At most 1,000 at once, all or nothing;
 * returns how many passed. Throws HubError `not_found`, `too_many`, `not_permitted` and the refusals of giving.
 */
const handOverGroups = (
  ctx: OrganizationCtx,
  input: HandoverSource & { readonly groupIds: readonly string[] },
): Promise<number> =>
  transaction(async () => {
    const { connectionId, from = null, groupIds } = input;
    if (groupIds.length > MOST_AT_ONCE)
      throw new HubError('too_many', `At most ${MOST_AT_ONCE} groups can be handed over at once.`);
    await checkSource(ctx, input);
    const ids = [...new Set(groupIds.map((id) => id.toLowerCase()))];
    const found = await query<{ id: string; connection_id: string | null }>(
      'select id, connection_id from groups where organization_id = $1 and id = any($2::uuid[]) and deleted_at is null order by id for update',
      [ctx.organizationId, ids.filter(isId)],
    );
    const passing = found.filter((group) => group.connection_id === from).map(({ id }) => id);
    const there = found.filter((group) => group.connection_id === connectionId.toLowerCase()).length;
    if (passing.length + there < ids.length) {
      throw new HubError(
        'not_found',
        `${ids.length - passing.length - there} of these groups are not there, or belong to another source. Nothing was changed.`,
      );
    }
    if (passing.length === 0) return 0;
    orThrow(mayHandOver(await checkHandsOver(ctx), await carriedBy(ctx, passing), ctx.now.getTime()));
    const values = [ctx.organizationId, passing];
    await query(
      'update groups set connection_id = $3, updated_at = $4 where organization_id = $1 and id = any($2::uuid[])',
      [...values, connectionId, ctx.now],
    );
    // What was opened was opened to the former source.
    await query(
      'delete from connection_openings where organization_id = $1 and target_id = any($2::uuid[]) and connection_id = $3',
      [...values, from],
    );
    await countHandedOver(ctx, 'group', { connectionId, from }, passing.length);
    for (const id of passing) {
      const [before, after] = [{ connection: from }, { connection: connectionId }];
      await recordAudit(ctx, { action: 'group.handed_over', targetKind: 'group', targetId: id, before, after });
    }
    return passing.length;
  });

type HandedOver = { readonly users: number; readonly groups: number };

/** Users and groups in one act, all or nothing. Whoever may not hand over is refused whatever he names. Throws as handOverUsers and handOverGroups do. */
export const handOver = (
  ctx: OrganizationCtx,
  {
    userIds,
    groupIds,
    ...source
  }: HandoverSource & { readonly userIds: readonly string[]; readonly groupIds: readonly string[] },
): Promise<HandedOver> =>
  transaction(async () => {
    await checkHandsOver(ctx);
    return {
      users: await handOverUsers(ctx, { ...source, userIds }),
      groups: await handOverGroups(ctx, { ...source, groupIds }),
    };
  });
