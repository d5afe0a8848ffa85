// The page of one group: who is in it, in which groups it is itself, what it gives and by whom, and which directory fills it.
import type { Request, Response } from 'express';
import { administrationRightsOfGroup } from '../../entitlements/group-administration.ts';
import { listAssignments } from '../../entitlements/assignment-row.ts';
import { findRole } from '../../entitlements/find-role.ts';
import { whomItReaches } from '../../entitlements/whom-it-reaches.ts';
import { listMemberPage, MOST_COUNTED, readGroupDetails, type GroupDetails } from '../../groups/group-pages.ts';
import { groupNotFound } from '../../groups/find-group.ts';
import { nameListHref, PAGE_SIZE, readNameList } from '../name-list.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { openDesk, type Desk } from '../rights/desk.ts';
import { shownStandings } from '../rights/entitlements-page.ts';
import { GROUPS_PATH } from './list.ts';

const DONE = ['created', 'renamed', 'added', 'removed', 'administration'] as const;

/** Throws HubError `not_found`, `not_permitted`. */
export async function openGroup(
  settings: PortalSettings,
  req: Request,
  res: Response,
): Promise<{ desk: Desk; group: GroupDetails }> {
  const desk = await openDesk(settings, req, res, 'group');
  const group = await readGroupDetails(desk.ctx, desk.subject.id);
  if (!group) throw groupNotFound(desk.subject.id);
  return { desk, group };
}

/** What the group gives its members, its own and what comes from groups above, in words. */
export async function carriedRights(desk: Desk) {
  return (await shownStandings(desk)).map(({ cause, ...one }) => ({
    ...one,
    role: cause?.role?.name,
    above: cause?.groupPath.slice(1).map(({ name }) => name) ?? [],
  }));
}

export const groupPage =
  (settings: PortalSettings) =>
  async (req: Request, res: Response): Promise<void> => {
    const { desk, group } = await openGroup(settings, req, res);
    const { ctx, subject } = desk;
    const { search, after } = readNameList(req);
    const nested = req.query['nested'] === 'yes';
    const { members, next } = await listMemberPage(ctx, group.id, { search, nested, after, size: PAGE_SIZE });
    const given = (await listAssignments(ctx, { kind: 'group', id: group.id })).filter(({ roleId }) => roleId !== null);
    const roles = await Promise.all(
      given.map(async (one) => ({
        ...(await findRole(ctx, one.roleId ?? '')),
        by: one.givenBy.label,
        givenAt: one.givenAt,
        endHref: `/portal/roles/${one.roleId ?? ''}/end-assignment?assignment=${one.id}`,
      })),
    );
    const administration = await administrationRightsOfGroup(ctx, group.id);
    const done = DONE.find((one) => one === req.query['done']);
    const path = subject.path;
    const at = (fields: Record<string, string | undefined>) =>
      nameListHref(path, { q: search, nested: nested ? 'yes' : undefined, ...fields });
    settings.render(res, 'portal/groups/group', {
      ...desk.frame,
      group,
      name: group.name,
      own: group.connectionId === null,
      path,
      groupsPath: GROUPS_PATH,
      reach: await whomItReaches(ctx, { kind: 'group', id: group.id }),
      mostCounted: MOST_COUNTED,
      members: members.map((one) => ({ ...one, href: `/portal/users/${one.id}` })),
      search,
      nested,
      firstHref: after === undefined ? undefined : at({}),
      nextHref: next === null ? undefined : at({ after: next }),
      nestedHref: nameListHref(path, { q: search, nested: nested ? undefined : 'yes' }),
      rights: await carriedRights(desk),
      roles,
      administration: administration.map((one) => ({ ...one, by: one.givenBy.label })),
      chief: desk.acting.unbounded,
      ...(done && { notice: { kind: 'ok', text: desk.t(`groups:done.${done}`, { name: group.name }) } }),
    });
  };
