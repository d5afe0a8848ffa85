// Who is at the portal: the provider's own session, one sign-in for everything. Whoever has none is sent to sign in
// and comes back to the page he asked for.
import type { Request, RequestHandler, Response } from 'express';
import { PORTAL_CLIENT_ID, portalRedirectUri, portalSignedOutUri } from '../clients/portal-client.ts';
import type { OrganizationCtx } from '../context.ts';
import type { FoundSession } from '../credentials/find-session.ts';
import type { SessionRef } from '../credentials/note-session.ts';
import { owesFirst } from '../credentials/owed-first.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { findVisit, type FoundVisit } from '../support/find-visit.ts';
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
import { actingBanner, tellVisitOver } from './support/visit-over.ts';

/** A member of the operator's staff in the place of the visitor: his own session stands behind the page. */
export type ActingStaff = {
  readonly visit: FoundVisit;
  readonly session: SessionRef;
  readonly name: string;
};

/** Whose page it is. `uid` and the times are those of the session; it is another person's where support acts. */
export type Visitor = FoundSession & { ctx: OrganizationCtx; name: string; acting?: ActingStaff };
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

/** The administrator, by a member of staff who acts for him. */
function actedVisitor(staff: Visitor, visit: FoundVisit): Visitor {
  const { organizationId, organizationName, userId, document, lastSignInAt } = visit;
  const actedBy = { id: staff.userId, label: staff.name, visit: visit.id };
  return {
    ...staff,
    ...{ organizationId, organizationName, userId, document, lastSignInAt },
    name: nameOf(document),
    ctx: {
      ...staff.ctx,
      organizationId,
      actor: { kind: 'user', id: userId, organizationId, label: String(document['userName']), actedBy },
    },
    acting: {
      visit,
      session: { organizationId: staff.organizationId, userId: staff.userId, uid: staff.uid },
      name: staff.name,
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

/** The address that asks whether the person signs out. */
export function signOutUrl({ site: { publicUrl } }: PortalSettings): string {
  const url = new URL('/oidc/session/end', publicUrl);
  url.searchParams.set('client_id', PORTAL_CLIENT_ID);
  url.searchParams.set('post_logout_redirect_uri', portalSignedOutUri(publicUrl));
  return url.href;
}

/** Where the provider sends people back to. Whoever declined what comes before the portal may sign out. */
export function returnFromSignIn(settings: PortalSettings): RequestHandler {
  const comeBack = returnThroughDoor(settings.site, DOOR);
  return (req, res, next) => {
    if (req.query['error'] !== 'access_denied') return comeBack(req, res, next);
    keepPrivate(res);
    res.redirect(303, signOutUrl(settings));
  };
}

/** Only staff act for others, and only in a session that proved a second factor. */
const visitOf = ({ organizationId, userId, uid, amr, ctx }: Visitor) =>
  organizationId === OPERATOR_ORGANIZATION_ID && amr.includes('mfa') ? findVisit({ uid, userId }, ctx.now) : undefined;

export function requireSignIn(settings: PortalSettings): RequestHandler {
  return async (req, res, next) => {
    const session = await sessionOf(req, settings.site);
    const own = session && visitorFrom(session, res, settings);
    if (!own || (own.mayOwe && (await owesFirst(own.ctx, own)))) {
      keepPrivate(res);
      return void res.redirect(303, signInUrl(settings, pageOf(req, settings.site.publicUrl)));
    }
    const visit = await visitOf(own);
    if (visit && visit.over !== null) return void (await tellVisitOver(settings, req, res, own, visit));
    const visitor = visit ? actedVisitor(own, visit) : own;
    visitors.set(req, visitor);
    // A form of one's own page does nothing in somebody else's place, nor the other way round.
    bindForms(res, visit ? `${own.uid} ${visit.id}` : own.uid);
    if (visitor.acting) res.locals.acting = actingBanner(visitor, visitor.acting);
    const language = own.document['preferredLanguage'];
    if (typeof language === 'string') suggestLanguage(res, { profile: language });
    next();
  };
}
