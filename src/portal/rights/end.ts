// Ends one entitlement, after a page that says what goes with it.
import type { Request, Response } from 'express';
import type { Application } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import type { Holder } from '../../entitlements/holder.ts';
import { previewAct } from '../../entitlements/preview-act.ts';
import type { Standing } from '../../entitlements/standing.ts';
import { HubError } from '../../errors.ts';
import { toProblem } from '../../web/problem.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { applicationAt, fieldOf, openDesk, type Desk } from './desk.ts';
import { rightsPath, shownStanding } from './entitlements-page.ts';
import { effectOf } from './preview-page.ts';
import { asRefusal, faultsOf } from './refusal-words.ts';

type Ending = { desk: Desk; application: Application; standing: Standing };

export function endPages(settings: PortalSettings, kind: Holder['kind']) {
  async function open(req: Request, res: Response): Promise<Ending> {
    const application = applicationAt(settings, req);
    const desk = await openDesk(settings, req, res, kind);
    const id = fieldOf(req.query, 'assignment').toLowerCase();
    const standing = (await desk.acts.standing(desk.ctx, application.key)).find(
      (one) => one.direct && one.assignmentId === id,
    );
    if (!standing) throw new HubError('not_found', `There is no assignment ${id} here.`);
    return { desk, application, standing };
  }

  async function show(res: Response, { desk, application, standing }: Ending, refused?: unknown): Promise<void> {
    const { entitlement, assignmentId } = standing;
    const words = await desk.words([entitlement.customerAccount]);
    const path = rightsPath(desk, application);
    const lock = desk.locks.ending(entitlement);
    let refusal = refused === undefined ? undefined : asRefusal(refused);
    if (!refusal && lock)
      refusal = new HubError(lock.code, 'This cannot be ended.', { missing: [{ boxes: lock.missing }] });
    const preview = async () => {
      try {
        const found = await previewAct(desk.ctx, desk.subject, async () => {
          await desk.acts.end(desk.ctx, assignmentId);
          return undefined;
        });
        return effectOf(desk, words, found);
      } catch (error) {
        refusal = asRefusal(error);
        return undefined;
      }
    };
    const effect = refusal ? undefined : await preview();
    settings.render(
      res,
      'portal/rights/end',
      {
        ...desk.frame,
        ...(refusal ? { errors: faultsOf(refusal, words) } : {}),
        applicationLabel: label(application.label, words.language),
        account: words.accountOf(entitlement.customerAccount),
        path,
        action: `${path}/end?assignment=${assignmentId}`,
        standing: shownStanding(desk, words, standing),
        effect,
      },
      { status: refusal ? toProblem(refusal).status : 200 },
    );
  }

  return {
    show: async (req: Request, res: Response): Promise<void> => show(res, await open(req, res)),
    end: async (req: Request, res: Response): Promise<void> => {
      const ending = await open(req, res);
      try {
        await ending.desk.acts.end(ending.desk.ctx, ending.standing.assignmentId);
      } catch (error) {
        return show(res, ending, error);
      }
      res.redirect(303, `${rightsPath(ending.desk, ending.application)}?done=ended`);
    },
  };
}
