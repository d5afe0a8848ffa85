// Make, rename and delete a group of one's own; deleting after a page that says what ends for whom.
import type { Request, Response } from 'express';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import { refusalCode } from '../../entitlements/change-administration-rights.ts';
import { checkGroupEnding } from '../../entitlements/check-joining.ts';
import { whomItReaches } from '../../entitlements/whom-it-reaches.ts';
import { deleteGroup } from '../../groups/delete-group.ts';
import { createOwnGroup, renameOwnGroup } from '../../groups/own-group.ts';
import { nameFaults } from '../name-faults.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { carriedRights, openGroup } from './group-page.ts';
import { GROUPS_PATH } from './list.ts';

export function groupActs(settings: PortalSettings) {
  async function showName(
    req: Request,
    res: Response,
    given?: string,
    faults?: readonly Fault[],
    status = 200,
  ): Promise<void> {
    const visitor = visitorOf(req);
    await checkAdministers(visitor.ctx);
    const opened = req.params['id'] === undefined ? undefined : await openGroup(settings, req, res);
    settings.render(
      res,
      'portal/groups/name',
      {
        ...(await shellLocals(visitor, 'groups')),
        value: given ?? opened?.group.name ?? '',
        isNew: opened === undefined,
        name: opened?.group.name ?? '',
        locked: opened !== undefined && opened.group.connectionId !== null,
        action: opened ? `${opened.desk.subject.path}/edit` : `${GROUPS_PATH}/new`,
        backHref: opened?.desk.subject.path ?? GROUPS_PATH,
        listHref: GROUPS_PATH,
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  async function save(req: Request, res: Response, act: (name: string) => Promise<{ id: string }>, done: string) {
    const name = formFields(req.body)['name'] ?? '';
    let group: { id: string };
    try {
      group = await act(name);
    } catch (error) {
      const { faults, status } = nameFaults(error, 'groups');
      return showName(req, res, name, faults, status);
    }
    res.redirect(303, `${GROUPS_PATH}/${group.id}?done=${done}`);
  }

  async function askDelete(req: Request, res: Response, faults?: readonly Fault[], status = 200): Promise<void> {
    const { desk, group } = await openGroup(settings, req, res);
    settings.render(
      res,
      'portal/groups/delete',
      {
        ...desk.frame,
        group,
        name: group.name,
        path: desk.subject.path,
        reach: await whomItReaches(desk.ctx, { kind: 'group', id: group.id }),
        rights: (await carriedRights(desk)).filter(({ above }) => above.length === 0),
        refused: await refusalCode(() => checkGroupEnding(desk.ctx, group.id)),
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  return {
    askName: (req: Request, res: Response) => showName(req, res),
    create: (req: Request, res: Response) =>
      save(req, res, (name) => createOwnGroup(visitorOf(req).ctx, { name }), 'created'),
    rename: (req: Request, res: Response) =>
      save(req, res, (name) => renameOwnGroup(visitorOf(req).ctx, String(req.params['id']), name), 'renamed'),
    askDelete: (req: Request, res: Response) => askDelete(req, res),
    remove: async (req: Request, res: Response): Promise<void> => {
      const { desk, group } = await openGroup(settings, req, res);
      try {
        await deleteGroup(desk.ctx, group.id);
      } catch (error) {
        const { faults, status } = refusalOf(error);
        return askDelete(req, res, faults, status);
      }
      res.redirect(303, GROUPS_PATH);
    },
  };
}
