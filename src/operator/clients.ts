// The clients: who may ask for tokens, and where people are sent back to. A secret is shown in the answer to the form that makes
// it and nowhere else.
import type { Request, Response } from 'express';
import { label } from '../applications/catalogue.ts';
import { createClient, type CreatedClient } from '../clients/create-client.ts';
import type { ClientKind } from '../clients/client-uris.ts';
import { endClient } from '../clients/end-client.ts';
import { listClients } from '../clients/list-clients.ts';
import { findClient } from '../clients/find-client.ts';
import { HubError } from '../errors.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { languageOf } from '../web/page.ts';
import { formFields, refusalOf, type Fault } from '../web/refusal.ts';
import type { OperatorRoute } from './mount.ts';
import type { OperatorSettings } from './operator-settings.ts';
import { shellLocals } from './shell.ts';
import { staffOf } from './staff.ts';

const PATH = '/operator/clients';
const KINDS = ['web', 'native', 'service'] as const satisfies readonly ClientKind[];

const lines = (text = ''): string[] => text.split(/\s+/).filter((one) => one !== '');
const listIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

export function clientPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, site, catalogue } = settings;

  async function page(
    req: Request,
    res: Response,
    form: Readonly<Record<string, string>> = {},
    more: { errors?: readonly Fault[]; made?: CreatedClient; status?: number } = {},
  ): Promise<void> {
    const { errors, made, status = 200 } = more;
    const language = languageOf(res, site);
    const clients = await listClients(null);
    render(
      res,
      'operator/clients',
      {
        ...(await shellLocals(settings, req, res, 'clients')),
        path: PATH,
        clients: clients.map(({ clientId, name, application, serviceUser, connection, metadata }) => {
          const found = application === null ? undefined : catalogue.get(application);
          return {
            clientId,
            name,
            application: found ? label(found.label, language) : null,
            kind: serviceUser || connection ? 'service' : metadata['application_type'] === 'native' ? 'native' : 'web',
            addresses: listIn(metadata['redirect_uris']),
            own: application === null && !serviceUser && !connection,
          };
        }),
        kinds: KINDS,
        applications: [...catalogue.values()].map((one) => ({ key: one.key, label: label(one.label, language) })),
        form,
        made,
        ...(errors && { errors }),
      },
      { status },
    );
  }

  async function create(req: Request, res: Response): Promise<void> {
    const form = formFields(req.body);
    const { name = '', kind = 'web', application = '', redirect_uris: back, post_logout_redirect_uris: after } = form;
    const { backchannel_logout_uri: logout = '', organization = '', user = '' } = form;
    const chosen = KINDS.find((one) => one === kind) ?? 'web';
    try {
      if (name.trim() === '') throw new HubError('invalid_input', 'A client has a name.');
      const made = await createClient(
        { ...staffOf(req).ctx, organizationId: OPERATOR_ORGANIZATION_ID },
        {
          name: name.trim(),
          kind: chosen,
          ...(application !== '' && { application }),
          ...(chosen === 'service'
            ? { serviceUser: { organizationId: organization.trim(), userId: user.trim() } }
            : { redirectUris: lines(back), postLogoutRedirectUris: lines(after) }),
          ...(logout.trim() !== '' && { backchannelLogoutUri: logout.trim() }),
        },
      );
      await page(req, res, {}, { made });
    } catch (error) {
      const isMissing = error instanceof HubError && error.code === 'not_found';
      const { status, faults } = isMissing ? { status: 422, faults: [] } : refusalOf(error);
      const message = error instanceof HubError ? error.message : '';
      const said =
        status === 422 ? [{ key: 'operator-lists:clients.refused', values: { message }, field: 'name' }] : faults;
      await page(req, res, form, { errors: said, status });
    }
  }

  /** Throws HubError `not_found`, and `not_permitted` for those by which the hub's own pages let people in. */
  async function endable(req: Request) {
    const client = await findClient(String(req.params['client']));
    if (!client) throw new HubError('not_found', 'There is no such client.');
    if (client.application === null && !client.serviceUser && !client.connection)
      throw new HubError('not_permitted', 'The hub needs this client itself.');
    return client;
  }

  async function showEnd(req: Request, res: Response): Promise<void> {
    const client = await endable(req);
    render(res, 'operator/client-end', { ...(await shellLocals(settings, req, res, 'clients')), client, path: PATH });
  }

  async function end(req: Request, res: Response): Promise<void> {
    const { clientId } = await endable(req);
    await endClient(staffOf(req).ctx, clientId);
    res.redirect(303, `${PATH}?done=ended`);
  }

  return [
    { method: 'get', path: '/clients', needs: 'clients.read', handle: (req, res) => page(req, res) },
    { method: 'post', path: '/clients', needs: 'clients.write', handle: create },
    { method: 'get', path: '/clients/:client/end', needs: 'clients.end', handle: showEnd },
    { method: 'post', path: '/clients/:client/end', needs: 'clients.end', handle: end },
  ];
}
