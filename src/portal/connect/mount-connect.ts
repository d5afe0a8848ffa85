// The pages behind a set-up link, for a colleague without an account: the steps of one connection, its tokens, whether requests
// arrive, and the log. Nothing else of the organization: no handing over, no openings, no settings. Opening the link swaps it for
// a short cookie and a clean address; the link itself is asked at every request, so that revoking it ends every open page.
import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import { actorByLink, readSetupLink, type OpenSetupLink } from '../../provisioning/setup-link.ts';
import { clearCookie } from '../../web/cookies.ts';
import { bindForms, checkForms } from '../../web/csrf.ts';
import { openedLink, swapLink } from '../../web/opened-link.ts';
import { requestIdOf } from '../../web/request-id.ts';
import { showRequests } from '../connections/requests-page.ts';
import { setupSteps, type SetupPlace } from '../connections/setup-steps.ts';
import type { PortalSettings } from '../portal-settings.ts';

export const CONNECT_PATH = '/connect';
const COOKIE = 'connect';
/** The link brings a new one. */
const COOKIE_S = 4 * 60 * 60;

const visits = new WeakMap<Request, OpenSetupLink>();

function linkOf(req: Request): OpenSetupLink {
  const link = visits.get(req);
  if (!link) throw new Error('This page needs a set-up link');
  return link;
}

/** Mount at /connect, behind rememberChoices. */
export function connect(settings: PortalSettings): Router {
  const { site, render, log } = settings;
  const steps = setupSteps(settings);

  const tokenIn = (req: Request): string => openedLink(req, site, COOKIE);

  const bind: RequestHandler = (req, res, next) => {
    const token = tokenIn(req);
    if (token !== '') bindForms(res, `set-up ${token}`);
    next();
  };

  const requireLink: RequestHandler = async (req, res, next) => {
    const token = tokenIn(req);
    const link = await readSetupLink(token, new Date());
    if (link.state !== 'valid') {
      // Without a cookie it is not known which link there was.
      const reason = token === '' ? 'closed' : link.state;
      return render(
        res,
        'connect/refused',
        { reason },
        { status: reason === 'expired' || reason === 'revoked' ? 410 : 404 },
      );
    }
    visits.set(req, link);
    next();
  };

  function frameOf(req: Request) {
    const { organizationName, connectionName, holder, createdBy, expiresAt } = linkOf(req);
    return {
      organization: organizationName,
      name: connectionName,
      holder,
      by: createdBy,
      expiresAt,
      leaveAction: `${CONNECT_PATH}/leave`,
      setupHref: CONNECT_PATH,
    };
  }

  function placeOf(req: Request, res: Response): SetupPlace {
    const link = linkOf(req);
    return {
      ctx: {
        organizationId: link.organizationId,
        actor: actorByLink(link),
        requestId: requestIdOf(res),
        now: new Date(),
        log,
      },
      connectionId: link.connectionId,
      path: CONNECT_PATH,
      logHref: `${CONNECT_PATH}/requests`,
      view: 'connect/setup',
      frame: () => Promise.resolve(frameOf(req)),
    };
  }

  const swap = ({ params }: Request, res: Response): void =>
    swapLink(res, site, { token: params['link'], cookie: COOKIE, path: CONNECT_PATH, seconds: COOKIE_S });

  function leave(_req: Request, res: Response): void {
    clearCookie(res, site.publicUrl, COOKIE);
    res.redirect(303, CONNECT_PATH);
  }

  async function requests(req: Request, res: Response): Promise<void> {
    const { ctx, connectionId, logHref: href } = placeOf(req, res);
    await showRequests(settings, req, res, {
      ctx,
      connectionId,
      href,
      view: 'connect/requests',
      frame: frameOf(req),
    });
  }

  const router = Router();
  router.use(express.urlencoded({ extended: false, limit: '64kb' }), bind, checkForms(site));
  router.post('/leave', leave);
  router.get('/', requireLink, (req, res) => steps.show(req, res, placeOf(req, res)));
  router.get('/state', requireLink, (req, res) => steps.state(req, res, placeOf(req, res)));
  router.get('/requests', requireLink, requests);
  router.post('/tokens', requireLink, (req, res) => steps.issue(req, res, placeOf(req, res)));
  router
    .route('/tokens/:token/revoke')
    .get(requireLink, (req, res) => steps.askRevoke(req, res, placeOf(req, res), 'connect/revoke-token'))
    .post(requireLink, (req, res) => steps.revoke(req, res, placeOf(req, res)));
  // Last, since a link has no fixed form: what is garbled is said on the page.
  router.get('/:link', swap);
  return router;
}
