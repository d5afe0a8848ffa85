// "My rights": what the person may do and why, per application and customer account, with dates, the organization for which
// he does it, and the way by which each came to him. What was given and has no effect stands below, with the reason.
import type { Request, Response } from 'express';
import { loadActing } from '../entitlements/acting.ts';
import { administrationRightsOf } from '../entitlements/administration-rights-of.ts';
import type { Entitlement } from '../entitlements/box.ts';
import type { Cause } from '../entitlements/effective.ts';
import { rightsOf } from '../entitlements/explain-access.ts';
import { listReceivedMandates } from '../mandates/find-mandate.ts';
import { translatorOf } from '../web/render.ts';
import type { PortalSettings } from './portal-settings.ts';
import { actingWords } from './rights/acting-words.ts';
import { wayOf } from './rights/way.ts';
import { whyAddress } from './rights/why-address.ts';
import { shellLocals } from './shell.ts';
import { visitorOf } from './signed-in.ts';

export const myRights = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const visitor = visitorOf(req);
  const { ctx, userId } = visitor;
  const t = translatorOf(settings.site, res);
  const [acting, { effective, withheld }, mandates, administration] = await Promise.all([
    loadActing(ctx),
    rightsOf(ctx, { userId }),
    listReceivedMandates(ctx),
    administrationRightsOf(ctx, [userId]),
  ]);
  const named = [...effective, ...withheld].map(({ entitlement }) => entitlement.customerAccount);
  const words = await actingWords(settings, res, { acting }, named);
  const givers = new Map(mandates.map(({ id, giverName }) => [id, giverName]));
  const row = (entitlement: Entitlement, causes: readonly Cause[]) => ({
    lists: words.listsOf(entitlement),
    profile: words.profileOf(entitlement),
    account: words.accountOf(entitlement.customerAccount),
    ...(entitlement.validity.until === null ? {} : { until: new Date(entitlement.validity.until - 1) }),
    ways: causes.map((cause) => ({
      ...wayOf(cause, t),
      mandates: cause.mandates.flatMap((id) => givers.get(id) ?? []),
    })),
  });
  const order = [...settings.catalogue.keys()];
  const sections = [...Map.groupBy(effective, ({ entitlement }) => entitlement.application)]
    .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
    .map(([application, held]) => ({
      application: words.applicationOf(application),
      rows: held.map(({ entitlement, causes }) => ({
        ...row(entitlement, causes),
        whyHref: whyAddress('/portal', acting, entitlement),
      })),
    }));
  settings.render(res, 'portal/my-rights', {
    ...(await shellLocals(visitor, 'home')),
    sections,
    withheld: withheld.map(({ code, entitlement, causes }) => ({
      code,
      application: words.applicationOf(entitlement.application),
      ...row(entitlement, causes),
    })),
    administration: (administration.get(userId) ?? []).map(({ name, customerAccountId, validUntil }) => ({
      name,
      account: customerAccountId === null ? undefined : words.accountOf(customerAccountId).title,
      until: validUntil === null ? undefined : new Date(validUntil.getTime() - 1),
    })),
  });
};
