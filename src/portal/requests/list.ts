// Requests for access: what waits for the visitor's answer, what was answered, and what he asked for himself.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { listInbox } from '../../requests/inbox.ts';
import { requestsOf, type AccessRequest } from '../../requests/request-row.ts';
import { loadReach } from '../../requests/reach.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { fieldOf } from '../rights/desk.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { REQUESTS } from './ask.ts';

const SIZE = 25;
const VIEWS = ['waiting', 'decided', 'mine'] as const;
const DONE = ['approved', 'denied'] as const;

export const requestList = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const visitor = visitorOf(req);
  const { ctx, userId } = visitor;
  const language = languageOf(res, settings.site);
  const t = translatorOf(settings.site, res);
  const reach = await loadReach(ctx);
  const answers = reach.applications.length > 0;
  const asked = VIEWS.find((one) => one === req.query['view']);
  const view = answers ? (asked ?? 'waiting') : 'mine';
  const key = fieldOf(req.query, 'application');
  const after = fieldOf(req.query, 'after');
  const application = settings.catalogue.has(key) ? key : undefined;
  const page =
    view === 'mine'
      ? { requests: await requestsOf(ctx, userId), next: null }
      : await listInbox(ctx, {
          view,
          ...(application === undefined ? {} : { application }),
          ...(after === '' ? {} : { after }),
          size: SIZE,
        });
  const nameOf = (one: string): string => {
    const found = settings.catalogue.get(one);
    return found ? label(found.label, language) : one;
  };
  const href = (more: Record<string, string>): string =>
    `${REQUESTS}?${new URLSearchParams({ view, ...(application === undefined ? {} : { application }), ...more }).toString()}`;
  const row = (request: AccessRequest) => ({
    ...request,
    application: nameOf(request.application),
    account: request.customerNumber ?? request.accountText,
    href: `${REQUESTS}/${request.id}`,
  });
  const done = DONE.find((one) => one === req.query['done']);
  settings.render(res, 'portal/requests/list', {
    ...(await shellLocals(visitor, 'requests')),
    ...(done ? { notice: { kind: 'ok', text: t(`requests:done.${done}`) } } : {}),
    view,
    tabs: answers ? VIEWS.map((one) => ({ key: one, href: `${REQUESTS}?view=${one}`, current: one === view })) : [],
    rows: page.requests.map(row),
    applications:
      view === 'mine'
        ? []
        : [...new Set(reach.applications)].map((one) => ({
            value: one,
            label: nameOf(one),
            chosen: one === application,
          })),
    narrowed: application !== undefined,
    clearHref: `${REQUESTS}?view=${view}`,
    nextHref: page.next === null ? undefined : href({ after: page.next }),
    firstHref: after === '' ? undefined : href({}),
  });
};
