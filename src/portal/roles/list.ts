// The roles of the organization: searched and paged by the address.
import type { Request, Response } from 'express';
import { listRolePage } from '../../entitlements/role-pages.ts';
import { nameListHref, PAGE_SIZE, readNameList } from '../name-list.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';

export const ROLES_PATH = '/portal/roles';

export const roleList =
  ({ render, site }: PortalSettings) =>
  async (req: Request, res: Response): Promise<void> => {
    const visitor = visitorOf(req);
    const { search, after } = readNameList(req);
    const { roles, next } = await listRolePage(visitor.ctx, { search, after, size: PAGE_SIZE });
    render(res, 'portal/roles/list', {
      ...(await shellLocals(visitor, 'roles')),
      search,
      roles: roles.map((role) => ({ ...role, href: `${ROLES_PATH}/${role.id}` })),
      listHref: ROLES_PATH,
      firstHref: after === undefined ? undefined : nameListHref(ROLES_PATH, { q: search }),
      nextHref: next === null ? undefined : nameListHref(ROLES_PATH, { q: search, after: next }),
      ...(req.query['done'] === 'ended' && {
        notice: { kind: 'ok', text: translatorOf(site, res)('roles:done.ended') },
      }),
    });
  };
