// Who is at the portal: the provider's own session, one sign-in for everything. Whoever has none is sent to sign in
// and comes back to the page he asked for.
import type { Request, RequestHandler, Response } from 'express';
import { PORTAL_CLIENT_ID, portalRedirectUri } from '../clients/portal-client.ts';
import type { OrganizationCtx } from '../context.ts';
import type { FoundSession } from '../credentials/find-session.ts';
import { nameOf } from '../users/user-row.ts';
import { bindForms } from '../web/csrf.ts';
import { keepPrivate } from '../web/headers.ts';
import { suggestLanguage } from '../web/page.ts';
import { requestIdOf } from '../web/request-id.ts';
import {
  returnFromSignIn as returnThroughDoor,
  sessionOf,
  signInUrl as doorUrl,
  type Door,
} from '../web/sign-in-door.ts';
import type { PortalSettings } from './portal-settings.ts';

export type Visitor = FoundSession & { ctx: OrganizationCtx; name: string };
const visitors = new WeakMap<Request, Visitor>();

/** The person whose page this is. A programming error outside requireSignIn. */
export function visitorOf(req: Request): Visitor {
  const visitor = visitors.get(req);
  if (!visitor) throw new Error('This page needs a signed-in visitor');
  return visitor;
}

function visitorFrom(session: FoundSession, res: Response, settings: PortalSettings): Visitor {
  const { organizationId, userId, document } = session;
  const label = String(document['userName']);
  return {
    ...session,
    name: nameOf(document),
    ctx: {
      organizationId,
      actor: { kind: 'user', id: userId, organizationId, label },
      requestId: requestIdOf(res),
      now: new Date(),
      log: settings.log,
    },
  };
}

const DOOR: Door = { clientId: PORTAL_CLIENT_ID, redirectUri: portalRedirectUri, home: '/portal' };

/** The address of the provider that asks for a sign-in and returns to `returnTo`, a path of ours. */
export const signInUrl = (
  settings: PortalSettings,
  returnTo: string,
  parameters: Record<string, string> = {},
): string => doorUrl(settings.site, { ...DOOR, parameters }, returnTo);

/** A form cannot be repeated after a sign-in: the page on which it stood comes back. */
function pageOf(req: Request, publicUrl: URL): string {
  if (req.method === 'GET') return req.originalUrl;
  const from = URL.parse(req.get('referer') ?? '');
  return from?.origin === publicUrl.origin && from.pathname.startsWith('/portal')
    ? from.pathname + from.search
    : DOOR.home;
}

/** Where the provider sends people back to. */
export const returnFromSignIn = (settings: PortalSettings): RequestHandler => returnThroughDoor(settings.site, DOOR);

export function requireSignIn(settings: PortalSettings): RequestHandler {
  return async (req, res, next) => {
    const session = await sessionOf(req, settings.site);
    if (!session) {
      keepPrivate(res);
      return void res.redirect(303, signInUrl(settings, pageOf(req, settings.site.publicUrl)));
    }
    visitors.set(req, visitorFrom(session, res, settings));
    bindForms(res, session.uid);
    const language = session.document['preferredLanguage'];
    if (typeof language === 'string') suggestLanguage(res, { profile: language });
    next();
  };
}
