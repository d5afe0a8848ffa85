// Where a person lands: his applications as tiles, those he does not have with who can give them, the operator's news, and
// who he is.
import type { Request, Response } from 'express';
import type { Application, Language } from '../applications/application.ts';
import { logoAddresses } from '../applications/application-logo.ts';
import { label } from '../applications/catalogue.ts';
import { applicationAddresses } from '../clients/application-addresses.ts';
import { canGive, givingAdministrators, type GivingAdministrator } from '../entitlements/administrators-of.ts';
import { heldBy } from '../entitlements/held-by.ts';
import { listNews, type NewsItem } from '../news/news.ts';
import { emailOf } from '../users/user-row.ts';
import { languageOf } from '../web/page.ts';
import { translatorOf } from '../web/render.ts';
import type { PortalSettings } from './portal-settings.ts';
import { dayOf } from '../web/days.ts';
import { shellLocals } from './shell.ts';
import { visitorOf } from './signed-in.ts';
import { waitingByApplication } from '../requests/request-row.ts';

const MOST_NEWS = 3;
/** Further ones are on the page that lists them. */
const MOST_GIVERS = 3;

/** An application that the person does not have: whom to ask, or that nobody in his organization can help. */
function lockedTile(
  application: Application,
  language: Language,
  administrators: readonly GivingAdministrator[],
  himself: string,
  asked: { readonly id: string; readonly askedAt: Date } | undefined,
) {
  const givers = administrators.filter((one) => canGive(one, application.key));
  return {
    key: application.key,
    ...naming(application, language),
    state: givers.length > 0 ? 'locked' : 'unavailable',
    givers: givers.slice(0, MOST_GIVERS).map(({ id, name }) => ({ name, himself: id === himself })),
    more: Math.max(0, givers.length - MOST_GIVERS),
    askHref: `/portal/administrators?application=${application.key}`,
    requestHref: `/portal/ask?application=${application.key}`,
    ...(asked ? { asked: { at: asked.askedAt, href: `/portal/requests/${asked.id}` } } : {}),
  };
}

const naming = (application: Application, language: Language) => ({
  label: label(application.label, language),
  ...(application.description ? { description: label(application.description, language) } : {}),
});

const shownNews = ({ id, day, title, text, moreUrl }: NewsItem, language: Language) => ({
  id,
  day: new Date(`${day}T12:00:00Z`),
  title: label(title, language),
  text: label(text, language),
  moreUrl,
});

export const homePage = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const visitor = visitorOf(req);
  const { ctx, organizationId, userId } = visitor;
  const language = languageOf(res, settings.site);
  const t = translatorOf(settings.site, res);
  const [held, addresses, logos, administrators, news, shell, waiting] = await Promise.all([
    heldBy({ organizationId, userId, now: ctx.now }),
    applicationAddresses(),
    logoAddresses(),
    givingAdministrators(ctx),
    listNews({ limit: MOST_NEWS, until: dayOf(ctx.now, settings.site.timeZone) }),
    shellLocals(visitor, 'home'),
    waitingByApplication(organizationId, userId),
  ]);
  const has = new Set(held.map(({ entitlement }) => entitlement.application));
  const isActive = ({ key, admit }: Application) => has.has(key) || admit === 'everyone';
  const all = [...settings.catalogue.values()];
  const person = {
    ...shell.person,
    username: String(visitor.document['userName']),
    email: emailOf(visitor.document) ?? undefined,
    lastSignIn: visitor.lastSignInAt ?? undefined,
  };
  const notice = req.query['done'] === 'password' ? { kind: 'ok', text: t('portal:password.changed') } : undefined;
  settings.render(res, 'portal/home', {
    ...shell,
    person,
    active: all.filter(isActive).map((application) => ({
      ...naming(application, language),
      logo: logos.get(application.key),
      // Support would be signed in there as himself.
      ...(addresses.has(application.key) && !visitor.acting ? { href: addresses.get(application.key) } : {}),
    })),
    locked: all
      .filter((application) => !isActive(application))
      .map((application) => ({
        ...lockedTile(application, language, administrators, userId, waiting.get(application.key)),
        logo: logos.get(application.key),
      })),
    news: news.map((item) => shownNews(item, language)),
    notice,
  });
};
