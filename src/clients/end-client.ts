// Ends a client for good: every door asks for the client and refuses it from then on. What it held expires by itself.
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { ClientModel } from '../database/models/client.ts';
import { afterCommit, transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { operatorHome } from './create-client.ts';
import { forgetClient } from './find-client.ts';

/** Throws HubError `not_found`. */
export async function endClient(ctx: Ctx, clientId: string): Promise<void> {
  await transaction(async () => {
    const everywhere = ctx.actor.kind === 'operator' || ctx.actor.kind === 'system';
    const own = everywhere || !ctx.organizationId ? {} : { organizationId: ctx.organizationId };
    const ended = await ClientModel.findOne({ where: { clientId, endedAt: null, ...own }, lock: true });
    if (!ended) throw new HubError('not_found', 'There is no such client.');
    await ended.update({ endedAt: ctx.now });
    await recordAudit(ctx, {
      action: 'client.ended',
      targetKind: 'client',
      targetId: clientId,
      organizationId: ended.organizationId ?? (await operatorHome(ctx)),
      before: { name: ended.name },
    });
    afterCommit(() => forgetClient(clientId));
  });
}
