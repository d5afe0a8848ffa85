// The log of a connection's requests as people read it: failures first, the reason in words, bodies without secrets. The same
// page for an administrator and for a colleague with a set-up link.
import type { Request, Response } from 'express';
import type { OrganizationCtx } from '../../context.ts';
import { listRequests } from '../../provisioning/request-log.ts';
import { isId } from '../../users/is-id.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { fieldOf } from '../rights/desk.ts';
import { tellingOf } from './setup-steps.ts';
import { shownRequest } from './shown.ts';

const PAGE = 50;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const HOURS = { day: 24, week: 7 * 24, month: 30 * 24 } as const;
const PERIODS = Object.keys(HOURS) as (keyof typeof HOURS)[];

type LogPlace = {
  readonly ctx: OrganizationCtx;
  readonly connectionId: string;
  readonly href: string;
  readonly view: string;
  readonly frame: Record<string, unknown>;
};

export async function showRequests(
  settings: PortalSettings,
  req: Request,
  res: Response,
  { ctx, connectionId, href, view, frame }: LogPlace,
): Promise<void> {
  const method = METHODS.find((one) => one === fieldOf(req.query, 'method'));
  const period = PERIODS.find((one) => one === fieldOf(req.query, 'period')) ?? 'month';
  const before = fieldOf(req.query, 'before');
  const asked = {
    connectionId,
    since: new Date(ctx.now.getTime() - HOURS[period] * 3_600_000),
    limit: PAGE + 1,
    ...(method && { method }),
    ...(isId(before) && { before }),
  };
  const wanted = fieldOf(req.query, 'show');
  // Without a choice what was refused comes first; where nothing was, everything.
  const refused = wanted === 'all' ? [] : await listRequests(ctx, { ...asked, failedOnly: true });
  const show = wanted === 'refused' || (wanted !== 'all' && refused.length > 0) ? 'refused' : 'all';
  const rows = show === 'refused' ? refused : await listRequests(ctx, asked);
  const telling = tellingOf(settings, res, ctx);
  const link = (more: Record<string, string>) => {
    const query = new URLSearchParams({ show, period, ...(method && { method }), ...more });
    return `${href}?${query.toString()}`;
  };
  const last = rows.length > PAGE ? rows[PAGE - 1] : undefined;
  settings.render(res, view, {
    ...frame,
    requests: rows.slice(0, PAGE).map((row) => shownRequest(row, telling)),
    shows: (['refused', 'all'] as const).map((key) => ({ key, href: link({ show: key }), current: key === show })),
    show,
    action: href,
    methods: METHODS.map((value) => ({ value, label: value, selected: value === method })),
    periods: PERIODS.map((value) => ({
      value,
      label: telling.t(`connections:log.period.${value}`),
      selected: value === period,
    })),
    firstHref: isId(before) ? link({}) : undefined,
    nextHref: last && link({ before: last.id }),
  });
}
