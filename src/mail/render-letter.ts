// A letter in one language, as subject, plain text and HTML. Everything that is printed into HTML is escaped; there are no
// pictures, no scripts and nothing that tells the sender when it is read.
import type { Language } from '../applications/application.ts';
import { quotedName, subjectLine } from './address.ts';
import { LETTERS, type MailKind, type Mails } from './letters.ts';
import type { Say } from './letter.ts';
import { mailSettings, type MailSettings } from './mail-settings.ts';

type RenderedMail = { readonly subject: string; readonly text: string; readonly html: string };

const HOUR = 60;
const DAY = 24 * HOUR;

export function renderLetter<K extends MailKind>(kind: K, values: Mails[K], language: Language): RenderedMail {
  const settings = mailSettings();
  const say = sayIn(settings, language);
  const written = LETTERS[kind](values, say);
  const subject = subjectLine(written.subject);
  const letter = { ...written, subject, ...(written.name !== undefined && { name: quotedName(written.name) }) };
  const locals = { t: say.t, language, letter, brand: settings.brand, accent: settings.accent };
  return { subject, text: settings.templates.text(locals), html: settings.templates.html(locals) };
}

function sayIn(settings: MailSettings, language: Language): Say {
  // Dates as Europe writes them in English.
  const region = language === 'en' ? 'en-GB' : language;
  const dates = new Intl.DateTimeFormat(region, { dateStyle: 'full', timeStyle: 'short', timeZone: settings.timeZone });
  const count = (value: number, unit: string) =>
    new Intl.NumberFormat(region, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
  return {
    t: settings.texts.translator(language),
    language,
    brand: settings.brand,
    customerService: settings.customerService,
    date: (at) => dates.format(at),
    duration: (minutes) =>
      minutes % DAY === 0
        ? count(minutes / DAY, 'day')
        : minutes > 2 * HOUR && minutes % HOUR === 0
          ? count(minutes / HOUR, 'hour')
          : count(minutes, 'minute'),
    link: (path) => {
      const url = new URL(path, settings.publicUrl);
      if (url.origin !== settings.publicUrl.origin) throw new RangeError('A mail links to the hub only');
      return url.href;
    },
  };
}
