// Who is at the operator's pages: a member of his staff with a role, whose session proved a second factor. Anybody else is
// sent to sign in as staff; a member without the permission for a page is told so.
import type { Request, RequestHandler, Response } from 'express';
import { OPERATOR_CLIENT_ID, operatorRedirectUri } from '../clients/operator-client.ts';
import type { Ctx, OrganizationCtx } from '../context.ts';
import type { FoundSession } from '../credentials/find-session.ts';
import { noteUse } from '../credentials/note-session.ts';
import { HubError } from '../errors.ts';
import type { ApiRole } from '../organizations/api-token.ts';
import { OPERATOR_ORGANIZATION_ID } from '../organizations/operator-organization.ts';
import { mayDo, type Permission } from '../organizations/permissions.ts';
import { staffRolesOf } from '../organizations/staff-roles.ts';
import { nameOf } from '../users/user-row.ts';
import { bindForms } from '../web/csrf.ts';
import { keepPrivate } from '../web/headers.ts';
import { suggestLanguage } from '../web/page.ts';
import { requestIdOf } from '../web/request-id.ts';
import { returnFromSignIn, sessionOf, signInUrl, type Door } from '../web/sign-in-door.ts';
import type { OperatorSettings } from './operator-settings.ts';

type Staff = {
  readonly ctx: Ctx;
  readonly userId: string;
  /** Of the session in which he works. */
  readonly sessionUid: string;
  readonly name: string;
  readonly roles: readonly ApiRole[];
  readonly may: (permission: Permission) => boolean;
};

const DOOR: Door = {
  clientId: OPERATOR_CLIENT_ID,
  redirectUri: operatorRedirectUri,
  home: '/operator',
  parameters: { acr_values: 'urn:mandate:acr:2', organization: OPERATOR_ORGANIZATION_ID },
};

const staff = new WeakMap<Request, Staff>();

/** The member of staff whose page this is. A programming error outside requireStaff. */
export function staffOf(req: Request): Staff {
  const found = staff.get(req);
  if (!found) throw new Error('This page needs a member of staff');
  return found;
}

/** He at work in one organization. */
export const staffIn = (req: Request, organizationId: string): OrganizationCtx => ({
  ...staffOf(req).ctx,
  organizationId: organizationId.toLowerCase(),
});

/** Where the provider sends staff back to. */
export const returnToOperator = (settings: OperatorSettings): RequestHandler => returnFromSignIn(settings.site, DOOR);

function staffFrom(session: FoundSession, roles: readonly ApiRole[], res: Response, settings: OperatorSettings): Staff {
  const { userId, uid, document } = session;
  return {
    userId,
    sessionUid: uid,
    name: nameOf(document),
    roles,
    may: (permission) => mayDo(roles, permission),
    ctx: {
      actor: { kind: 'operator', id: userId, label: String(document['userName']) },
      requestId: requestIdOf(res),
      now: new Date(),
      log: settings.log,
    },
  };
}

/** A session of the operator's organization, with a second factor. */
const isStaffSession = ({ organizationId, amr }: FoundSession): boolean =>
  organizationId === OPERATOR_ORGANIZATION_ID && amr.includes('mfa');

export function requireStaff(settings: OperatorSettings): RequestHandler {
  return async (req, res, next) => {
    const session = await sessionOf(req, settings.site);
    if (!session || !isStaffSession(session)) {
      keepPrivate(res);
      return void res.redirect(303, signInUrl(settings.site, DOOR, req.method === 'GET' ? req.originalUrl : DOOR.home));
    }
    bindForms(res, session.uid);
    const language = session.document['preferredLanguage'];
    if (typeof language === 'string') suggestLanguage(res, { profile: language });
    const roles = await staffRolesOf(session.userId);
    if (roles.length === 0) throw new HubError('not_permitted', 'You have no role in the operation of this portal.');
    const found = staffFrom(session, roles, res, settings);
    staff.set(req, found);
    // Without it, whoever works on these pages only would be signed out as idle.
    await noteUse(session, session.usedAt, found.ctx.now);
    next();
  };
}

/** Throws HubError `not_permitted`: staff without the permission, and everybody but an owner in the operator's own organization. */
export function allow(needs: Permission): RequestHandler {
  return (req, _res, next) => {
    const { roles } = staffOf(req);
    const ownersOnly =
      req.method !== 'GET' && String(req.params['organization']).toLowerCase() === OPERATOR_ORGANIZATION_ID;
    if (ownersOnly ? roles.includes('owner') : mayDo(roles, needs)) return next();
    throw new HubError('not_permitted', 'Your role does not allow this.');
  };
}
