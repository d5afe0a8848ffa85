// Provisioning connections, their tokens and openings; see ../operations/connections.ts.
import { listOpenings } from '../../entitlements/list-openings.ts';
import { closeToConnection, openToConnection } from '../../entitlements/open-to-connection.ts';
import { HubError } from '../../errors.ts';
import {
  createConnection,
  createToken,
  endConnection,
  listConnections,
  listTokens,
  revokeToken,
} from '../../provisioning/connection.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { connectionOperations } from '../operations/connections.ts';
import { afterId, limitOf, page } from '../page.ts';

export const connectionHandlers: Handlers<typeof connectionOperations> = {
  'connection.create': (ctx, { body }) => createConnection(ctx, compact(body)),
  'connection.list': async (ctx, { query }) => page(await listConnections(ctx), query, ({ id }) => id),
  'connection.end': (ctx, { params }) => endConnection(ctx, params.connection),
  'connection-token.list': async (ctx, { params, query }) =>
    page(await listTokens(ctx, params.connection), query, ({ id }) => id),
  'connection-token.create': async (ctx, { params, body, publicUrl }) => {
    const { expiresAt = null } = body;
    if (expiresAt !== null && expiresAt <= ctx.now) {
      const message = 'The end lies in the past.';
      throw new HubError('invalid_input', message, { issues: [{ path: 'expiresAt', message }] });
    }
    const made = await createToken(ctx, params.connection, compact(body));
    return { ...made, baseUrl: `${publicUrl.origin}/scim/v2` };
  },
  'connection-token.revoke': (ctx, { params }) => revokeToken(ctx, params.connection, params.connectionToken),
  'opening.list': async (ctx, { params, query }) => {
    const limit = limitOf(query);
    const rows = await listOpenings(ctx, params.connection, { after: afterId(query), limit: limit + 1 });
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? (items.at(-1)?.targetId ?? null) : null };
  },
  'opening.open': async (ctx, { params, body }) => ({
    opened: await openToConnection(ctx, { connectionId: params.connection, ...compact(body) }),
  }),
  'opening.close': async (ctx, { params }) => {
    const closed = await closeToConnection(ctx, { connectionId: params.connection, targetId: params.target });
    if (!closed) throw new HubError('not_found', `${params.target} is not open to this connection.`);
  },
};
