// The people of the organization who lost their second step and wait. Who may decide about whom is known when he does.
import type { Request, Response } from 'express';
import { denyFactorReset, listFactorResets } from '../../credentials/reset-factors.ts';
import { checkAdministers } from '../../entitlements/check-administers.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';
import { LIST_PATH } from './list-query.ts';

const RESETS_PATH = `${LIST_PATH}/factor-resets`;

export function factorResetPages({ site, render }: PortalSettings) {
  async function show(req: Request, res: Response, faults?: readonly Fault[], status = 200): Promise<void> {
    const visitor = visitorOf(req);
    const { ctx } = visitor;
    await checkAdministers(ctx);
    render(
      res,
      'portal/users/factor-resets',
      {
        ...(await shellLocals(visitor, 'my_users')),
        requests: await listFactorResets(ctx),
        path: RESETS_PATH,
        usersHref: LIST_PATH,
        ...(req.query['done'] === 'denied' && {
          notice: { kind: 'ok', text: translatorOf(site, res)('security:resets.denied') },
        }),
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  /** Approving has a page of its own, on which stands what it ends. */
  async function deny(req: Request, res: Response): Promise<void> {
    try {
      await denyFactorReset(visitorOf(req).ctx, formFields(req.body)['request'] ?? '');
    } catch (error) {
      const { faults, status } = refusalOf(error);
      return show(req, res, faults, status);
    }
    res.redirect(303, `${RESETS_PATH}?done=denied`);
  }

  return { show: (req: Request, res: Response) => show(req, res), deny };
}
