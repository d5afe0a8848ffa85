// Answers with a page: the view with what every page needs, in the visitor's language, kept by no cache.
import type { Response } from 'express';
import type { Cookies } from './cookies.ts';
import { LANGUAGES, languageOf, type Language, type Translate } from './languages.ts';
import type { Session } from './sessions.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A page that says one thing: the texts `title_<kind>` and `text_<kind>`. */
export type Message =
  | 'bad_request'
  | 'form_refused'
  | 'no_access'
  | 'not_found'
  | 'session_ended'
  | 'sign_in_failed'
  | 'signed_out'
  | 'unavailable'
  | 'unexpected';

export type Pages = {
  /** Sends a view; its title is the text `title_<view>`. */
  readonly show: (res: Response, view: string, values?: Readonly<Record<string, unknown>>, status?: number) => void;
  readonly tell: (res: Response, message: Message, status: number) => void;
};

export type PageParts = {
  readonly cookies: Cookies;
  readonly texts: Readonly<Record<Language, Translate>>;
  readonly vocabulary: Vocabulary;
};

export function createPages(parts: PageParts): Pages {
  const send = (res: Response, view: string, titleKey: string, values: object, status: number): void => {
    const common = commonValues(res, parts);
    res.set('Cache-Control', 'no-store');
    res.status(status).render(view, { ...values, ...common, title: common.t(titleKey) });
  };
  return {
    show: (res, view, values = {}, status = 200) =>
      send(res, view, `title_${view.replaceAll('-', '_')}`, values, status),
    tell: (res, message, status) => send(res, 'message', `title_${message}`, { message }, status),
  };
}

function commonValues(res: Response, { cookies, texts, vocabulary }: PageParts) {
  const { req } = res;
  const language = languageOf(req, cookies);
  const time = new Intl.DateTimeFormat(language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'Europe/Brussels',
  });
  const number = new Intl.NumberFormat(language);
  const session = res.locals['session'] as Session | undefined;
  const here = hereOf(req.originalUrl);
  // The answer to a form, or to the hub's redirect, has no address of its own to come back to.
  const again = req.method === 'GET' && here.pathname !== '/callback' ? here : new URL('/', here);
  return {
    t: texts[language],
    language,
    languages: Object.entries(LANGUAGES).map(([code, name]) => ({ code, name, href: inLanguage(again, code) })),
    // Which entry of the menu is the present page; the answer to a form is none.
    here: req.method === 'GET' ? here.pathname : undefined,
    person: session && { name: session.name, csrf: session.csrf },
    date: (at: Date) => time.format(at),
    number: (n: number) => number.format(n),
    product: (key: string) => vocabulary.product(key, language),
    right: (key: string) => vocabulary.right(key, language),
  };
}

/** The address asked for on a host that does not matter; "//elsewhere" must not become another one. */
function hereOf(originalUrl: string): URL {
  return new URL(`/${originalUrl.replace(/^[/\\]+/, '')}`, 'http://here');
}

function inLanguage(url: URL, code: string): string {
  const query = new URLSearchParams(url.search);
  query.set('language', code);
  return `${url.pathname}?${query.toString()}`;
}
