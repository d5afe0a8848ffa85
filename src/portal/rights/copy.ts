// "Copy all my rights": a page that says what would be given and what of it is refused and why, then the act. What is
// refused does not keep the rest from being given.
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Application } from '../../applications/application.ts';
import { label } from '../../applications/catalogue.ts';
import {
  boxOfGift,
  copyRights,
  copyToRole,
  rightsToCopy,
  type EntitlementGift,
} from '../../entitlements/copy-rights.ts';
import { addToRole } from '../../entitlements/change-role.ts';
import { assign } from '../../entitlements/give-rights.ts';
import type { Holder } from '../../entitlements/holder.ts';
import { previewAct, type Preview } from '../../entitlements/preview-act.ts';
import { HubError } from '../../errors.ts';
import { toProblem } from '../../web/problem.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { applicationAt, fieldOf, openDesk, type Desk } from './desk.ts';
import { directoriesOf } from './editor-page.ts';
import { rightsPath } from './entitlements-page.ts';
import { effectOf } from './preview-page.ts';
import { asRefusal, faultsOf } from './refusal-words.ts';

type Copying = {
  desk: Desk;
  subject: Holder;
  application: Application;
  /** With the reason that each would be refused for alone. */
  gifts: { gift: EntitlementGift; refusal: HubError | undefined }[];
  consent: boolean;
};

/** Names what was shown, so that a save gives exactly that. */
const markOf = (gifts: readonly EntitlementGift[]): string =>
  createHash('sha256')
    .update(JSON.stringify(gifts.map(boxOfGift)))
    .digest('base64url')
    .slice(0, 22);

export function copyPages(settings: PortalSettings, kind: Holder['kind']) {
  async function open(req: Request, res: Response): Promise<Copying> {
    const application = applicationAt(settings, req);
    const desk = await openDesk(settings, req, res, kind);
    const consent = fieldOf(req.body, 'consent') !== '' || fieldOf(req.query, 'consent') !== '';
    const subject: Holder = { kind, id: desk.subject.id };
    const found = await rightsToCopy(desk.ctx, { application: application.key, subject });
    const gifts: Copying['gifts'] = [];
    for (const gift of found) gifts.push({ gift, refusal: await refusalOf(desk, subject, gift) });
    return { desk, subject, application, gifts, consent };
  }

  async function refusalOf(
    { ctx, acting, acts }: Desk,
    subject: Holder,
    gift: EntitlementGift,
  ): Promise<HubError | undefined> {
    try {
      // The consent is one question of the whole act, asked apart.
      await previewAct(ctx, subject, () => acts.give(ctx, { ...gift, consent: acting.unbounded }));
      return undefined;
    } catch (error) {
      return asRefusal(error);
    }
  }

  const givable = ({ gifts }: Copying) => gifts.flatMap(({ gift, refusal }) => (refusal ? [] : [gift]));

  function act({ desk: { ctx }, subject, application, gifts, consent }: Copying): Promise<{ readonly id: string }[]> {
    const accepted = gifts.flatMap(({ gift, refusal }) => (refusal ? [] : [gift]));
    const whole = accepted.length === gifts.length;
    if (subject.kind === 'role') {
      return whole
        ? copyToRole(ctx, { application: application.key, roleId: subject.id, consent })
        : addToRole(ctx, { roleId: subject.id, entitlements: accepted, consent });
    }
    return whole
      ? copyRights(ctx, { application: application.key, subject, consent })
      : assign(ctx, { subject, gifts: accepted, consent });
  }

  async function show(res: Response, copying: Copying, refused?: HubError): Promise<void> {
    const { desk, application, gifts } = copying;
    const accounts = gifts.map(({ gift }) => gift.customerAccountId);
    const words = await desk.words(accounts);
    const path = rightsPath(desk, application);
    const directories = await directoriesOf({ desk });
    const accepted = givable(copying);
    let refusal = refused;
    let found: Preview | undefined;
    if (!refusal && accepted.length > 0) {
      try {
        const consent = copying.consent || desk.acting.unbounded;
        found = await previewAct(desk.ctx, desk.subject, async () =>
          (await act({ ...copying, consent })).map(({ id }) => id),
        );
      } catch (error) {
        refusal = asRefusal(error);
      }
    }
    settings.render(
      res,
      'portal/rights/copy',
      {
        ...desk.frame,
        ...(refusal ? { errors: faultsOf(refusal, words) } : {}),
        applicationLabel: label(application.label, words.language),
        path,
        action: `${path}/copy`,
        rows: gifts.map(({ gift, refusal: reason }) => {
          const box = boxOfGift(gift);
          return {
            account: words.accountOf(box.customerAccount),
            lists: words.listsOf(box),
            profile: words.profileOf(box),
            ...(gift.validUntil ? { until: new Date(gift.validUntil.getTime() - 1) } : {}),
            ...(reason
              ? {
                  refused: faultsOf(reason, words, {
                    application,
                    accountId: box.customerAccount,
                    idOf: () => undefined,
                  }),
                }
              : {}),
          };
        }),
        count: accepted.length,
        refusedCount: gifts.length - accepted.length,
        mark: markOf(accepted),
        effect: found && effectOf(desk, words, found),
        directories,
        consent: copying.consent,
        mayConsent: desk.acting.unbounded,
      },
      { status: refusal ? toProblem(refusal).status : 200 },
    );
  }

  return {
    show: async (req: Request, res: Response): Promise<void> => show(res, await open(req, res)),
    save: async (req: Request, res: Response): Promise<void> => {
      const copying = await open(req, res);
      const accepted = givable(copying);
      try {
        if (accepted.length === 0 || fieldOf(req.body, 'mark') !== markOf(accepted))
          throw new HubError('conflict', 'What would be copied has changed meanwhile.');
        await act(copying);
      } catch (error) {
        return show(res, copying, asRefusal(error));
      }
      res.redirect(303, `${rightsPath(copying.desk, copying.application)}?done=copied`);
    },
  };
}
