// OAuth clients; see ../operations/clients.ts.
import { findApplication } from '../../applications/catalogue.ts';
import { catalogue } from '../../applications/current-catalogue.ts';
import { changeClientAddresses } from '../../clients/change-client.ts';
import { createClient } from '../../clients/create-client.ts';
import { endClient } from '../../clients/end-client.ts';
import { listClients } from '../../clients/list-clients.ts';
import { findClient, type Client } from '../../clients/find-client.ts';
import type { OrganizationCtx } from '../../context.ts';
import { HubError } from '../../errors.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { clientOperations } from '../operations/clients.ts';
import { page } from '../page.ts';

const clientNotFound = (id: string) => new HubError('not_found', `There is no client ${id}.`);

async function clientOf(id: string): Promise<Client> {
  const client = await findClient(id);
  if (!client) throw clientNotFound(id);
  return client;
}

/** Throws HubError `not_found`, also for another organization's and for one of no service user. */
async function ownClient(ctx: OrganizationCtx, id: string): Promise<Client> {
  const client = await clientOf(id);
  if (client.serviceUser?.organizationId !== ctx.organizationId) throw clientNotFound(id);
  return client;
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

const shown = ({ clientId, name, application, serviceUser, connection, metadata }: Client) => ({
  client_id: clientId,
  client_name: name,
  application,
  service_user_id: serviceUser?.userId ?? null,
  connection_id: connection?.connectionId ?? null,
  grant_types: texts(metadata['grant_types']),
  redirect_uris: texts(metadata['redirect_uris']),
  post_logout_redirect_uris: texts(metadata['post_logout_redirect_uris']),
  backchannel_logout_uri:
    typeof metadata['backchannel_logout_uri'] === 'string' ? metadata['backchannel_logout_uri'] : null,
});

const created = ({ clientId, clientSecret }: { clientId: string; clientSecret?: string }) => ({
  client_id: clientId,
  client_secret: clientSecret ?? null,
});

export const clientHandlers: Handlers<typeof clientOperations> = {
  'client.create': async (ctx, { body }) => {
    const { key } = findApplication(catalogue(), body.application);
    return created(
      await createClient(ctx, {
        name: body.client_name,
        kind: body.kind,
        application: key,
        redirectUris: body.redirect_uris,
        ...compact({
          clientId: body.client_id,
          postLogoutRedirectUris: body.post_logout_redirect_uris,
          backchannelLogoutUri: body.backchannel_logout_uri,
        }),
      }),
    );
  },
  'client.list': async (_ctx, { query }) =>
    page((await listClients(null)).map(shown), query, ({ client_id }) => client_id),
  'client.get': async (_ctx, { params }) => shown(await clientOf(params.client)),
  'client.change': async (ctx, { params, body }) => {
    await changeClientAddresses(ctx, params.client, {
      redirectUris: body.redirect_uris,
      postLogoutRedirectUris: body.post_logout_redirect_uris,
      ...compact({ backchannelLogoutUri: body.backchannel_logout_uri }),
    });
    return shown(await clientOf(params.client));
  },
  'client.end': (ctx, { params }) => endClient(ctx, params.client),
  'service-client.create': async (ctx, { body }) => {
    const { key } = findApplication(catalogue(), body.application);
    return created(
      await createClient(ctx, {
        name: body.client_name,
        kind: 'service',
        application: key,
        serviceUser: { organizationId: ctx.organizationId, userId: body.service_user_id },
        ...compact({ clientId: body.client_id }),
      }),
    );
  },
  'service-client.list': async (ctx, { query }) =>
    page((await listClients(ctx.organizationId)).map(shown), query, ({ client_id }) => client_id),
  'service-client.get': async (ctx, { params }) => shown(await ownClient(ctx, params.client)),
  'service-client.end': async (ctx, { params }) => endClient(ctx, (await ownClient(ctx, params.client)).clientId),
};
