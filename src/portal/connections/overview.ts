// The page of one connection: its state, what was synchronized when, its OAuth clients, the set-up links, and its end.
import type { Request, Response } from 'express';
import type { CreatedClient } from '../../clients/create-client.ts';
import { HubError } from '../../errors.ts';
import { endConnection } from '../../provisioning/connection.ts';
import {
  createConnectionClient,
  endConnectionClient,
  listConnectionClients,
} from '../../provisioning/connection-client.ts';
import { listTokens } from '../../provisioning/connection.ts';
import {
  createSetupLink,
  listSetupLinks,
  revokeSetupLink,
  SETUP_LINK_DAYS,
  type NewSetupLink,
} from '../../provisioning/setup-link.ts';
import { syncActivity } from '../../provisioning/sync-activity.ts';
import { countOpenings } from '../../entitlements/list-openings.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { CONNECTIONS, openConnection, type ConnectionDesk } from './connection-desk.ts';
import { nameIn } from './setup-steps.ts';
import { ago, daysLeft, shownState, shownToken } from './shown.ts';

const DONE = ['link_revoked', 'client_ended', 'settings_saved'] as const;

type More = {
  readonly link?: NewSetupLink;
  readonly client?: CreatedClient;
  readonly errors?: readonly Fault[];
  readonly status?: number;
};

export function connectionOverview(settings: PortalSettings) {
  const { site, render } = settings;

  async function page(req: Request, res: Response, desk: ConnectionDesk, more: More = {}): Promise<void> {
    const { ctx, connection, telling, t } = desk;
    const { link, client, errors, status = 200 } = more;
    const [activity, tokens, clients, links] = [
      await syncActivity(ctx, connection.id),
      await listTokens(ctx, connection.id),
      await listConnectionClients(ctx, connection.id),
      await listSetupLinks(ctx, connection.id),
    ];
    const done = DONE.find((one) => one === req.query['done']);
    render(
      res,
      'portal/connections/connection',
      {
        ...desk.frame,
        state: shownState(connection, telling),
        left: daysLeft(connection.endsNext, ctx.now),
        activity: {
          ...activity,
          kinds: activity.kinds.map((one) => ({ ...one, ago: ago(one.lastAt, telling) })),
          deactivatedAgo: activity.lastDeactivatedAt && ago(activity.lastDeactivatedAt, telling),
        },
        tokens: tokens.map((token) => shownToken(token, telling)),
        clients,
        mayRegister: clients.length < 2,
        madeClient: client,
        tokenEndpoint: `${site.publicUrl.origin}/oidc/token`,
        links: links
          .filter(({ revokedAt, expiresAt }) => revokedAt === null && expiresAt > ctx.now)
          .map((one) => ({ ...one, visited: one.lastVisitAt && ago(one.lastVisitAt, telling) })),
        madeLink: link && { url: `${site.publicUrl.origin}/connect/${link.token}`, expiresAt: link.expiresAt },
        linkDays: SETUP_LINK_DAYS,
        ...(done && { notice: { kind: 'ok', text: t(`connections:done.${done}`) } }),
        ...(errors && { errors }),
      },
      { status, title: connection.name },
    );
  }

  /** What a form of the page refuses is said on the page. */
  async function saidOnPage(req: Request, res: Response, act: (desk: ConnectionDesk) => Promise<More>): Promise<void> {
    const desk = await openConnection(settings, req, res, 'overview');
    let more: More;
    try {
      more = await act(desk);
    } catch (error) {
      const { faults, status } = refusalOf(error);
      more = { errors: faults, status };
    }
    await page(req, res, desk, more);
  }

  const makeLink = (req: Request, res: Response) =>
    saidOnPage(req, res, async ({ ctx, connection }) => {
      const holder = nameIn(formFields(req.body)['holder']);
      if (holder === undefined) return { errors: [{ key: 'connections:fault.holder', field: 'holder' }], status: 422 };
      return { link: await createSetupLink(ctx, connection.id, { holder }) };
    });

  const makeClient = (req: Request, res: Response) =>
    saidOnPage(req, res, async ({ ctx, connection }) => ({
      client: await createConnectionClient(ctx, connection.id, { name: connection.name }),
    }));

  async function linkOf(req: Request, { ctx, connection }: ConnectionDesk) {
    const link = (await listSetupLinks(ctx, connection.id)).find(({ id }) => id === req.params['link']);
    if (!link) throw new HubError('not_found', 'There is no such set-up link.');
    return link;
  }

  async function askRevokeLink(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'overview');
    const link = await linkOf(req, desk);
    render(res, 'portal/connections/revoke-link', {
      ...desk.frame,
      link,
      action: `${desk.path}/links/${link.id}/revoke`,
    });
  }

  async function revokeLink(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'overview');
    const link = await linkOf(req, desk);
    await revokeSetupLink(desk.ctx, desk.connection.id, link.id);
    res.redirect(303, `${desk.path}?done=link_revoked`);
  }

  async function clientAt(req: Request, { ctx, connection }: ConnectionDesk) {
    const client = (await listConnectionClients(ctx, connection.id)).find(
      ({ clientId }) => clientId === req.params['client'],
    );
    if (!client) throw new HubError('not_found', 'There is no such client.');
    return client;
  }

  async function askEndClient(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'overview');
    const client = await clientAt(req, desk);
    render(res, 'portal/connections/end-client', {
      ...desk.frame,
      client,
      action: `${desk.path}/clients/${encodeURIComponent(client.clientId)}/end`,
    });
  }

  async function endClient(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'overview');
    const { clientId } = await clientAt(req, desk);
    await endConnectionClient(desk.ctx, desk.connection.id, clientId);
    res.redirect(303, `${desk.path}?done=client_ended`);
  }

  async function askEnd(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'overview');
    const { ctx, connection, path } = desk;
    render(res, 'portal/connections/end', {
      ...desk.frame,
      action: `${path}/end`,
      openings: await countOpenings(ctx, connection.id),
    });
  }

  async function end(req: Request, res: Response): Promise<void> {
    const desk = await openConnection(settings, req, res, 'overview');
    await endConnection(desk.ctx, desk.connection.id);
    res.redirect(303, `${CONNECTIONS}?done=ended`);
  }

  return {
    show: async (req: Request, res: Response) => page(req, res, await openConnection(settings, req, res, 'overview')),
    makeLink,
    askRevokeLink,
    revokeLink,
    makeClient,
    askEndClient,
    endClient,
    askEnd,
    end,
  };
}
