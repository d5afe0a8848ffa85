// Reset somebody's second factor: because he asks for it, or an administrator is asked on the telephone. The page says
// what goes and what the person meets at his next sign-in.
import type { Request, Response } from 'express';
import { listFactors } from '../../credentials/manage-factors.ts';
import {
  approveFactorReset,
  denyFactorReset,
  listFactorResets,
  resetFactors,
} from '../../credentials/reset-factors.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { targetOf } from './target.ts';

export function secondFactorPages({ render }: PortalSettings) {
  async function show(req: Request, res: Response, faults?: readonly Fault[], status = 200): Promise<void> {
    const { visitor, user, refusals, himself, path } = await targetOf(req);
    if (himself || user.state === 'deactivated') return void res.redirect(303, path);
    const [{ factors, recoveryCodes, required }, requests] = await Promise.all([
      listFactors(visitor.ctx, user.id),
      listFactorResets(visitor.ctx),
    ]);
    render(
      res,
      'portal/users/second-factor',
      {
        ...(await shellLocals(visitor, 'my_users')),
        user,
        name: user.name,
        factors,
        recoveryCodes,
        required,
        asked: requests.find(({ userId }) => userId === user.id),
        refused: refusals.reset_second_factor,
        action: `${path}/second-factor`,
        userHref: path,
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  async function decide(req: Request, res: Response): Promise<void> {
    const { visitor, user, path } = await targetOf(req);
    const { act, request } = formFields(req.body);
    try {
      if (act === 'deny' && request !== undefined) await denyFactorReset(visitor.ctx, request);
      else if (request !== undefined) await approveFactorReset(visitor.ctx, request);
      else await resetFactors(visitor.ctx, user.id);
    } catch (error) {
      const { faults, status } = refusalOf(error);
      return show(req, res, faults, status);
    }
    res.redirect(303, `${path}?done=${act === 'deny' ? 'factor_denied' : 'factor_reset'}`);
  }

  return { show: (req: Request, res: Response) => show(req, res), decide };
}
