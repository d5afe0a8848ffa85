// Who joins and who leaves a group: people and groups are searched and ticked, a page says what each would gain or why it is
// not possible, and then it is done. The members of a directory's group are only shown.
import type { Request, Response } from 'express';
import { refusalCode } from '../../entitlements/change-administration-rights.ts';
import { checkJoining, checkLeaving } from '../../entitlements/check-joining.ts';
import type { OrganizationCtx } from '../../context.ts';
import type { ErrorCode } from '../../errors.ts';
import { changeGroup } from '../../groups/change-group.ts';
import { listGroupPage, readGroupDetails } from '../../groups/group-pages.ts';
import { listUsers } from '../../users/list-users.ts';
import { listedUsers } from '../../users/listed-users.ts';
import { readNameList } from '../name-list.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, formValues, refusalOf } from '../../web/refusal.ts';
import { carriedRights, openGroup } from './group-page.ts';

/** As many as one can look through on one page; a narrower search finds the rest. */
const MOST_FOUND = 20;
const MOST_CHOSEN = 100;

type Candidate = { id: string; kind: 'user' | 'group'; name: string; detail: string };

export function memberPages(settings: PortalSettings) {
  async function choose(req: Request, res: Response, said?: 'none'): Promise<void> {
    const { desk, group } = await openGroup(settings, req, res);
    const { ctx } = desk;
    const { search } = readNameList(req);
    const found =
      search === undefined
        ? { users: [], groups: [] }
        : {
            users: (await listUsers(ctx, { search, sort: 'username', descending: false, size: MOST_FOUND })).users,
            groups: (await listGroupPage(ctx, { search, size: MOST_FOUND })).groups,
          };
    const candidates: Candidate[] = [
      ...found.users.map(({ id, name, userName }): Candidate => ({ id, kind: 'user', name, detail: userName })),
      ...found.groups
        .filter(({ id }) => id !== group.id)
        .map(({ id, name, directory }): Candidate => ({ id, kind: 'group', name, detail: directory ?? '' })),
    ];
    settings.render(res, 'portal/groups/choose-members', {
      ...desk.frame,
      group,
      name: group.name,
      own: group.connectionId === null,
      path: desk.subject.path,
      search,
      candidates,
      ...(said && { notice: { kind: 'warning', text: desk.t('groups:members.none_chosen') } }),
    });
  }

  /** Those that exist, by name. */
  async function chosenOf(ctx: OrganizationCtx, body: unknown): Promise<Candidate[]> {
    const ids = [...new Set(formValues(body, 'member'))].slice(0, MOST_CHOSEN);
    const users = await listedUsers(ctx, ids);
    const groups: Candidate[] = [];
    for (const id of ids.filter((one) => !users.some((user) => user.id === one))) {
      const found = await readGroupDetails(ctx, id);
      if (found) groups.push({ id: found.id, kind: 'group', name: found.name, detail: found.directory ?? '' });
    }
    return [
      ...users.map(({ id, name, userName }): Candidate => ({ id, kind: 'user', name, detail: userName })),
      ...groups,
    ];
  }

  async function act(req: Request, res: Response): Promise<void> {
    const { desk, group } = await openGroup(settings, req, res);
    const { ctx } = desk;
    const fields = formFields(req.body);
    const leaving = fields['act'] === 'remove';
    const chosen = await chosenOf(ctx, req.body);
    if (chosen.length === 0) return choose(req, res, 'none');
    const lines: (Candidate & { code: ErrorCode | null })[] = [];
    for (const one of chosen) {
      const check = () => (leaving ? checkLeaving(ctx, group.id, [one.id]) : checkJoining(ctx, group.id, [one.id]));
      lines.push({ ...one, code: await refusalCode(check) });
    }
    const possible = lines.filter(({ code }) => code === null);
    const show = (errors?: unknown, status = 200) =>
      carriedRights(desk).then((rights) =>
        settings.render(
          res,
          'portal/groups/confirm-members',
          {
            ...desk.frame,
            group,
            name: group.name,
            path: desk.subject.path,
            act: leaving ? 'remove' : 'add',
            possible,
            refused: lines.filter(({ code }) => code !== null),
            rights,
            ...(errors !== undefined && { errors }),
          },
          { status },
        ),
      );
    if (fields['confirmed'] !== 'yes' || possible.length === 0) return show();
    const ids = possible.map(({ id }) => id);
    try {
      await changeGroup(ctx, group.id, { steps: [leaving ? { add: [], remove: ids } : { add: ids, remove: [] }] });
    } catch (error) {
      const { faults, status } = refusalOf(error);
      return show(faults, status);
    }
    res.redirect(303, `${desk.subject.path}?done=${leaving ? 'removed' : 'added'}`);
  }

  return { choose: (req: Request, res: Response) => choose(req, res), act };
}
