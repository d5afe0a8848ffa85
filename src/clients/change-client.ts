// Changes where a client may be sent back to, and where it hears of sign-outs.
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { query } from '../database/query.ts';
import { afterCommit, transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { checkClientUris } from './client-uris.ts';
import { operatorHome } from './create-client.ts';
import { findClient, forgetClient } from './find-client.ts';

export type ClientAddresses = {
  redirectUris: readonly string[];
  postLogoutRedirectUris: readonly string[];
  backchannelLogoutUri?: string;
};

/** Throws HubError `not_found`, or `invalid_input` with every fault. */
export const changeClientAddresses = (ctx: Ctx, clientId: string, addresses: ClientAddresses): Promise<void> =>
  transaction(async () => {
    const client = await findClient(clientId);
    if (!client) throw new HubError('not_found', 'There is no such client.');
    const kind = client.serviceUser ? 'service' : client.metadata['application_type'] === 'native' ? 'native' : 'web';
    checkClientUris({ kind, backchannelLogoutUri: undefined, ...addresses });
    const metadata = {
      redirect_uris: addresses.redirectUris,
      post_logout_redirect_uris: addresses.postLogoutRedirectUris,
      ...(addresses.backchannelLogoutUri === undefined
        ? {}
        : { backchannel_logout_uri: addresses.backchannelLogoutUri }),
    };
    const changed = await query(
      'update clients set metadata = metadata || $2::jsonb where client_id = $1 and not metadata @> $2::jsonb returning 1',
      [clientId, JSON.stringify(metadata)],
    );
    if (changed.length === 0) return;
    await recordAudit(ctx, {
      action: 'client.changed',
      targetKind: 'client',
      targetId: clientId,
      organizationId: await operatorHome(ctx),
      before: client.metadata,
      after: metadata,
    });
    afterCommit(() => forgetClient(clientId));
  });
