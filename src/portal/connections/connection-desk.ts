// What every page of a connection starts from: a chief administrator at work, the connection, and the frame around the page.
import type { Request, Response } from 'express';
import { checkManagesConnections } from '../../provisioning/check-manages.ts';
import { findConnectionOverview, type ConnectionOverview } from '../../provisioning/connection-overview.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf, type Visitor } from '../signed-in.ts';
import { tellingOf } from './setup-steps.ts';
import type { Telling } from './shown.ts';

export const CONNECTIONS = '/portal/connections';
const TABS = ['overview', 'setup', 'requests', 'existing', 'openings', 'settings'] as const;
type Tab = (typeof TABS)[number];

export const tabsOf = (path: string, current: Tab) =>
  TABS.map((key) => ({ key, href: key === 'overview' ? path : `${path}/${key}`, current: key === current }));

export type ConnectionDesk = {
  readonly visitor: Visitor;
  readonly ctx: Visitor['ctx'];
  readonly connection: ConnectionOverview;
  readonly path: string;
  readonly telling: Telling;
  readonly t: Telling['t'];
  readonly frame: Record<string, unknown>;
};

/** Throws HubError `not_permitted` for whoever is no chief administrator. */
export async function manager(req: Request): Promise<Visitor> {
  const visitor = visitorOf(req);
  await checkManagesConnections(visitor.ctx);
  return visitor;
}

/** Throws HubError `not_permitted`, `not_found`. */
export async function openConnection(
  settings: PortalSettings,
  req: Request,
  res: Response,
  tab: Tab,
): Promise<ConnectionDesk> {
  const visitor = await manager(req);
  const { ctx } = visitor;
  const connection = await findConnectionOverview(ctx, String(req.params['id']));
  const path = `${CONNECTIONS}/${connection.id}`;
  const telling = tellingOf(settings, res, ctx);
  return {
    visitor,
    ctx,
    connection,
    path,
    telling,
    t: telling.t,
    frame: {
      ...(await shellLocals(visitor, 'connections')),
      connection,
      name: connection.name,
      path,
      listHref: CONNECTIONS,
      tabs: tabsOf(path, tab),
      dryRun: connection.settings.dryRun,
    },
  };
}
