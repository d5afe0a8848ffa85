// The groups of the organization: searched and paged by the address.
import type { Request, Response } from 'express';
import { listGroupPage, MOST_COUNTED } from '../../groups/group-pages.ts';
import { nameListHref, PAGE_SIZE, readNameList } from '../name-list.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';

export const GROUPS_PATH = '/portal/groups';
const SOURCES = ['own', 'directory'] as const;

export const groupList =
  ({ render }: PortalSettings) =>
  async (req: Request, res: Response): Promise<void> => {
    const visitor = visitorOf(req);
    const { search, after } = readNameList(req);
    const source = SOURCES.find((one) => one === req.query['source']);
    const { groups, next } = await listGroupPage(visitor.ctx, { search, source, after, size: PAGE_SIZE });
    render(res, 'portal/groups/list', {
      ...(await shellLocals(visitor, 'groups')),
      search,
      sources: SOURCES.map((value) => ({ value, chosen: value === source })),
      narrowed: search !== undefined || source !== undefined,
      mostCounted: MOST_COUNTED,
      groups: groups.map((group) => ({ ...group, href: `${GROUPS_PATH}/${group.id}` })),
      listHref: GROUPS_PATH,
      firstHref: after === undefined ? undefined : nameListHref(GROUPS_PATH, { q: search, source }),
      nextHref: next === null ? undefined : nameListHref(GROUPS_PATH, { q: search, source, after: next }),
    });
  };
