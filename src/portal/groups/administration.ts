// The administration rights of a group, ticked apart from all others and by a chief only.
import type { Request, Response } from 'express';
import {
  administrationRightsOfGroup,
  GROUP_RIGHTS,
  hasFileServer,
  setGroupAdministration,
} from '../../entitlements/group-administration.ts';
import { whomItReaches } from '../../entitlements/whom-it-reaches.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { formFields, formValues, refusalOf, type Fault } from '../../web/refusal.ts';
import { openGroup } from './group-page.ts';

export function groupAdministration(settings: PortalSettings) {
  async function show(
    req: Request,
    res: Response,
    { ticked, faults, status = 200 }: { ticked?: readonly string[]; faults?: readonly Fault[]; status?: number } = {},
  ): Promise<void> {
    const { desk, group } = await openGroup(settings, req, res);
    const held = (await administrationRightsOfGroup(desk.ctx, group.id)).map(({ name }) => name as string);
    const ftp = await hasFileServer(desk.ctx);
    settings.render(
      res,
      'portal/groups/administration',
      {
        ...desk.frame,
        group,
        name: group.name,
        path: desk.subject.path,
        chief: desk.acting.unbounded,
        ticks: GROUP_RIGHTS.map((name) => ({
          name,
          on: (ticked ?? held).includes(name),
          code: name === 'ftp_access' && !ftp && !held.includes(name) ? 'operator_feature_off' : undefined,
        })),
        directories: await whomItReaches(desk.ctx, { kind: 'group', id: group.id }),
        mayConsent: desk.acting.unbounded,
        consent: false,
        ...(faults && { errors: faults }),
      },
      { status },
    );
  }

  return {
    show: (req: Request, res: Response) => show(req, res),
    save: async (req: Request, res: Response): Promise<void> => {
      const { desk, group } = await openGroup(settings, req, res);
      const ticked = formValues(req.body, 'right');
      const rights = GROUP_RIGHTS.filter((name) => ticked.includes(name));
      try {
        await setGroupAdministration(desk.ctx, group.id, { rights, consent: formFields(req.body)['consent'] === '1' });
      } catch (error) {
        const { faults, status } = refusalOf(error);
        return show(req, res, { ticked, faults, status });
      }
      res.redirect(303, `${desk.subject.path}?done=administration`);
    },
  };
}
