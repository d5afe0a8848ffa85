// Which of the four languages a page speaks. Order: what the person chose > what his profile says > what the
// application asked for (OIDC Core 3.1.2.1, ui_locales) > what the browser says (RFC 9110 12.5.4) > the organization's > the operator's.
// Knows no texts: ../texts.ts does.
import type { Language } from '../applications/application.ts';
import { toLanguage } from '../texts.ts';

/** Each language by its own name, in the order of the switch. */
export const ENDONYMS: Readonly<Record<Language, string>> = {
  nl: 'Nederlands',
  fr: 'Français',
  de: 'Deutsch',
  en: 'English',
};

/** Raw values as they arrive, best first; anything that is not one of our languages is passed over. */
export type LanguageSources = {
  /** From the `language` cookie or the link that sets it. */
  readonly chosen?: string | undefined;
  readonly profile?: string | undefined;
  /** Language tags separated by spaces, best first. */
  readonly uiLocales?: string | undefined;
  readonly acceptLanguage?: string | undefined;
  readonly organization?: string | undefined;
  readonly operator: Language;
};

export function chooseLanguage(sources: LanguageSources): Language {
  return (
    toLanguage(sources.chosen) ??
    toLanguage(sources.profile) ??
    firstLanguage((sources.uiLocales ?? '').split(' ')) ??
    firstLanguage(acceptedTags(sources.acceptLanguage ?? '')) ??
    toLanguage(sources.organization) ??
    sources.operator
  );
}

function firstLanguage(tags: readonly string[]): Language | undefined {
  for (const tag of tags) {
    const language = toLanguage(tag);
    if (language) return language;
  }
  return undefined;
}

// Tags by falling weight; equal weights keep the browser's order, weight 0 means "not this one".
function acceptedTags(header: string): string[] {
  return header
    .slice(0, 1000)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((piece) => piece.trim());
      const q = parameters.find((parameter) => /^q=/i.test(parameter));
      return { tag, weight: q === undefined ? 1 : Number(q.slice(2)) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}
