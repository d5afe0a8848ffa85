// OAuth clients of a provisioning connection: instead of a bearer token that lasts, the directory gets access tokens of
// five minutes by the client credentials grant (RFC 6749 section 4.4). Two at most, so that one can follow the other.
import { createClient, type CreatedClient } from '../clients/create-client.ts';
import { endClient } from '../clients/end-client.ts';
import type { OrganizationCtx } from '../context.ts';
import { ClientModel } from '../database/models/client.ts';
import { prepared, queryOne } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { refuseWhileActing } from '../support/refuse-while-acting.ts';
import { isId } from '../users/is-id.ts';
import { checkManagesConnections } from './check-manages.ts';
import { connectionNotFound, lockConnection } from './connection.ts';
import type { TokenScope } from './kept-tokens.ts';

const MAX_CLIENTS = 2;

type ConnectionClient = {
  readonly clientId: string;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: Date;
};

const scopesOf = (scope: unknown): TokenScope[] =>
  (['read', 'write'] as const).filter((one) => String(scope).split(' ').includes(`scim:${one}`));

/** Those that have not ended, the oldest first. Throws HubError `not_found`. */
export async function listConnectionClients(ctx: OrganizationCtx, connectionId: string): Promise<ConnectionClient[]> {
  const live = isId(connectionId)
    ? await queryOne(
        'select 1 from provisioning_connections where organization_id = $1 and id = $2 and ended_at is null',
        [ctx.organizationId, connectionId],
      )
    : undefined;
  if (!live) throw connectionNotFound(connectionId);
  const clients = await ClientModel.findAll({
    where: { organizationId: ctx.organizationId, connectionId, endedAt: null },
    order: ['createdAt', 'clientId'],
  });
  return clients.map(({ clientId, name, metadata, createdAt }) => ({
    clientId,
    name,
    scopes: scopesOf(metadata['scope']),
    createdAt,
  }));
}

/** The secret is shown this once. Throws HubError `not_permitted`, `not_found`, `too_many`, `invalid_input`, `uniqueness`. */
export const createConnectionClient = (
  ctx: OrganizationCtx,
  connectionId: string,
  input: { readonly name: string; readonly scopes?: readonly TokenScope[]; readonly clientId?: string },
): Promise<CreatedClient> =>
  transaction(async () => {
    refuseWhileActing(ctx);
    await checkManagesConnections(ctx);
    await lockConnection(ctx, connectionId);
    if ((await listConnectionClients(ctx, connectionId)).length >= MAX_CLIENTS)
      throw new HubError(
        'too_many',
        `This connection has ${MAX_CLIENTS} clients already. End one before you register another.`,
      );
    return createClient(ctx, {
      name: input.name,
      kind: 'service',
      connection: { organizationId: ctx.organizationId, connectionId: connectionId.toLowerCase() },
      scope: (input.scopes ?? ['read', 'write']).map((scope) => `scim:${scope}`).join(' '),
      ...(input.clientId === undefined ? {} : { clientId: input.clientId }),
    });
  });

/** Its tokens open nothing from then on. Throws HubError `not_permitted`, `not_found`. */
export async function endConnectionClient(ctx: OrganizationCtx, connectionId: string, clientId: string): Promise<void> {
  await checkManagesConnections(ctx);
  const mine = (await listConnectionClients(ctx, connectionId)).some((client) => client.clientId === clientId);
  if (!mine) throw new HubError('not_found', `There is no client ${clientId} of this connection.`);
  await endClient(ctx, clientId);
}

const ISSUES = prepared(
  'provisioning_client_live',
  `select 1 from provisioning_connections c join organizations o on o.id = c.organization_id and o.state = 'active'
   where c.organization_id = $1 and c.id = $2 and c.ended_at is null`,
);

/** Whether its clients may get tokens now. */
export const isConnectionLive = async (organizationId: string, connectionId: string): Promise<boolean> =>
  (await queryOne(ISSUES, [organizationId, connectionId])) !== undefined;
