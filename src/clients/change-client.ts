// Changes where a client may be sent back to, and where it hears of sign-outs.
import { isDeepStrictEqual } from 'node:util';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { ClientModel } from '../database/models/client.ts';
import { afterCommit, transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { checkClientUris } from './client-uris.ts';
import { operatorHome } from './create-client.ts';
import { forgetClient } from './find-client.ts';

type ClientAddresses = {
  redirectUris: readonly string[];
  postLogoutRedirectUris: readonly string[];
  backchannelLogoutUri?: string;
};

/** Throws HubError `not_found`, or `invalid_input` with every fault. */
export const changeClientAddresses = (ctx: Ctx, clientId: string, addresses: ClientAddresses): Promise<void> =>
  transaction(async () => {
    const client = await ClientModel.findOne({ where: { clientId, endedAt: null }, lock: true });
    if (!client) throw new HubError('not_found', 'There is no such client.');
    const kind =
      client.serviceUserId || client.connectionId
        ? 'service'
        : client.metadata['application_type'] === 'native'
          ? 'native'
          : 'web';
    checkClientUris({ kind, backchannelLogoutUri: undefined, ...addresses });
    const metadata = {
      redirect_uris: addresses.redirectUris,
      post_logout_redirect_uris: addresses.postLogoutRedirectUris,
      ...(addresses.backchannelLogoutUri === undefined
        ? {}
        : { backchannel_logout_uri: addresses.backchannelLogoutUri }),
    };
    const before = client.metadata;
    const after = { ...before, ...metadata };
    if (isDeepStrictEqual(after, before)) return;
    await client.update({ metadata: after });
    await recordAudit(ctx, {
      action: 'client.changed',
      targetKind: 'client',
      targetId: clientId,
      organizationId: await operatorHome(ctx),
      before,
      after: metadata,
    });
    afterCommit(() => forgetClient(clientId));
  });
