// While a member of the operator's staff acts for an administrator: what he does not get at meanwhile, and his own "stop".
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { HubError } from '../../errors.ts';
import { stopVisits } from '../../support/end-visit.ts';
import { keepPrivate } from '../../web/headers.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf, type ActingStaff } from '../signed-in.ts';
import { operatorPage } from './visit-over.ts';

/** Paths below /portal that support gets at; every other one is the administrator's alone, new ones too. */
const OPEN: readonly RegExp[] = [
  /^\/$/,
  /^\/(session|sign-out|support\/stop)$/,
  /^\/(accounts|my-rights|why|administrators|account-settings\/access)$/,
  /^\/(groups|roles|mandates|access|reviews|history|substitutes|requests|connections|users)(\/|$)/,
];
/** Of these: what is asked for or withdrawn in one's own name, what goes on after the consent, a directory's credentials. */
const CLOSED: readonly RegExp[] = [
  /^\/requests\/[^/]+\/cancel$/,
  /^\/users\/import(\/|$)/,
  /^\/connections\/[^/]+\/(links|clients|setup\/tokens)(\/|$)/,
];

const isOpen = (path: string): boolean => {
  const clean = path.toLowerCase().replace(/(?<=.)\/+$/, '');
  return OPEN.some((one) => one.test(clean)) && !CLOSED.some((one) => one.test(clean));
};

async function refuse({ render }: PortalSettings, req: Request, res: Response): Promise<void> {
  const visitor = visitorOf(req);
  const locals = { ...(await shellLocals(visitor, 'home')), name: visitor.name, usersHref: '/portal/users' };
  render(res, 'portal/support/refused', locals, { status: 403 });
}

/** Behind requireSignIn and the check of forms. */
export const keepPersonal =
  (settings: PortalSettings): RequestHandler =>
  async (req, res, next) => {
    if (!visitorOf(req).acting || isOpen(req.path)) return next();
    await refuse(settings, req, res);
  };

/** Last of the portal: what the domain does not let support do, where the page itself does not say it. */
export const sayNotWhileActing =
  (settings: PortalSettings): ErrorRequestHandler =>
  async (error: unknown, req, res, next) => {
    if (!(error instanceof HubError) || error.code !== 'not_while_acting' || res.headersSent) return next(error);
    await refuse(settings, req, res);
  };

/** "Stop acting": back to where he began. */
export async function stopActing(req: Request, res: Response): Promise<void> {
  const { acting, ctx, organizationId } = visitorOf(req);
  keepPrivate(res);
  if (!acting) return void res.redirect(303, '/portal');
  await stopVisits({ ...ctx, actor: staffActor(acting) }, acting.session.uid);
  res.redirect(303, operatorPage(organizationId));
}

const staffActor = ({ session, name }: ActingStaff) => ({ kind: 'operator' as const, id: session.userId, label: name });

/** Signing out ends it as well; the sign-out itself is the staff's. */
export async function stopAtSignOut(req: Request): Promise<void> {
  const { acting, ctx } = visitorOf(req);
  if (acting) await stopVisits({ ...ctx, actor: staffActor(acting) }, acting.session.uid);
}
