// The table of contents of the connections, below /portal/connections: for chief administrators.
import { Router, type Request, type Response } from 'express';
import type { PortalSettings } from '../portal-settings.ts';
import { openConnection, tabsOf } from './connection-desk.ts';
import { handoverPages } from './handover.ts';
import { connectionList } from './list.ts';
import { openingPages } from './openings.ts';
import { connectionOverview } from './overview.ts';
import { showRequests } from './requests-page.ts';
import { connectionSettingsPages } from './settings-page.ts';
import { setupSteps, type SetupPlace } from './setup-steps.ts';

export function connectionPages(settings: PortalSettings): Router {
  const list = connectionList(settings);
  const one = connectionOverview(settings);
  const steps = setupSteps(settings);
  const handover = handoverPages(settings);
  const openings = openingPages(settings);
  const how = connectionSettingsPages(settings);

  async function setupAt(req: Request, res: Response): Promise<SetupPlace> {
    const { ctx, connection, path, frame } = await openConnection(settings, req, res, 'setup');
    return {
      ctx,
      connectionId: connection.id,
      path: `${path}/setup`,
      logHref: `${path}/requests`,
      view: 'portal/connections/setup',
      frame: (current) => Promise.resolve({ ...frame, connection: current }),
    };
  }

  async function requests(req: Request, res: Response): Promise<void> {
    const { ctx, connection, path, frame } = await openConnection(settings, req, res, 'requests');
    await showRequests(settings, req, res, {
      ctx,
      connectionId: connection.id,
      href: `${path}/requests`,
      view: 'portal/connections/requests',
      frame: { ...frame, tabs: tabsOf(path, 'requests') },
    });
  }

  const router = Router();
  router.get('/', list.list);
  router.route('/new').get(list.askNew).post(list.create);
  router.get('/:id', one.show);
  router.get('/:id/setup', async (req, res) => steps.show(req, res, await setupAt(req, res)));
  router.get('/:id/setup/state', async (req, res) => steps.state(req, res, await setupAt(req, res)));
  router.post('/:id/setup/tokens', async (req, res) => steps.issue(req, res, await setupAt(req, res)));
  router
    .route('/:id/setup/tokens/:token/revoke')
    .get(async (req, res) => steps.askRevoke(req, res, await setupAt(req, res), 'portal/connections/revoke-token'))
    .post(async (req, res) => steps.revoke(req, res, await setupAt(req, res)));
  router.post('/:id/links', one.makeLink);
  router.route('/:id/links/:link/revoke').get(one.askRevokeLink).post(one.revokeLink);
  router.post('/:id/clients', one.makeClient);
  router.route('/:id/clients/:client/end').get(one.askEndClient).post(one.endClient);
  router.get('/:id/requests', requests);
  router.route('/:id/existing').get(handover.show).post(handover.act);
  router.get('/:id/openings', openings.show);
  router.get('/:id/openings/choose', openings.choose);
  router.route('/:id/openings/open').get(openings.askOpen).post(openings.open);
  router.route('/:id/openings/:target/close').get(openings.askClose).post(openings.close);
  router.route('/:id/settings').get(how.show).post(how.save);
  router.route('/:id/end').get(one.askEnd).post(one.end);
  return router;
}
