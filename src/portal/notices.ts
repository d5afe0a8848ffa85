// "Notices": what the person wants to hear of by e-mail, and how soon. What protects an account is listed and not offered.
import type { Request, Response } from 'express';
import { mailableAddress } from '../mail/mail-user.ts';
import { noticePreferences, setNoticePreferences, topicsIn } from '../notices/preferences.ts';
import { DELIVERIES, type Delivery, type Topic } from '../notices/topics.ts';
import { translatorOf } from '../web/render.ts';
import type { PortalSettings } from './portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../web/refusal.ts';
import { shellLocals } from './shell.ts';
import { visitorOf } from './signed-in.ts';

export const NOTICES_PATH = '/portal/notices';
const ALWAYS = ['password', 'sign_in', 'deactivated', 'administrators'] as const;

export function noticePages({ site, render }: PortalSettings) {
  async function show(req: Request, res: Response, faults: readonly Fault[] = [], status = 200): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx, userId, document } = visitor;
    const chosen = await noticePreferences(ctx, userId);
    render(
      res,
      'portal/notices',
      {
        ...(await shellLocals(visitor, 'my_identification')),
        action: NOTICES_PATH,
        detailsHref: '/portal/details',
        topics: topicsIn(ctx.organizationId).map((topic) => ({ topic, chosen: chosen[topic] })),
        deliveries: DELIVERIES,
        always: ALWAYS,
        reachable: mailableAddress(document) !== undefined,
        ...(req.query['done'] === 'saved' && {
          notice: { kind: 'ok', text: translatorOf(site, res)('notices:saved') },
        }),
        ...(faults.length > 0 && { errors: faults }),
      },
      { status },
    );
  }

  async function save(req: Request, res: Response): Promise<void> {
    const { ctx, userId } = visitorOf(req);
    const fields = formFields(req.body);
    const typed = topicsIn(ctx.organizationId).flatMap((topic): [Topic, Delivery][] =>
      fields[topic] === undefined ? [] : [[topic, fields[topic] as Delivery]],
    );
    try {
      // What is no choice is refused by the domain.
      await setNoticePreferences(ctx, userId, Object.fromEntries(typed));
    } catch (error) {
      const { faults, status } = refusalOf(error);
      return show(req, res, faults, status);
    }
    res.redirect(303, `${NOTICES_PATH}?done=saved`);
  }

  return { show: (req: Request, res: Response) => show(req, res), save };
}
