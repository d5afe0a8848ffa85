// "History": who did what and when, in sentences. An administrator sees his organization, everybody what happened to himself.
import type { Request, Response } from 'express';
import { label } from '../applications/catalogue.ts';
import { EVENT_KINDS, eachEvent, listEvents, type EventFilter, type EventKind } from '../audit/list-events.ts';
import { administrationRightsOf, rankOf } from '../entitlements/administration-rights-of.ts';
import { findGroupByName } from '../groups/find-by-name.ts';
import { findGroup } from '../groups/find-group.ts';
import { findByUserName } from '../users/find-by-user-name.ts';
import { findUser } from '../users/find-user.ts';
import { isId } from '../users/is-id.ts';
import { nameOf } from '../users/user-row.ts';
import { dayOf, endOfDay, startOfDay } from '../web/days.ts';
import { shownEvents, type Telling } from '../web/event-sentences.ts';
import { languageOf } from '../web/page.ts';
import { translatorOf } from '../web/render.ts';
import { sendCsv } from './csv.ts';
import type { PortalSettings } from './portal-settings.ts';
import { shellLocals } from './shell.ts';
import { visitorOf } from './signed-in.ts';

const PATH = '/portal/history';
const SIZE = 50;
const KINDS = Object.keys(EVENT_KINDS) as EventKind[];

type Asked = {
  user?: string;
  group?: string;
  application?: string;
  kind?: EventKind;
  from?: string;
  until?: string;
  visit?: string;
};

export function historyPages({ site, render, catalogue }: PortalSettings) {
  const tellingOf = (res: Response): Telling => ({
    texts: site.texts,
    language: languageOf(res, site),
    t: translatorOf(site, res),
    catalogue,
    timeZone: site.timeZone,
  });

  /** `user` is an id or, typed into the form, a username. Who administers nobody asks about himself, whatever the address says. */
  async function read(
    req: Request,
  ): Promise<{ asked: Asked; filter: EventFilter; administers: boolean; unknown: boolean; unknownGroup: boolean }> {
    const { ctx, userId } = visitorOf(req);
    const { user, group, application, kind, from, until, visit } = req.query;
    const administers = rankOf((await administrationRightsOf(ctx, [userId])).get(userId) ?? []) !== 'none';
    const typed = typeof user === 'string' && user.trim() !== '' ? user.trim() : undefined;
    const found = typed === undefined || isId(typed) ? typed?.toLowerCase() : (await findByUserName(ctx, typed))?.id;
    const unknown = typed !== undefined && found === undefined;
    const named = administers && typeof group === 'string' && group.trim() !== '' ? group.trim() : undefined;
    const foundGroup =
      named === undefined || isId(named) ? named?.toLowerCase() : (await findGroupByName(ctx, named))?.id;
    const unknownGroup = named !== undefined && foundGroup === undefined;
    const begin = startOfDay(String(from ?? ''), site.timeZone);
    const end = endOfDay(String(until ?? ''), site.timeZone);
    const asked: Asked = {
      ...(administers ? found !== undefined && { user: found } : { user: userId }),
      ...(foundGroup !== undefined && { group: foundGroup }),
      ...(typeof application === 'string' && catalogue.has(application) && { application }),
      ...(KINDS.includes(kind as EventKind) && { kind: kind as EventKind }),
      ...(begin && { from: String(from) }),
      ...(end && { until: String(until) }),
      ...(administers && typeof visit === 'string' && isId(visit) && { visit }),
    };
    const filter: EventFilter = {
      ...(asked.user !== undefined && { userId: asked.user }),
      ...(asked.group !== undefined && { groupId: asked.group }),
      ...(asked.application !== undefined && { application: asked.application }),
      ...(asked.kind && { kind: asked.kind }),
      ...(asked.visit !== undefined && { visitId: asked.visit }),
      ...(begin && { from: begin }),
      ...(end && { until: end }),
    };
    return { asked, filter, administers, unknown, unknownGroup };
  }

  const href = (asked: Asked, changes: Record<string, string | undefined> = {}, path = PATH): string => {
    const pairs = Object.entries<string | undefined>({ ...asked, ...changes }).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    );
    return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs).toString()}`;
  };

  async function show(req: Request, res: Response): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx } = visitor;
    const telling = tellingOf(res);
    const { t } = telling;
    const { asked, filter, administers, unknown, unknownGroup } = await read(req);
    const { after, before } = req.query;
    const [page, person, group] = await Promise.all([
      listEvents(ctx, {
        ...filter,
        size: SIZE,
        ...(typeof after === 'string' && { after }),
        ...(typeof before === 'string' && { before }),
      }),
      asked.user === undefined ? undefined : findUser(ctx, asked.user),
      asked.group === undefined ? undefined : findGroup(ctx, asked.group),
    ]);
    const day = (text: string) =>
      new Intl.DateTimeFormat(telling.language === 'en' ? 'en-GB' : telling.language, {
        dateStyle: 'long',
        timeZone: 'UTC',
      }).format(Date.parse(text));
    const nameOfApplication = (key: string): string => {
      const application = catalogue.get(key);
      return application ? label(application.label, telling.language) : key;
    };
    const chips = [
      ...(asked.user !== undefined && administers && person
        ? [{ label: t('history:chip.user', { name: nameOf(person.document) }), href: href(asked, { user: undefined }) }]
        : []),
      ...(group
        ? [
            {
              label: t('history:chip.group', { name: group.document['displayName'] }),
              href: href(asked, { group: undefined }),
            },
          ]
        : []),
      ...(asked.application === undefined
        ? []
        : [
            {
              label: t('history:chip.application', { name: nameOfApplication(asked.application) }),
              href: href(asked, { application: undefined }),
            },
          ]),
      ...(asked.kind ? [{ label: t(`history:kind.${asked.kind}`), href: href(asked, { kind: undefined }) }] : []),
      ...(asked.from === undefined
        ? []
        : [{ label: t('history:chip.from', { day: day(asked.from) }), href: href(asked, { from: undefined }) }]),
      ...(asked.until === undefined
        ? []
        : [{ label: t('history:chip.until', { day: day(asked.until) }), href: href(asked, { until: undefined }) }]),
      ...(asked.visit === undefined
        ? []
        : [{ label: t('history:chip.visit'), href: href(asked, { visit: undefined }) }]),
    ];
    render(res, 'portal/history', {
      ...(await shellLocals(visitor, 'history')),
      organization: visitor.organizationName,
      administers,
      events: await shownEvents(ctx, page.events, telling),
      asked,
      userName: person ? String(person.document['userName']) : '',
      unknown: unknown ? String(req.query['user']) : undefined,
      groupName: group ? String(group.document['displayName']) : '',
      unknownGroup: unknownGroup ? String(req.query['group']) : undefined,
      applications: [...catalogue.values()].map(({ key }) => ({
        value: key,
        label: nameOfApplication(key),
        selected: key === asked.application,
      })),
      kinds: KINDS.map((value) => ({ value, label: t(`history:kind.${value}`), chosen: asked.kind === value })),
      chips,
      action: PATH,
      clearHref: PATH,
      nextHref: page.next === null ? undefined : href(asked, { after: page.next }),
      previousHref: page.previous === null ? undefined : href(asked, { before: page.previous }),
      exportHref: href(asked, {}, `${PATH}/export.csv`),
    });
  }

  async function* rows(req: Request, filter: EventFilter, telling: Telling): AsyncGenerator<string[][]> {
    const { ctx } = visitorOf(req);
    for await (const chunk of eachEvent(ctx, filter)) {
      const shown = await shownEvents(ctx, chunk, telling);
      yield chunk.map((event, i) => {
        const { sentence = '', via = '', changes = [], changesLeftOut = 0 } = shown[i] ?? {};
        const told = changes.map(({ label: what, before, after }) => `${what}: ${before} -> ${after}`);
        const more = changesLeftOut === 0 ? [] : [telling.t('changes:more', { count: changesLeftOut })];
        return [
          event.at.toISOString(),
          event.actor.label,
          via,
          event.action,
          event.targetName ?? event.targetId,
          sentence,
          [...told, ...more].join('; '),
          event.requestId,
        ];
      });
    }
  }

  async function exported(req: Request, res: Response): Promise<void> {
    const telling = tellingOf(res);
    const { t } = telling;
    const { filter } = await read(req);
    const header = ['at', 'actor', 'via', 'action', 'target', 'sentence', 'changes', 'request'].map((column) =>
      t(`history:column.${column}`),
    );
    await sendCsv(
      res,
      `${t('history:export_name')}-${dayOf(visitorOf(req).ctx.now, site.timeZone)}`,
      header,
      rows(req, filter, telling),
    );
  }

  return { show, exported };
}
