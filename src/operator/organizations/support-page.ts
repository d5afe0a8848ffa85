// Support at work for a customer: whether his administrators let it act and until when, beginning to, and who did what so far.
import type { Request, Response } from 'express';
import { listEvents } from '../../audit/list-events.ts';
import { findOrganization } from '../../organizations/find-organization.ts';
import { endVisit } from '../../support/end-visit.ts';
import { findVisit } from '../../support/find-visit.ts';
import { findSupportVisit, listSupportVisits, openSupportConsents } from '../../support/list-support.ts';
import { LONGEST_REASON, startVisit } from '../../support/start-visit.ts';
import { nameOf } from '../../users/user-row.ts';
import { shownEvents } from '../../web/event-sentences.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import type { OperatorRoute } from '../mount.ts';
import type { OperatorSettings } from '../operator-settings.ts';
import { shellLocals } from '../shell.ts';
import { staffIn, staffOf } from '../staff.ts';
import { PATH } from './list.ts';

const AT = '/organizations/:organization/support';
const SIZE = 25;
const EVENTS = 100;
/** Where he acts. */
const PORTAL = '/portal';

export function supportPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, site, catalogue } = settings;
  const ctxOf = (req: Request) => staffIn(req, String(req.params['organization']));
  const textIn = (value: unknown) => (typeof value === 'string' ? value : undefined);

  async function page(req: Request, res: Response, errors: readonly Fault[] = [], status = 200): Promise<void> {
    const ctx = ctxOf(req);
    const { userId, sessionUid, may } = staffOf(req);
    const after = textIn(req.query['after']);
    const organization = await findOrganization(ctx, ctx.organizationId);
    const [consents, visits, own, shell] = await Promise.all([
      openSupportConsents(ctx),
      listSupportVisits(ctx, { limit: SIZE, ...(after !== undefined && { after }) }),
      findVisit({ uid: sessionUid, userId }, ctx.now),
      shellLocals(settings, req, res, 'organizations'),
    ]);
    const { consent, reason = '' } = formFields(req.body);
    const at = `${PATH}/${organization.id}/support`;
    render(
      res,
      'operator/organizations/support',
      {
        ...shell,
        organization,
        at,
        consents: consents.map((one) => ({ ...one, chosen: consents.length === 1 || one.id === consent })),
        reason,
        longestReason: LONGEST_REASON,
        visits: visits.items.map((one) => ({ ...one, href: may('audit.read') ? `${at}/${one.id}` : undefined })),
        nextHref: visits.next === null ? undefined : `${at}?after=${visits.next}`,
        firstHref: after === undefined ? undefined : at,
        acting:
          own?.over === null
            ? { name: nameOf(own.document), organization: own.organizationName, href: PORTAL }
            : undefined,
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  async function act(req: Request, res: Response): Promise<void> {
    const { consent, reason = '' } = formFields(req.body);
    try {
      await startVisit(ctxOf(req), {
        reason,
        sessionUid: staffOf(req).sessionUid,
        ...(consent !== undefined && { consentId: consent }),
      });
    } catch (error) {
      const { status, code, faults } = refusalOf(error);
      const said = code === 'invalid_input' ? [{ key: 'operator:act.reason_missing', field: 'reason' }] : faults;
      return page(req, res, said, status);
    }
    res.redirect(303, PORTAL);
  }

  async function visit(req: Request, res: Response): Promise<void> {
    const ctx = ctxOf(req);
    const organization = await findOrganization(ctx, ctx.organizationId);
    const found = await findSupportVisit(ctx, String(req.params['visit']));
    const [before, after] = [textIn(req.query['before']), textIn(req.query['after'])];
    const events = await listEvents(ctx, {
      visitId: found.id,
      size: EVENTS,
      ...(after !== undefined && { after }),
      ...(before !== undefined && { before }),
    });
    const telling = {
      texts: site.texts,
      language: languageOf(res, site),
      t: translatorOf(site, res),
      catalogue,
      timeZone: site.timeZone,
    };
    const at = `${PATH}/${organization.id}/support`;
    render(res, 'operator/organizations/support-visit', {
      ...(await shellLocals(settings, req, res, 'organizations')),
      organization,
      at,
      visit: found,
      events: await shownEvents(ctx, events.events, telling),
      nextHref: events.next === null ? undefined : `${at}/${found.id}?after=${events.next}`,
      firstHref: after === undefined ? undefined : `${at}/${found.id}`,
    });
  }

  async function end(req: Request, res: Response): Promise<void> {
    const ctx = ctxOf(req);
    await endVisit(ctx, String(req.params['visit']));
    res.redirect(303, `${PATH}/${ctx.organizationId}/support?done=ended`);
  }

  return [
    { method: 'get', path: AT, needs: 'organizations.read', handle: (req, res) => page(req, res) },
    { method: 'post', path: AT, needs: 'organizations.act', handle: act },
    { method: 'get', path: `${AT}/:visit`, needs: 'audit.read', handle: visit },
    { method: 'post', path: `${AT}/:visit/end`, needs: 'organizations.act', handle: end },
  ];
}
