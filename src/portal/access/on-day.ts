// "Who had what on that day?": a question, and the answer as a table for a spreadsheet.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { accessOn, type PastAccess } from '../../entitlements/access-on.ts';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import type { Application, Dimension, Language } from '../../applications/application.ts';
import { DIMENSIONS } from '../../applications/application.ts';
import type { Translate } from '../../texts.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import { sendCsv } from '../csv.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { dayOf, endOfDay } from '../../web/days.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { creatorLabel } from '../users/creator-label.ts';
import { accessTabs } from './access-tabs.ts';

const BEFORE = ['username', 'name', 'state', 'application', 'account', 'profile'] as const;
const AFTER = ['via', 'given_by', 'given', 'until'] as const;

function namesOf(
  application: Application | undefined,
  dimension: Dimension,
  row: PastAccess,
  language: Language,
  t: Translate,
): string {
  const values = row.values[dimension];
  if (values === undefined) return '';
  if (values === '*') return t(`portal:all.${dimension}`);
  if (!application || dimension === 'contracts' || dimension === 'billing_addresses') return values.join(', ');
  const known = new Map(application[dimension].map(({ key, label: labels }) => [key, label(labels, language)]));
  return values.map((value) => known.get(value) ?? value).join(', ');
}

export function onDayPages(settings: PortalSettings) {
  const { timeZone } = settings.site;
  /** The day of the address, until the end of which the trail is asked; of today, until now. */
  function asked(req: Request): { day: string; at: Date } | undefined {
    const { now } = visitorOf(req).ctx;
    const { day } = req.query;
    const end = typeof day === 'string' ? endOfDay(day, timeZone) : undefined;
    if (typeof day !== 'string' || !end) return undefined;
    return day > dayOf(now, timeZone) ? undefined : { day, at: new Date(Math.min(end.getTime() - 1, now.getTime())) };
  }

  async function show(req: Request, res: Response, faulty = false): Promise<void> {
    const visitor = visitorOf(req);
    await checkAdministers(visitor.ctx);
    const { day } = req.query;
    settings.render(
      res,
      'portal/access/on-day',
      {
        ...(await shellLocals(visitor, 'access')),
        tabs: accessTabs('on_day'),
        organization: visitor.organizationName,
        day: typeof day === 'string' ? day : dayOf(visitor.ctx.now, timeZone),
        today: dayOf(visitor.ctx.now, timeZone),
        ...(faulty && { errors: [{ key: 'access:on_day.no_day', field: 'day' }] }),
      },
      { status: faulty ? 422 : 200 },
    );
  }

  async function* rows(req: Request, res: Response, at: Date): AsyncGenerator<string[][]> {
    const t = translatorOf(settings.site, res);
    const language = languageOf(res, settings.site);
    for await (const chunk of accessOn(visitorOf(req).ctx, at)) {
      yield chunk.map((row) => {
        const application = settings.catalogue.get(row.application);
        const profile = application?.profiles.find(({ key }) => key === row.profile);
        const via = [
          ...(row.groups.length > 0 ? [t('access:way.group', { groups: row.groups.join(' › ') })] : []),
          ...(row.role === null ? [] : [t('access:way.role', { role: row.role })]),
        ];
        return [
          row.userName,
          row.name,
          t(row.active ? 'shell:state.active' : 'shell:state.deactivated'),
          application ? label(application.label, language) : row.application,
          row.accountNumber ?? '',
          profile ? label(profile.label, language) : (row.profile ?? ''),
          ...DIMENSIONS.map((dimension) => namesOf(application, dimension, row, language, t)),
          via.length > 0 ? via.join(' · ') : t('access:way.direct'),
          creatorLabel({ ...row.givenBy, id: '' }, t),
          row.givenAt.toISOString(),
          row.validUntil?.toISOString() ?? '',
        ];
      });
    }
  }

  async function exported(req: Request, res: Response): Promise<void> {
    const when = asked(req);
    if (!when) return show(req, res, true);
    const t = translatorOf(settings.site, res);
    const header = [
      ...BEFORE.map((column) => t(`access:column.${column}`)),
      ...DIMENSIONS.map((dimension) => t(`rights:list.${dimension}`)),
      ...AFTER.map((column) => t(`access:column.${column}`)),
    ];
    await sendCsv(res, `${t('access:on_day.file')}-${when.day}`, header, rows(req, res, when.at));
  }

  return { show: (req: Request, res: Response) => show(req, res), exported };
}
