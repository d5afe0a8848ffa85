// One way to answer with a page: the view in its layout, in the visitor's language, never cached.
// A view names its layout and title at its top; everything printed is escaped.
import type { Response } from 'express';
import type { Texts, Translate } from '../texts.ts';
import type { Brand } from './brand.ts';
import { formToken } from './csrf.ts';
import type { FormSettings } from './csrf.ts';
import { keepPrivate } from './headers.ts';
import { languageLinks, languageOf, themeCookieName, themeLinks } from './page.ts';
import type { PageSettings } from './page.ts';
import { requestIdOf } from './request-id.ts';
import type { Assets } from './static.ts';
import type { Views } from './views.ts';

/** Addresses in header and footer; what is absent is not shown. */
type SiteLinks = {
  readonly home: string;
  readonly help?: string;
  readonly customerService?: string;
  readonly shop?: string;
  readonly privacy?: string;
  readonly disclaimer?: string;
  readonly terms?: string;
};

export type Site = PageSettings &
  FormSettings & {
    readonly brand: Brand;
    readonly links: SiteLinks;
    readonly texts: Texts;
    readonly views: Views;
    readonly assets: Assets;
    /** IANA name; times on pages are shown in it. */
    readonly timeZone: string;
  };

type RenderOptions = {
  readonly status?: number;
  /** Instead of the title that the view names. */ readonly title?: string;
};

/** Sends the page `view` (such as `sign-in/sign-in`) with its own values. Throws before anything is sent. */
export type Render = (
  res: Response,
  view: string,
  locals?: Readonly<Record<string, unknown>>,
  options?: RenderOptions,
) => void;

export function createRender(site: Site): Render {
  return (res, view, locals = {}, options = {}) => {
    const values = { ...locals, ...commonValues(site, res) };
    const head = site.views.head(view);
    const title = options.title ?? values.t(titleKey(head.title, locals), locals);
    const html = site.views.html(`layout/${head.layout}`, {
      ...values,
      page: { ...values.page, view: `/${view}`, title },
    });
    keepPrivate(res);
    res
      .status(options.status ?? 200)
      .type('html')
      .send(html);
  };
}

// `errors:{kind}.title` takes its part from the page's own values.
function titleKey(pattern: string, locals: Readonly<Record<string, unknown>>): string {
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => String(locals[name]));
}

/** The translator for this answer, for the sentences that an edge composes itself. */
export function translatorOf(site: Site, res: Response): Translate {
  return site.texts.translator(languageOf(res, site));
}

// What each template may use by name (views.ts, COMMON).
function commonValues(site: Site, res: Response) {
  const { req } = res;
  const language = languageOf(res, site);
  // Dates as Europe writes them in English.
  const region = language === 'en' ? 'en-GB' : language;
  const theme = res.locals.theme ?? 'system';
  return {
    t: site.texts.translator(language),
    language,
    brand: site.brand,
    page: {
      links: site.links,
      languages: languageLinks(req, site.publicUrl, language),
      theme,
      themes: themeLinks(req, site.publicUrl, theme),
      themeCookie: themeCookieName(site.publicUrl),
      requestId: requestIdOf(res),
      acting: res.locals.acting,
    },
    asset: site.assets.url,
    csrf: () => formToken(req, res, site),
    date: (value: Date | number, style: 'date' | 'time' = 'time') =>
      new Intl.DateTimeFormat(region, {
        dateStyle: 'long',
        ...(style === 'time' ? { timeStyle: 'short' } : {}),
        timeZone: site.timeZone,
      }).format(value),
    number: (value: number) => new Intl.NumberFormat(region).format(value),
  };
}
