// Answers with a page: the view with what every page needs, in the visitor's language, kept by no cache.
import type { Response } from 'express';
import type { Cookies } from './cookies.ts';
import { LANGUAGES, languageOf, type Language, type Translate } from './languages.ts';
import type { Session } from './sessions.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Sends the page `view`; its title is the text `title_<view>`. */
export type Render = (res: Response, view: string, values?: Readonly<Record<string, unknown>>, status?: number) => void;

export type PageParts = {
  readonly cookies: Cookies;
  readonly texts: Readonly<Record<Language, Translate>>;
  readonly vocabulary: Vocabulary;
};

export function pageRenderer({ cookies, texts, vocabulary }: PageParts): Render {
  return (res, view, values = {}, status = 200) => {
    const { req } = res;
    const language = languageOf(req, cookies);
    const t = texts[language];
    const time = new Intl.DateTimeFormat(language, {
      dateStyle: 'long',
      timeStyle: 'short',
      timeZone: 'Europe/Brussels',
    });
    const number = new Intl.NumberFormat(language);
    const session = res.locals['session'] as Session | undefined;
    // A form's answer has no address of its own to come back to in another language.
    const path = req.method === 'GET' && !req.path.startsWith('/callback') ? req.path : '/';
    const items = Object.entries(LANGUAGES).map(([code, name]) => ({
      code,
      name,
      href: `${path}?language=${code}`,
      current: code === language,
    }));
    res.set('Cache-Control', 'no-store');
    res.status(status).render(view, {
      ...values,
      t,
      language,
      languages: items,
      title: t(`title_${view.replaceAll('-', '_')}`),
      here: req.path,
      person: session && { name: session.name, csrf: session.csrf },
      date: (at: Date) => time.format(at),
      number: (n: number) => number.format(n),
      product: (key: string) => vocabulary.product(key, language),
      right: (key: string) => vocabulary.right(key, language),
      brief: (id: string) => id.slice(0, 8),
    });
  };
}
