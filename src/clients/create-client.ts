// Registers a client: an application's web or native client, or the client of a service user or provisioning connection. A secret is 256 random bits,
// shown once; only its SHA-256 is kept, which is enough for what nobody types.
import { createHash, randomBytes } from 'node:crypto';
import { recordAudit } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { ClientModel } from '../database/models/client.ts';
import { queryOne, violates } from '../database/query.ts';
import { transaction } from '../database/transaction.ts';
import { HubError } from '../errors.ts';
import { checkClientUris, type ClientKind } from './client-uris.ts';

export type NewClient = {
  name: string;
  kind: ClientKind;
  /** Key of the application whose rights its tokens carry; absent for the hub's own clients. */
  application?: string;
  redirectUris?: readonly string[];
  postLogoutRedirectUris?: readonly string[];
  backchannelLogoutUri?: string;
  /** Of a service: the user whose rights its tokens carry. */
  serviceUser?: { organizationId: string; userId: string };
  /** Of a service: the provisioning connection for which it speaks SCIM. The caller has looked that it is there. */
  connection?: { organizationId: string; connectionId: string };
  /** Scopes it may ask for; absent: those that its audience has. */
  scope?: string;
  /** Made by us when absent. */
  clientId?: string;
  clientSecret?: string;
};

export type CreatedClient = {
  clientId: string;
  /** Absent for native clients, which keep no secret. */ clientSecret?: string;
};

const CLIENT_ID = /^[A-Za-z0-9._~-]{3,100}$/;

/** Base64url of SHA-256, as it is compared at the token endpoint. */
const clientSecretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Throws HubError `invalid_input`, `uniqueness` (details.attribute client_id) or `not_found` for the service user. */
export async function createClient(ctx: Ctx, input: NewClient): Promise<CreatedClient> {
  const { kind, redirectUris = [], postLogoutRedirectUris = [], backchannelLogoutUri } = input;
  checkClientUris({ kind, redirectUris, postLogoutRedirectUris, backchannelLogoutUri });
  const standsFor = [input.serviceUser, input.connection].filter((one) => one !== undefined).length;
  if (standsFor !== (kind === 'service' ? 1 : 0))
    throw new HubError('invalid_input', 'A service, and only a service, has a service user or a connection.');
  const clientId = input.clientId ?? randomBytes(12).toString('base64url');
  if (!CLIENT_ID.test(clientId))
    throw new HubError('invalid_input', 'A client id is 3 to 100 letters, digits and the signs . _ ~ -');
  const secret = kind === 'native' ? undefined : (input.clientSecret ?? randomBytes(32).toString('base64url'));
  await transaction(async () => {
    const home = input.connection?.organizationId ?? (await homeOf(ctx, input.serviceUser));
    await insertClient(clientId, input, secret);
    await recordAudit(ctx, {
      action: 'client.created',
      targetKind: 'client',
      targetId: clientId,
      organizationId: home,
      after: {
        name: input.name,
        kind,
        application: input.application,
        ...(input.connection && { connection: input.connection.connectionId }),
        redirect_uris: redirectUris,
      },
    });
  });
  return { clientId, ...(secret !== undefined && { clientSecret: secret }) };
}

async function insertClient(clientId: string, input: NewClient, secret: string | undefined): Promise<void> {
  try {
    await ClientModel.create({
      clientId,
      name: input.name,
      application: input.application ?? null,
      organizationId: (input.serviceUser ?? input.connection)?.organizationId ?? null,
      serviceUserId: input.serviceUser?.userId ?? null,
      connectionId: input.connection?.connectionId ?? null,
      metadata: metadataOf(input),
      secretHash: secret === undefined ? null : clientSecretHash(secret),
    });
  } catch (error) {
    if (!violates(error, 'clients_pkey')) throw error;
    throw new HubError('uniqueness', `The client id ${clientId} is taken.`, { attribute: 'client_id' });
  }
}

/** As OpenID Connect Registration 1.0 names them. */
function metadataOf(input: NewClient): Record<string, unknown> {
  const service = input.kind === 'service';
  return {
    application_type: input.kind === 'native' ? 'native' : 'web',
    grant_types: service ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    response_types: service ? [] : ['code'],
    redirect_uris: input.redirectUris ?? [],
    post_logout_redirect_uris: input.postLogoutRedirectUris ?? [],
    token_endpoint_auth_method: input.kind === 'native' ? 'none' : 'client_secret_basic',
    ...(input.scope !== undefined && { scope: input.scope }),
    ...(input.backchannelLogoutUri && {
      backchannel_logout_uri: input.backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
  };
}

/** Where the audit row belongs: the service user's organization, the caller's, else the operator's. */
async function homeOf(ctx: Ctx, serviceUser: NewClient['serviceUser']): Promise<string> {
  if (serviceUser) {
    const known = await queryOne(
      "select 1 from users where organization_id = $1 and id = $2 and kind = 'service' and deleted_at is null",
      [serviceUser.organizationId, serviceUser.userId],
    );
    if (!known) throw new HubError('not_found', 'There is no such service user.');
    return serviceUser.organizationId;
  }
  return operatorHome(ctx);
}

/** The organization in whose audit an act of the operator stands. */
export async function operatorHome(ctx: Ctx): Promise<string> {
  if (ctx.organizationId) return ctx.organizationId;
  const operator = await queryOne<{ id: string }>(
    "select id from organizations where kind = 'operator' order by created_at limit 1",
  );
  if (!operator) throw new HubError('not_found', "The operator's organization does not exist yet.");
  return operator.id;
}
