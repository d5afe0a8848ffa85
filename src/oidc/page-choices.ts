// Language and theme of the few pages that the provider itself answers with. Unlike everywhere else `ui_locales` is here the
// application's wish (OIDC Core 3.1.2.1), not the visitor's choice: the request goes on as it came.
import type { RequestHandler } from 'express';
import { readCookie } from '../web/cookies.ts';
import { rememberChoices, THEMES, type PageSettings } from '../web/page.ts';

export function pageChoices(site: PageSettings): RequestHandler {
  const remember = rememberChoices(site);
  return (req, res, next) => {
    const { language, theme, ui_locales: uiLocales } = req.query;
    if (req.method === 'GET' && (language !== undefined || theme !== undefined)) return remember(req, res, next);
    const kept = readCookie(req, site.publicUrl, 'theme');
    res.locals.theme = THEMES.find((known) => known === kept) ?? 'system';
    res.locals.languageSources = {
      chosen: readCookie(req, site.publicUrl, 'language'),
      uiLocales: typeof uiLocales === 'string' ? uiLocales : undefined,
      acceptLanguage: req.get('accept-language'),
      operator: site.defaultLanguage,
    };
    next();
  };
}
