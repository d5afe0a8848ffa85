// Which language a page speaks (the visitor's choice, then the browser's), and its sentences.
import { readFileSync } from 'node:fs';
import type { Request, RequestHandler } from 'express';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Cookies } from './cookies.ts';

/** Each by its own name, in the order of the switch. */
export const LANGUAGES = { nl: 'Nederlands', fr: 'Français', de: 'Deutsch', en: 'English' } as const;
export type Language = keyof typeof LANGUAGES;
export type Translate = (key: string, values?: Readonly<Record<string, string>>) => string;

export const isLanguage = (text: unknown): text is Language =>
  typeof text === 'string' && Object.hasOwn(LANGUAGES, text);

/** Throws at start for a file that is missing or not flat. */
export function loadTexts(): Readonly<Record<Language, Translate>> {
  const translator = (language: Language): Translate => {
    const file = new URL(`texts/${language}.yaml`, import.meta.url);
    const texts = z.record(z.string(), z.string()).parse(parse(readFileSync(file, 'utf8')));
    return (key, values = {}) => {
      const text = texts[key];
      if (text === undefined) throw new Error(`There is no text "${key}" in ${language}`);
      return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
    };
  };
  return { nl: translator('nl'), fr: translator('fr'), de: translator('de'), en: translator('en') };
}

export function languageOf(req: Request, cookies: Cookies): Language {
  const chosen = cookies.read(req, 'language');
  if (isLanguage(chosen)) return chosen;
  const accepted = req.acceptsLanguages(Object.keys(LANGUAGES));
  return isLanguage(accepted) ? accepted : 'nl';
}

/** `?language=fr` on any page is kept in a cookie, and the page comes again without it. */
export function rememberLanguage(cookies: Cookies, publicUrl: URL): RequestHandler {
  return (req, res, next) => {
    const { language } = req.query;
    if (req.method !== 'GET' || !isLanguage(language)) return void next();
    cookies.write(res, 'language', language, 365 * 24 * 60 * 60);
    // Resolved and cut to its path: "//elsewhere" must not become another host.
    const here = new URL(`${publicUrl.origin}${req.originalUrl}`);
    here.searchParams.delete('language');
    res.redirect(303, `/${here.pathname.replace(/^\/+/, '')}${here.search}`);
  };
}
