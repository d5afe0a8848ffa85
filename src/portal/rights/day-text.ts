// A day in words, where a text is composed outside a view.
import type { Language } from '../../applications/application.ts';

export const dayText = (at: Date | number, language: Language, timeZone: string): string =>
  new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'long', timeZone }).format(at);
