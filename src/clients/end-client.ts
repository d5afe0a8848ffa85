// Ends a client for good: every door asks for the client and refuses it from then on. What it held expires by itself.
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { queryOne } from '../database/query.ts';
import { afterCommit, transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { operatorHome } from './create-client.ts';
import { forgetClient } from './find-client.ts';

/** Throws HubError `not_found`. */
export async function endClient(ctx: Ctx, clientId: string): Promise<void> {
  await transaction(async () => {
    const ended = await queryOne<{ organization_id: string | null; name: string }>(
      `update clients set ended_at = $2 where client_id = $1 and ended_at is null and ($3::uuid is null or organization_id = $3)
       returning organization_id, name`,
      [
        clientId,
        ctx.now,
        ctx.actor.kind === 'operator' || ctx.actor.kind === 'system' ? null : (ctx.organizationId ?? null),
      ],
    );
    if (!ended) throw new HubError('not_found', 'There is no such client.');
    await recordAudit(ctx, {
      action: 'client.ended',
      targetKind: 'client',
      targetId: clientId,
      organizationId: ended.organization_id ?? (await operatorHome(ctx)),
      before: { name: ended.name },
    });
    afterCommit(() => forgetClient(clientId));
  });
}
