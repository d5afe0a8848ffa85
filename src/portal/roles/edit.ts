// Make, rename and end a role; ending after a page that says whom it reaches and what they lose.
import type { Request, Response } from 'express';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import { changeRole, createRole, endRole } from '../../entitlements/change-role.ts';
import { whomItReaches } from '../../entitlements/whom-it-reaches.ts';
import { nameFaults } from '../name-faults.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { shownStandings } from '../rights/entitlements-page.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { ROLES_PATH } from './list.ts';
import { openRole } from './role-page.ts';

const LONGEST_DESCRIPTION = 500;
type Details = { name: string; description: string };

export function roleActs(settings: PortalSettings) {
  async function showDetails(
    req: Request,
    res: Response,
    given?: Details,
    faults?: readonly Fault[],
    status = 200,
  ): Promise<void> {
    const visitor = visitorOf(req);
    await checkAdministers(visitor.ctx);
    const opened = req.params['id'] === undefined ? undefined : await openRole(settings, req, res);
    settings.render(
      res,
      'portal/roles/details',
      {
        ...(await shellLocals(visitor, 'roles')),
        value: given ?? opened?.role ?? { name: '', description: '' },
        isNew: opened === undefined,
        name: opened?.role.name ?? '',
        action: opened ? `${opened.desk.subject.path}/edit` : `${ROLES_PATH}/new`,
        backHref: opened?.desk.subject.path ?? ROLES_PATH,
        listHref: ROLES_PATH,
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  async function save(req: Request, res: Response, act: (details: Details) => Promise<{ id: string }>, done: string) {
    const { name = '', description = '' } = formFields(req.body);
    const details = {
      name,
      description: description
        .replaceAll(/\p{Cc}+/gu, ' ')
        .trim()
        .slice(0, LONGEST_DESCRIPTION),
    };
    let role: { id: string };
    try {
      role = await act(details);
    } catch (error) {
      const { faults, status } = nameFaults(error, 'roles');
      return showDetails(req, res, details, faults, status);
    }
    res.redirect(303, `${ROLES_PATH}/${role.id}?done=${done}`);
  }

  async function askEnd(req: Request, res: Response, faults?: readonly Fault[], status = 200): Promise<void> {
    const { desk, role } = await openRole(settings, req, res);
    settings.render(
      res,
      'portal/roles/end',
      {
        ...desk.frame,
        role,
        name: role.name,
        path: desk.subject.path,
        rights: await shownStandings(desk),
        reach: await whomItReaches(desk.ctx, { kind: 'role', id: role.id }),
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  return {
    askDetails: (req: Request, res: Response) => showDetails(req, res),
    create: (req: Request, res: Response) =>
      save(req, res, (details) => createRole(visitorOf(req).ctx, details), 'created'),
    change: (req: Request, res: Response) =>
      save(req, res, (details) => changeRole(visitorOf(req).ctx, String(req.params['id']), details), 'changed'),
    askEnd: (req: Request, res: Response) => askEnd(req, res),
    end: async (req: Request, res: Response): Promise<void> => {
      const { desk, role } = await openRole(settings, req, res);
      try {
        await endRole(desk.ctx, role.id);
      } catch (error) {
        const { faults, status } = refusalOf(error);
        return askEnd(req, res, faults, status);
      }
      res.redirect(303, `${ROLES_PATH}?done=ended`);
    },
  };
}
