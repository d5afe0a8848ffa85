// What every page of a connection starts from: who is at work, the connection, and the frame around the page. The pages are a
// chief administrator's; handing people over is everybody's who administers people (src/provisioning/may-hand-over.ts).
import type { Request, Response } from 'express';
import { checkManagesConnections } from '../../provisioning/check-manages.ts';
import { findConnectionOverview, type ConnectionOverview } from '../../provisioning/connection-overview.ts';
import { checkHandsOver } from '../../provisioning/may-hand-over.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf, type Visitor } from '../signed-in.ts';
import { tellingOf } from './setup-steps.ts';
import type { Telling } from './shown.ts';

export const CONNECTIONS = '/portal/connections';
const TABS = ['overview', 'setup', 'requests', 'existing', 'openings', 'settings'] as const;
type Tab = (typeof TABS)[number];

export const tabsOf = (path: string, current: Tab) =>
  TABS.map((key) => ({
    key,
    href: key === 'overview' ? path : `${path}/${key}`,
    current: key === current,
  }));

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

/** Throws HubError `not_permitted` for whoever administers nobody. `chief`: he decides about the connection as well. */
export async function handsOver(req: Request): Promise<{ visitor: Visitor; chief: boolean }> {
  const visitor = visitorOf(req);
  return { visitor, chief: (await checkHandsOver(visitor.ctx)).unbounded };
}

/** Throws HubError `not_permitted`, `not_found`. */
export async function openConnection(
  settings: PortalSettings,
  req: Request,
  res: Response,
  tab: Tab,
): Promise<ConnectionDesk> {
  const { visitor, chief } = tab === 'existing' ? await handsOver(req) : { visitor: await manager(req), chief: true };
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
      // Whoever hands people over and no more has one page.
      ...(chief && { tabs: tabsOf(path, tab) }),
      chief,
      dryRun: connection.settings.dryRun,
    },
  };
}
