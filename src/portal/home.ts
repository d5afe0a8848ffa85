// Where a person lands: his applications as tiles, locked ones among them, and what he may do in each.
import type { Request, Response } from 'express';
import type { Application, Language } from '../applications/application.ts';
import { label } from '../applications/catalogue.ts';
import { applicationAddresses } from '../clients/application-addresses.ts';
import { heldBy, type Held } from '../entitlements/held-by.ts';
import { emailOf } from '../users/user-row.ts';
import { languageOf } from '../web/page.ts';
import { translatorOf } from '../web/render.ts';
import type { Translate } from '../texts.ts';
import type { PortalSettings } from './portal-settings.ts';
import { shellLocals } from './shell.ts';
import { visitorOf } from './signed-in.ts';

/** One text per list: fixed values by their labels, resources by their numbers. */
function shownValues(application: Application, held: Held, language: Language, t: Translate): string[] {
  return application.dimensions.flatMap((dimension) => {
    const values = held.entitlement.values[dimension];
    if (values === undefined) return [];
    if (values === '*') return [t(`portal:all.${dimension}`)];
    if (dimension === 'contracts' || dimension === 'billing_addresses') return [values.join(', ')];
    const known = new Map(application[dimension].map((value) => [value.key, label(value.label, language)]));
    return [values.map((value) => known.get(value) ?? value).join(', ')];
  });
}

export const homePage = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const visitor = visitorOf(req);
  const language = languageOf(res, settings.site);
  const t = translatorOf(settings.site, res);
  const { organizationId, userId } = visitor;
  const [held, addresses] = await Promise.all([
    heldBy({ organizationId, userId, now: visitor.ctx.now }),
    applicationAddresses(),
  ]);
  const active = new Set(held.map(({ entitlement }) => entitlement.application));
  const applications = [...settings.catalogue.values()].map((application) => {
    const isActive = active.has(application.key) || application.admit === 'everyone';
    return {
      label: label(application.label, language),
      ...(application.description ? { description: label(application.description, language) } : {}),
      ...(isActive && addresses.has(application.key) ? { href: addresses.get(application.key) } : {}),
      state: isActive ? 'active' : 'locked',
    };
  });
  const rights = held.flatMap((one) => {
    const application = settings.catalogue.get(one.entitlement.application);
    if (!application) return [];
    const { until } = one.entitlement.validity;
    return [
      {
        application: label(application.label, language),
        account: one.accountNumber,
        values: shownValues(application, one, language, t),
        ...(until === null ? {} : { until: new Date(until) }),
      },
    ];
  });
  const shell = await shellLocals(visitor, 'home');
  const person = {
    ...shell.person,
    username: String(visitor.document['userName']),
    email: emailOf(visitor.document) ?? undefined,
    lastSignIn: visitor.lastSignInAt ?? undefined,
  };
  const notice = req.query['done'] === 'password' ? { kind: 'ok', text: t('portal:password.changed') } : undefined;
  settings.render(res, 'portal/home', { ...shell, person, applications, rights, notice });
};
