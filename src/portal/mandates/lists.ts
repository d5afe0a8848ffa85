// The lists of mandates: the sub-contractors to whom one can be given, those that were given, and those that were received.
import type { Request, Response } from 'express';
import { listGivenMandates, listReceivedMandates, type ListedMandate } from '../../mandates/find-mandate.ts';
import { findRouter, listRouters } from '../../mandates/list-routers.ts';
import { findShowPeopleBy, setShowPeopleBy } from '../../mandates/show-people-by.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields } from '../../web/refusal.ts';
import { fieldOf } from '../rights/desk.ts';
import { MANDATES, openGivingDesk, openMandateDesk, shownMandate, type MandateDesk } from './mandate-desk.ts';

const SIZE = 25;
const DONE = ['given', 'changed', 'withdrawn', 'unchanged', 'shown_by'] as const;

export function noticeOf({ t }: MandateDesk, req: Request) {
  const done = DONE.find((one) => one === req.query['done']);
  return done ? { notice: { kind: done === 'unchanged' ? 'info' : 'ok', text: t(`mandates:done.${done}`) } } : {};
}

const href = (search: string, place: Record<string, string> = {}): string => {
  const query = new URLSearchParams({ ...(search === '' ? {} : { q: search }), ...place }).toString();
  return query === '' ? MANDATES : `${MANDATES}?${query}`;
};

export function listPages(settings: PortalSettings) {
  async function routers(req: Request, res: Response): Promise<void> {
    const desk = await openMandateDesk(settings, req, res, 'routers');
    // Who only receives mandates has no list to choose from.
    if (desk.mandatable.size === 0) return res.redirect(303, `${MANDATES}/received`);
    const search = fieldOf(req.query, 'q').trim().slice(0, 200);
    const [after, before] = [fieldOf(req.query, 'after'), fieldOf(req.query, 'before')];
    const page = await listRouters(desk.ctx, {
      search,
      ...(after === '' ? {} : { after }),
      ...(before === '' ? {} : { before }),
      size: SIZE,
    });
    const given = Map.groupBy(await listGivenMandates(desk.ctx), (one) => one.receiverOrganizationId);
    settings.render(res, 'portal/mandates/routers', {
      ...desk.frame,
      ...noticeOf(desk, req),
      search,
      routers: page.routers.map((router) => ({
        ...router,
        href: `${MANDATES}/routers/${router.id}`,
        mandates: given.get(router.id)?.length ?? 0,
      })),
      clearHref: MANDATES,
      nextHref: page.next === null ? undefined : href(search, { after: page.next }),
      previousHref: page.previous === null ? undefined : href(search, { before: page.previous }),
    });
  }

  async function rowsOf(desk: MandateDesk, mandates: readonly ListedMandate[]) {
    const words = await desk.words([]);
    return mandates.map((mandate) => shownMandate(desk, words, mandate));
  }

  return {
    routers,

    given: async (req: Request, res: Response): Promise<void> => {
      const desk = await openGivingDesk(settings, req, res, 'given');
      const rows = await rowsOf(desk, await listGivenMandates(desk.ctx));
      settings.render(res, 'portal/mandates/given', {
        ...desk.frame,
        ...noticeOf(desk, req),
        rows: rows.map((row) => ({ ...row, href: `${MANDATES}/${row.id}` })),
      });
    },

    received: async (req: Request, res: Response): Promise<void> => {
      const desk = await openMandateDesk(settings, req, res, 'received');
      const rows = await rowsOf(desk, await listReceivedMandates(desk.ctx));
      settings.render(res, 'portal/mandates/received', {
        ...desk.frame,
        ...noticeOf(desk, req),
        rows: rows.map((row) => ({ ...row, href: `${MANDATES}/received/${row.id}` })),
        showPeopleBy: await findShowPeopleBy(desk.ctx),
        mayDecide: desk.acting.unbounded,
        action: `${MANDATES}/received`,
      });
    },

    /** Whether those for whom the organization's people act see them by name or by number. */
    showPeople: async (req: Request, res: Response): Promise<void> => {
      const desk = await openMandateDesk(settings, req, res, 'received');
      const by = formFields(req.body)['by'] === 'number' ? 'number' : 'name';
      await setShowPeopleBy(desk.ctx, by);
      res.redirect(303, `${MANDATES}/received?done=shown_by`);
    },

    /** One sub-contractor: what he has, and where more can be given. */
    router: async (req: Request, res: Response): Promise<void> => {
      const desk = await openGivingDesk(settings, req, res);
      const router = await findRouter(desk.ctx, String(req.params['router']));
      const words = await desk.words([]);
      const given = (await listGivenMandates(desk.ctx)).filter((one) => one.receiverOrganizationId === router.id);
      const received = (await listReceivedMandates(desk.ctx)).filter(({ onward }) => onward > 0);
      const places = desk.accounts.flatMap((account) => {
        const applications = (desk.mandatable.get(account.id) ?? []).map((key) => ({
          key,
          label: words.applicationOf(key),
        }));
        if (applications.length === 0) return [];
        const own = account.owner === null;
        const parents = own ? [undefined] : received.filter((one) => one.customerAccountId === account.id);
        return parents.map((parent) => ({
          ...words.accountOf(account.id),
          ...(parent ? { parent: parent.id, through: parent.giverName } : {}),
          applications: parent
            ? applications.filter(({ key }) => parent.boxes.some(({ application }) => application === key))
            : applications,
        }));
      });
      settings.render(res, 'portal/mandates/router', {
        ...desk.frame,
        router,
        rows: given.map((mandate) => ({
          ...shownMandate(desk, words, mandate),
          href: `${MANDATES}/${mandate.id}`,
        })),
        places: places
          .filter(({ applications }) => applications.length > 0)
          .map((place, index) => ({ ...place, formId: `place-${index}` })),
        action: `${MANDATES}/edit`,
      });
    },
  };
}
