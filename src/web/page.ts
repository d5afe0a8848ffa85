// What a page knows about its visitor before it knows who he is: language, light or dark, and the links that change
// both. `?language=fr` (also `ui_locales`, and `oss_language` of older bookmarks) and `?theme=dark` are choices: they
// are kept in a cookie and the address is cleaned. They change nothing but the visitor's own view, so a link may make them.
import type { Request, RequestHandler, Response } from 'express';
import { LANGUAGES } from '../applications/application.ts';
import type { Language } from '../applications/application.ts';
import { toLanguage } from '../texts.ts';
import { cookieName, readCookie, setCookie } from './cookies.ts';
import { chooseLanguage, ENDONYMS } from './languages.ts';
import type { LanguageSources } from './languages.ts';
import { hasNulInQuery, Unreadable } from './unreadable.ts';

export const THEMES = ['light', 'dark', 'system'] as const;
export type Theme = (typeof THEMES)[number];

const A_YEAR = 365 * 24 * 60 * 60;
const LANGUAGE_PARAMETERS = ['language', 'ui_locales', 'oss_language'] as const;

export type PageSettings = { readonly publicUrl: URL; readonly defaultLanguage: Language };

/** Middleware before every page. */
export function rememberChoices(settings: PageSettings): RequestHandler {
  const { publicUrl } = settings;
  return (req, res, next) => {
    if (hasNulInQuery(req.originalUrl)) return next(new Unreadable());
    const url = currentUrl(req, publicUrl);
    const language = LANGUAGE_PARAMETERS.map((name) => url.searchParams.get(name) ?? undefined)
      .flatMap((value) => value?.split(' '))
      .map(toLanguage)
      .find((value) => value !== undefined);
    const theme = toTheme(url.searchParams.get('theme') ?? undefined);
    if (language) setCookie(res, publicUrl, 'language', language, { maxAge: A_YEAR });
    // Readable, because theme.js switches without a round trip.
    if (theme) setCookie(res, publicUrl, 'theme', theme, { maxAge: A_YEAR, readable: true });
    if ((language || theme) && req.method === 'GET') return res.redirect(303, withoutChoices(url));

    res.locals.theme = theme ?? toTheme(readCookie(req, publicUrl, 'theme')) ?? 'system';
    res.locals.languageSources = {
      chosen: language ?? readCookie(req, publicUrl, 'language'),
      acceptLanguage: req.get('accept-language'),
      operator: settings.defaultLanguage,
    };
    res.vary('Accept-Language');
    next();
  };
}

/** Adds what becomes known later in the request: the user's profile, the asking application's ui_locales, the organization. */
export function suggestLanguage(
  res: Response,
  sources: Partial<Pick<LanguageSources, 'profile' | 'uiLocales' | 'organization'>>,
): void {
  if (res.locals.languageSources) res.locals.languageSources = { ...res.locals.languageSources, ...sources };
}

/** The language of this answer at this point of the request. */
export function languageOf(res: Response, settings: PageSettings): Language {
  return chooseLanguage(res.locals.languageSources ?? { operator: settings.defaultLanguage });
}

type LanguageLink = {
  readonly code: Language;
  readonly name: string;
  readonly href: string;
  readonly current: boolean;
};
type ThemeLink = { readonly theme: Theme; readonly href: string; readonly current: boolean };

/** The switch above every page: each language by its own name, linking to this same page. */
export function languageLinks(req: Request, publicUrl: URL, current: Language): LanguageLink[] {
  return LANGUAGES.map((code) => ({
    code,
    name: ENDONYMS[code],
    href: withChoice(req, publicUrl, 'language', code),
    current: code === current,
  }));
}

export function themeLinks(req: Request, publicUrl: URL, current: Theme): ThemeLink[] {
  return THEMES.map((theme) => ({
    theme,
    href: withChoice(req, publicUrl, 'theme', theme),
    current: theme === current,
  }));
}

export function themeCookieName(publicUrl: URL): string {
  return cookieName(publicUrl, 'theme');
}

function currentUrl(req: Request, publicUrl: URL): URL {
  const url = new URL(publicUrl.origin);
  const [path = '/', query = ''] = req.originalUrl.split(/\?(.*)/s);
  url.pathname = path;
  url.search = query;
  return url;
}

function withoutChoices(url: URL): string {
  const clean = new URL(url);
  for (const name of [...LANGUAGE_PARAMETERS, 'theme']) clean.searchParams.delete(name);
  return local(clean);
}

function withChoice(req: Request, publicUrl: URL, name: string, value: string): string {
  const url = currentUrl(req, publicUrl);
  url.searchParams.set(name, value);
  return local(url);
}

// Path and query only. What begins with two slashes, or with a backslash that URL turned into one, names a host to a browser.
function local(url: URL): string {
  return url.pathname.replace(/^\/{2,}/, '/') + url.search;
}

function toTheme(value: string | undefined): Theme | undefined {
  return THEMES.find((theme) => theme === value);
}
