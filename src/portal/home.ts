// Where a person lands: his applications as tiles, locked ones among them, and what he may do in each.
import type { Request, Response } from 'express';
import { label } from '../applications/catalogue.ts';
import { applicationAddresses } from '../clients/application-addresses.ts';
import { heldBy } from '../entitlements/held-by.ts';
import { emailOf } from '../users/user-row.ts';
import { languageOf } from '../web/page.ts';
import { translatorOf } from '../web/render.ts';
import type { PortalSettings } from './portal-settings.ts';
import { shellLocals } from './shell.ts';
import { shownRights } from './shown-rights.ts';
import { visitorOf } from './signed-in.ts';

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
  const rights = shownRights(held, settings.catalogue, language, t);
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
