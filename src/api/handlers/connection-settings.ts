// A connection's settings, requests and clients; see ../operations/connection-settings.ts.
import {
  createConnectionClient,
  endConnectionClient,
  listConnectionClients,
} from '../../provisioning/connection-client.ts';
import { changeConnectionSettings, findConnectionSettings } from '../../provisioning/connection-settings.ts';
import { listRequests } from '../../provisioning/request-log.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { connectionSettingsOperations } from '../operations/connection-settings.ts';
import { afterId, cutPage, limitOf, page } from '../page.ts';

export const connectionSettingsHandlers: Handlers<typeof connectionSettingsOperations> = {
  'connection-settings.get': (ctx, { params }) => findConnectionSettings(ctx, params.connection),
  'connection-settings.change': (ctx, { params, body }) =>
    changeConnectionSettings(ctx, params.connection, compact(body)),
  'connection-request.list': async (ctx, { params, query }) => {
    const limit = limitOf(query);
    const rows = await listRequests(ctx, {
      connectionId: params.connection,
      failedOnly: query.failed === 'true',
      ...compact({
        method: query.method,
        before: afterId(query),
        since: query.since === undefined ? undefined : new Date(query.since),
      }),
      limit: limit + 1,
    });
    return cutPage(rows, limit);
  },
  'connection-client.create': async (ctx, { params, body, publicUrl }) => {
    const { client_name: name, scopes = ['read', 'write'] as const } = body;
    const { clientId, clientSecret = '' } = await createConnectionClient(ctx, params.connection, { name, scopes });
    return {
      client_id: clientId,
      client_secret: clientSecret,
      token_endpoint: `${publicUrl.origin}/oidc/token`,
      scope: scopes.map((scope) => `scim:${scope}`).join(' '),
      baseUrl: `${publicUrl.origin}/scim/v2`,
    };
  },
  'connection-client.list': async (ctx, { params, query }) =>
    page(
      (await listConnectionClients(ctx, params.connection)).map(({ clientId, name, scopes, createdAt }) => ({
        client_id: clientId,
        client_name: name,
        scopes: [...scopes],
        createdAt,
      })),
      query,
      ({ client_id: id }) => id,
    ),
  'connection-client.end': (ctx, { params }) => endConnectionClient(ctx, params.connection, params.client),
};
