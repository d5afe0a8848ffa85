// What every page about mandates starts from: who is at work, for which accounts and applications he may give mandates, and
// the words. Pages about received mandates are for administrators and for those who pass mandates on.
import type { Request, Response } from 'express';
import type { OrganizationCtx } from '../../context.ts';
import { actingAccounts, type ActingAccount } from '../../entitlements/acting-accounts.ts';
import { loadActing, notPermitted, type Acting } from '../../entitlements/acting.ts';
import { mandatable } from '../../mandates/mandating.ts';
import type { ListedMandate } from '../../mandates/find-mandate.ts';
import type { Translate } from '../../texts.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { actingWords } from '../rights/acting-words.ts';
import { type Words } from '../rights/words.ts';
import { shellLocals } from '../shell.ts';
import { visitorOf } from '../signed-in.ts';

export const MANDATES = '/portal/mandates';

export type MandateDesk = {
  readonly ctx: OrganizationCtx;
  readonly acting: Acting;
  readonly settings: PortalSettings;
  readonly t: Translate;
  /** Applications by customer account in which he may give mandates. */
  readonly mandatable: ReadonlyMap<string, readonly string[]>;
  readonly accounts: readonly ActingAccount[];
  readonly frame: Record<string, unknown>;
  readonly words: (customerAccounts: readonly string[]) => Promise<Words>;
};

type Tab = 'routers' | 'given' | 'received';

/** Throws HubError `not_permitted` for a person who neither administers nor may give mandates. */
export async function openMandateDesk(
  settings: PortalSettings,
  req: Request,
  res: Response,
  tab: Tab,
): Promise<MandateDesk> {
  const visitor = visitorOf(req);
  const { ctx } = visitor;
  const acting = await loadActing(ctx);
  const may = mandatable(acting);
  if (acting.rank === 'none' && may.size === 0) throw notPermitted();
  const t = translatorOf(settings.site, res);
  const accounts = await actingAccounts(acting);
  return {
    ctx,
    acting,
    settings,
    t,
    mandatable: may,
    accounts,
    frame: {
      ...(await shellLocals(visitor, 'routers')),
      tabs: (['routers', 'given', 'received'] as const).map((key) => ({
        key,
        href: key === 'routers' ? MANDATES : `${MANDATES}/${key}`,
        current: key === tab,
      })),
      mayGive: may.size > 0,
    },
    words: (customerAccounts) => actingWords(settings, res, { acting, accounts }, customerAccounts),
  };
}

/** Pages on which something is given. Throws HubError `not_permitted`. */
export async function openGivingDesk(settings: PortalSettings, req: Request, res: Response, tab: Tab = 'routers') {
  const desk = await openMandateDesk(settings, req, res, tab);
  if (desk.mandatable.size === 0) throw notPermitted('You do not have the right to give mandates.');
  return desk;
}

/** A mandate as its row and its page show it. */
export function shownMandate({ ctx, acting }: MandateDesk, words: Words, mandate: ListedMandate) {
  const { validFrom, validUntil } = mandate;
  const account = words.accountOf(mandate.customerAccountId);
  return {
    id: mandate.id,
    receiver: mandate.receiverName,
    giver: mandate.giverName,
    // The giver may have lost the account meanwhile, and then does not act on it any more.
    account: acting.snapshot.accounts.has(mandate.customerAccountId)
      ? account.title
      : `${mandate.customerNumber}, ${mandate.customerAccountName}`,
    applications: [...new Set(mandate.boxes.map(({ application }) => words.applicationOf(application)))],
    onward: mandate.onward,
    passedOn: mandate.parentId !== null,
    givenAt: mandate.givenAt,
    ...(validFrom !== null && validFrom > ctx.now ? { from: validFrom } : {}),
    ...(validUntil === null ? {} : { until: new Date(validUntil.getTime() - 1) }),
  };
}

/** Its parts, each in the lists of its application. */
export const shownParts = (words: Words, mandate: ListedMandate) =>
  mandate.boxes.map((box, part) => ({
    part,
    application: words.applicationOf(box.application),
    lists: words.listsOf({ ...box, customerAccount: mandate.customerAccountId }),
  }));
