// Deactivate somebody, after a page that says what ends; and the way back, after a page that says what returns.
import type { Request, Response } from 'express';
import { administrationRightsOf } from '../../entitlements/administration-rights-of.ts';
import { rightsAgain } from '../../entitlements/rights-again.ts';
import { changeUser } from '../../users/change-user.ts';
import { whatEnds } from '../../users/what-ends.ts';
import { label } from '../../applications/catalogue.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { refusalOf, type Fault } from '../../web/refusal.ts';
import { shellLocals } from '../shell.ts';
import { shownRights } from '../shown-rights.ts';
import { targetOf } from './target.ts';

export function deactivatePages({ site, render, catalogue }: PortalSettings) {
  async function show(
    req: Request,
    res: Response,
    to: 'deactivated' | 'active',
    faults?: readonly Fault[],
    status = 200,
  ): Promise<void> {
    const { visitor, user, refusals, himself, path } = await targetOf(req);
    const { ctx } = visitor;
    const there = user.state === 'deactivated' ? 'deactivated' : 'active';
    if (there === to) return void res.redirect(303, path);
    const [language, t] = [languageOf(res, site), translatorOf(site, res)];
    const [held, administration, ends] = await Promise.all([
      rightsAgain(ctx, user.id),
      administrationRightsOf(ctx, [user.id]),
      whatEnds(ctx, [user.id]),
    ]);
    render(
      res,
      to === 'active' ? 'portal/users/reactivate' : 'portal/users/deactivate',
      {
        ...(await shellLocals(visitor, 'my_users')),
        user,
        name: user.name,
        himself,
        rights: shownRights(held, catalogue, language, t),
        administration: [...new Set((administration.get(user.id) ?? []).map(({ name }) => name))],
        sessions: ends.sessions,
        links: ends.links,
        applications: ends.applications.map((key) => {
          const known = catalogue.get(key);
          return known ? label(known.label, language) : key;
        }),
        action: `${path}/${to === 'active' ? 'reactivate' : 'deactivate'}`,
        userHref: path,
        refused: to === 'active' ? refusals.reactivate : refusals.deactivate,
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  async function set(req: Request, res: Response, to: 'deactivated' | 'active'): Promise<void> {
    const { visitor, user, path } = await targetOf(req);
    try {
      await changeUser(visitor.ctx, user.id, (document) => ({ ...document, active: to === 'active' }));
    } catch (error) {
      const refusal = refusalOf(error);
      return show(req, res, to, refusal.faults, refusal.status);
    }
    res.redirect(303, `${path}?done=${to === 'active' ? 'reactivated' : 'deactivated'}`);
  }

  return {
    askDeactivate: (req: Request, res: Response) => show(req, res, 'deactivated'),
    deactivate: (req: Request, res: Response) => set(req, res, 'deactivated'),
    askReactivate: (req: Request, res: Response) => show(req, res, 'active'),
    reactivate: (req: Request, res: Response) => set(req, res, 'active'),
  };
}
