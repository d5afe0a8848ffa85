// The page of one role: what it gives, whom it reaches, and who has it, each with giver and dates.
import type { Request, Response } from 'express';
import { listRoleHolders } from '../../entitlements/role-pages.ts';
import { findRole, type Role } from '../../entitlements/find-role.ts';
import { whomItReaches } from '../../entitlements/whom-it-reaches.ts';
import { isId } from '../../users/is-id.ts';
import { nameListHref, PAGE_SIZE, readNameList } from '../name-list.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { openDesk, type Desk } from '../rights/desk.ts';
import { shownStandings } from '../rights/entitlements-page.ts';

const DONE = ['created', 'changed', 'assigned', 'unassigned'] as const;

/** Throws HubError `not_found`, `not_permitted`. */
export async function openRole(
  settings: PortalSettings,
  req: Request,
  res: Response,
): Promise<{ desk: Desk; role: Role }> {
  const desk = await openDesk(settings, req, res, 'role');
  return { desk, role: await findRole(desk.ctx, desk.subject.id) };
}

export const rolePage =
  (settings: PortalSettings) =>
  async (req: Request, res: Response): Promise<void> => {
    const { desk, role } = await openRole(settings, req, res);
    const { after } = readNameList(req);
    const from = after !== undefined && isId(after) ? after : undefined;
    const { holders, next } = await listRoleHolders(desk.ctx, role.id, { after: from, size: PAGE_SIZE });
    const done = DONE.find((one) => one === req.query['done']);
    const { path } = desk.subject;
    settings.render(res, 'portal/roles/role', {
      ...desk.frame,
      role,
      name: role.name,
      path,
      rights: await shownStandings(desk),
      reach: await whomItReaches(desk.ctx, { kind: 'role', id: role.id }),
      holders: holders.map((one) => ({
        ...one,
        by: one.givenBy.label,
        until: one.validUntil === null ? undefined : new Date(one.validUntil.getTime() - 1),
        begins: one.validFrom !== null && one.validFrom > desk.ctx.now ? one.validFrom : undefined,
        href: `/portal/${one.kind}s/${one.id}`,
        endHref: `${path}/end-assignment?assignment=${one.assignmentId}`,
      })),
      firstHref: from === undefined ? undefined : path,
      nextHref: next === null ? undefined : nameListHref(path, { after: next }),
      ...(done && { notice: { kind: 'ok', text: desk.t(`roles:done.${done}`, { name: role.name }) } }),
    });
  };
