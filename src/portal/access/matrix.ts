// The table of people and applications: who has which, a page of people at a time. It is made to be printed as well.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { accessMatrix } from '../../entitlements/access-matrix.ts';
import { listUsers } from '../../users/list-users.ts';
import { languageOf } from '../../web/page.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { listHref, PAGE_SIZES, readListQuery } from '../users/list-query.ts';
import { accessTabs } from './access-tabs.ts';

const PATH = '/portal/access/matrix';

export const matrixPage = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const visitor = visitorOf(req);
  const { ctx } = visitor;
  const language = languageOf(res, settings.site);
  const asked = readListQuery(req);
  const page = await listUsers(ctx, asked);
  const cells = await accessMatrix(
    ctx,
    page.users.map(({ id }) => id),
  );
  const applications = [...settings.catalogue.values()];
  settings.render(res, 'portal/access/matrix', {
    ...(await shellLocals(visitor, 'access')),
    tabs: accessTabs('matrix'),
    organization: visitor.organizationName,
    at: ctx.now,
    asked,
    applications: applications.map(({ key, label: labels }) => ({ key, label: label(labels, language) })),
    people: page.users.map(({ id, userName, name, state }) => ({
      href: `/portal/users/${id}`,
      userName,
      name,
      state,
      cells: applications.map(({ key }) => cells.get(id)?.get(key)),
    })),
    range: { from: page.from, to: page.from + page.users.length - 1, total: page.total },
    clearHref: PATH,
    nextHref: page.next === null ? undefined : listHref(asked, { after: page.next }, PATH),
    previousHref: page.previous === null ? undefined : listHref(asked, { before: page.previous }, PATH),
    sizes: PAGE_SIZES.map((size) => ({ size, href: listHref(asked, { size }, PATH), current: size === asked.size })),
  });
};
