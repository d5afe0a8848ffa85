// A back-channel logout that was given up is tried again from the start, once the operator knows that the application can
// hear it: the same delivery, with attempts of its own to come.
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { enqueueAll } from '../database/jobs.ts';
import { query, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { checkOperator } from '../organizations/check-operator.ts';
import { isId } from '../users/is-id.ts';
import type { LogoutState } from './list-logouts.ts';
import { BACKCHANNEL_LOGOUT } from './queue-logouts.ts';

type Delivery = { organizationId: string; id: string; clientId: string; userId: string; state: LogoutState };

/** Throws HubError `not_permitted`, `not_found`; `conflict` for one that is not given up. */
export async function retryLogout(ctx: Ctx, id: string): Promise<void> {
  checkOperator(ctx);
  return transaction(async () => {
    const delivery = isId(id)
      ? await queryOne<Delivery>(
          `select organization_id as "organizationId", id, client_id as "clientId", user_id as "userId", state
           from logout_deliveries where id = $1 for update`,
          [id],
        )
      : undefined;
    if (!delivery) throw new HubError('not_found', `There is no logout ${id}.`);
    if (delivery.state !== 'given_up')
      throw new HubError('conflict', 'Only a logout that was given up can be tried again.');
    const { organizationId, clientId, userId } = delivery;
    await query(
      `update logout_deliveries set state = 'waiting', attempts = 0, settled_at = null where organization_id = $1 and id = $2`,
      [organizationId, delivery.id],
    );
    await enqueueAll(BACKCHANNEL_LOGOUT, [{ data: { organizationId, id: delivery.id }, group: clientId }]);
    await recordAudit(ctx, {
      action: 'logout.retried',
      targetKind: 'user',
      targetId: userId,
      organizationId,
      after: { client: clientId },
    });
  });
}
