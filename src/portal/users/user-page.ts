// The page of one person: his details, where he comes from, what he may do, and everything that can be done with him here.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { openEmailChange } from '../../credentials/change-email.ts';
import { endSessionsOf } from '../../credentials/end-sessions.ts';
import { countSessions } from '../../credentials/list-sessions.ts';
import { administrationRightChoices } from '../../entitlements/change-administration-rights.ts';
import { rightsOf } from '../../entitlements/explain-access.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import { detailsOf } from '../../users/person-details.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { shownRights } from '../shown-rights.ts';
import { creatorLabel } from './creator-label.ts';
import { LIST_PATH } from './list-query.ts';
import { editRefusal, targetOf, type Target } from './target.ts';

/** What a link has just been sent, copied, revoked, changed. */
const DONE = [
  'edited',
  'deactivated',
  'reactivated',
  'invited',
  'revoked',
  'password_link',
  'rights',
  'factor_reset',
  'factor_denied',
  'sessions_ended',
] as const;

/** The acts of the page, each with the reason that stands in its way. */
function actsOf(target: Target) {
  const { user, refusals, himself, path } = target;
  const waiting = user.state !== 'deactivated' && !user.hasPassword;
  return {
    edit: { href: `${path}/edit`, code: editRefusal(target) },
    deactivate: user.state === 'deactivated' ? undefined : { href: `${path}/deactivate`, code: refusals.deactivate },
    reactivate: user.state === 'deactivated' ? { href: `${path}/reactivate`, code: refusals.reactivate } : undefined,
    invite: waiting ? { href: `${path}/invitation`, code: refusals.send_link } : undefined,
    copy: waiting ? { href: `${path}/invitation`, code: refusals.copy_link } : undefined,
    revoke:
      waiting && user.invitation.state !== 'none' ? { href: `${path}/invitation`, code: refusals.edit } : undefined,
    passwordLink:
      user.hasPassword && user.state !== 'deactivated' && !himself
        ? { href: `${path}/password`, code: refusals.send_link }
        : undefined,
    temporary:
      user.state !== 'deactivated' && !himself
        ? { href: `${path}/temporary-password`, code: refusals.set_temporary_password }
        : undefined,
    factor:
      user.hasPassword && user.state !== 'deactivated' && !himself
        ? { href: `${path}/second-factor`, code: refusals.reset_second_factor }
        : undefined,
    endSessions:
      user.state !== 'deactivated' && !himself ? { href: `${path}/sessions`, code: refusals.end_sessions } : undefined,
    rights: { href: `${path}/rights` },
    administration: { href: `${path}/administration-rights` },
    history: { href: `/portal/history?user=${user.id}` },
  };
}

export function userPages({ site, render, catalogue }: PortalSettings) {
  async function show(
    req: Request,
    res: Response,
    extra: { faults?: readonly Fault[]; status?: number; link?: { url: string; expiresAt: Date } } = {},
  ): Promise<void> {
    const target = await targetOf(req);
    const { visitor, user } = target;
    const language = languageOf(res, site);
    const t = translatorOf(site, res);
    const [held, choices, sessions, emailChange] = await Promise.all([
      rightsOf(visitor.ctx, { userId: user.id }),
      administrationRightChoices(visitor.ctx, user.id),
      countSessions(visitor.ctx, user.id),
      openEmailChange(visitor.ctx, user.id),
    ]);
    const rights = shownRights(
      held.effective.map((one) => ({
        ...one,
        accountNumber: held.numbers.get(one.entitlement.customerAccount) ?? one.entitlement.customerAccount,
      })),
      catalogue,
      language,
      t,
    );
    const done = DONE.find((one) => one === req.query['done']);
    render(
      res,
      'portal/users/user',
      {
        ...(await shellLocals(visitor, 'my_users')),
        user,
        name: user.name,
        himself: target.himself,
        details: detailsOf(user.document),
        emailChange,
        creator: creatorLabel(user.createdBy, t),
        administration: choices.filter(({ held: on }) => on),
        rights,
        withheld: held.withheld.length,
        sessions,
        uses: user.uses.map(({ application, lastUsedOn }) => {
          const known = catalogue.get(application);
          return {
            application: known ? label(known.label, language) : application,
            on: new Date(`${lastUsedOn}T12:00:00Z`),
          };
        }),
        acts: actsOf(target),
        listHref: LIST_PATH,
        link: extra.link,
        ...(done && { notice: { kind: 'ok', text: t(`users:done.${done}`, { name: user.name }) } }),
        ...(extra.faults && { errors: extra.faults }),
      },
      { status: extra.status ?? 200 },
    );
  }

  async function end(req: Request, res: Response): Promise<void> {
    const { visitor, user, path } = await targetOf(req);
    try {
      await endSessionsOf(visitor.ctx, user.id);
    } catch (error) {
      return show(req, res, refusalOf(error));
    }
    res.redirect(303, `${path}?done=sessions_ended`);
  }

  return { show, endSessions: end };
}
