// Somebody's administration rights as ticks: those that this visitor may not switch are locked with their reason, and the
// server refuses them with it.
import type { Request, Response } from 'express';
import {
  administrationRightChoices,
  changeAdministrationRights,
} from '../../entitlements/change-administration-rights.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formValues, refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { rightFaults, ticksOf, wantedRights } from './right-choices.ts';
import { targetOf } from './target.ts';

export function administrationRightsPages({ render }: PortalSettings) {
  type Shown = { ticked?: ReadonlySet<string>; faults?: readonly Fault[]; status?: number };

  async function show(req: Request, res: Response, { ticked, faults, status = 200 }: Shown = {}): Promise<void> {
    const { visitor, user, himself, path } = await targetOf(req);
    render(
      res,
      'portal/users/administration-rights',
      {
        ...(await shellLocals(visitor, 'my_users')),
        user,
        name: user.name,
        himself,
        ticks: ticksOf(await administrationRightChoices(visitor.ctx, user.id), ticked),
        action: `${path}/administration-rights`,
        userHref: path,
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  async function save(req: Request, res: Response): Promise<void> {
    const { visitor, user, path } = await targetOf(req);
    const ticked = new Set(formValues(req.body, 'right'));
    const choices = await administrationRightChoices(visitor.ctx, user.id);
    try {
      await changeAdministrationRights(visitor.ctx, user.id, wantedRights(choices, ticked));
    } catch (error) {
      const { faults, status } = refusalOf(error);
      return show(req, res, { ticked, faults: rightFaults(faults), status });
    }
    res.redirect(303, `${path}?done=rights`);
  }

  return { show: (req: Request, res: Response) => show(req, res), save };
}
