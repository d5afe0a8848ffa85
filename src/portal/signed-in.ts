// Who is at the portal: the provider's own session, one sign-in for everything. Whoever has none is sent to sign in
// and comes back to the page he asked for.
import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { PORTAL_CLIENT_ID, portalRedirectUri } from '../clients/portal-client.ts';
import type { OrganizationCtx } from '../context.ts';
import { findSession, type FoundSession } from '../credentials/find-session.ts';
import { nameOf } from '../users/user-row.ts';
import { readCookie, sign, unsign } from '../web/cookies.ts';
import { bindForms } from '../web/csrf.ts';
import { keepPrivate } from '../web/headers.ts';
import { suggestLanguage } from '../web/page.ts';
import { requestIdOf } from '../web/request-id.ts';
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

/** The address of the provider that asks for a sign-in and returns to `returnTo`, a path of ours. */
export function signInUrl(settings: PortalSettings, returnTo: string): string {
  const { publicUrl, keys } = settings.site;
  const url = new URL('/oidc/auth', publicUrl);
  const parameters = {
    client_id: PORTAL_CLIENT_ID,
    response_type: 'none',
    scope: 'openid',
    redirect_uri: portalRedirectUri(publicUrl),
    state: sign('portal return', `${randomBytes(9).toString('base64url')} ${returnTo}`, keys),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Where the provider sends people back to. Only a path that we signed ourselves is followed. */
export const returnFromSignIn =
  (settings: PortalSettings): RequestHandler =>
  (req, res) => {
    const state = unsign('portal return', String(req.query['state'] ?? ''), settings.site.keys);
    const path = state?.slice(state.indexOf(' ') + 1) ?? '/portal';
    keepPrivate(res);
    res.redirect(303, req.query['error'] === undefined ? path : '/');
  };

export function requireSignIn(settings: PortalSettings): RequestHandler {
  const { publicUrl } = settings.site;
  return async (req, res, next) => {
    const cookie = readCookie(req, publicUrl, 'session');
    const session = cookie === undefined ? undefined : await findSession(cookie, new Date());
    if (!session) {
      keepPrivate(res);
      return void res.redirect(303, signInUrl(settings, req.method === 'GET' ? req.originalUrl : '/portal'));
    }
    visitors.set(req, visitorFrom(session, res, settings));
    bindForms(res, session.uid);
    const language = session.document['preferredLanguage'];
    if (typeof language === 'string') suggestLanguage(res, { profile: language });
    next();
  };
}
