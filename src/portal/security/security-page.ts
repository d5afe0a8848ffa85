// "Security": one's own sessions, ways to sign in, and what happened to the account. Ends one session or all others.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { PORTAL_CLIENT_ID } from '../../clients/portal-client.ts';
import { endOtherSessions, endOwnSession } from '../../credentials/end-sessions.ts';
import { listSessions, type ListedSession } from '../../credentials/list-sessions.ts';
import { listFactors } from '../../credentials/manage-factors.ts';
import { passwordChangedAt } from '../../credentials/store-password.ts';
import { HubError } from '../../errors.ts';
import { isId } from '../../users/is-id.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { deviceLabel } from './device-label.ts';
import { securityEvents } from './security-events.ts';

export const SECURITY_PATH = '/portal/security';
/** What has just been done. */
const DONE = ['ended', 'others_ended', 'renamed', 'removed'] as const;

export function securityPages({ site, render, catalogue }: PortalSettings) {
  async function show(req: Request, res: Response): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx, userId, organizationId, uid } = visitor;
    const [language, t] = [languageOf(res, site), translatorOf(site, res)];
    const { after, before } = req.query;
    const [sessions, factors, changedAt, history] = await Promise.all([
      listSessions(ctx, userId),
      listFactors(ctx, userId),
      passwordChangedAt(organizationId, userId),
      securityEvents(
        visitor,
        { texts: site.texts, language, t, catalogue, timeZone: site.timeZone },
        {
          ...(typeof after === 'string' && isId(after) && { after }),
          ...(typeof before === 'string' && isId(before) && { before }),
        },
      ),
    ]);
    const applicationsOf = ({ clients }: ListedSession) => [
      ...new Set(
        clients
          .filter(({ clientId }) => clientId !== PORTAL_CLIENT_ID)
          .map((client) => {
            const known = client.application === null ? undefined : catalogue.get(client.application);
            return known ? label(known.label, language) : client.name;
          }),
      ),
    ];
    const done = DONE.find((one) => one === req.query['done']);
    const page = (cursor: string | null, name: 'after' | 'before') =>
      cursor === null ? undefined : `${SECURITY_PATH}?${name}=${cursor}#history`;
    render(res, 'portal/security/security', {
      ...(await shellLocals(visitor, 'security')),
      sessions: sessions
        .map((session) => ({
          ...session,
          current: session.uid === uid,
          label: deviceLabel(session, t),
          applications: applicationsOf(session),
        }))
        .toSorted((a, b) => Number(b.current) - Number(a.current)),
      others: sessions.filter((session) => session.uid !== uid).length,
      passwordChangedAt: changedAt,
      factors: factors.factors,
      recoveryCodes: factors.recoveryCodes,
      required: factors.required,
      path: SECURITY_PATH,
      events: history.events,
      nextHref: page(history.next, 'after'),
      previousHref: page(history.previous, 'before'),
      ...(done && { notice: { kind: 'ok', text: t(`security:done.${done}`) } }),
    });
  }

  /** One; this one as well, which is a sign-out of its own kind. */
  async function end(req: Request, res: Response): Promise<void> {
    const { ctx, userId } = visitorOf(req);
    try {
      await endOwnSession(ctx, { userId, uid: formFields(req.body)['session'] ?? '' });
    } catch (error) {
      // Ended meanwhile, in another tab or by itself: what was wanted is so.
      if (!(error instanceof HubError) || error.code !== 'not_found') throw error;
    }
    res.redirect(303, `${SECURITY_PATH}?done=ended`);
  }

  async function endOthers(req: Request, res: Response): Promise<void> {
    const { ctx, userId, uid } = visitorOf(req);
    await endOtherSessions(ctx, { userId, exceptSession: uid });
    res.redirect(303, `${SECURITY_PATH}?done=others_ended`);
  }

  return { show, end, endOthers };
}
