// What a mail says, without its looks: one description from which both parts, plain text and HTML, are made, so that
// they cannot differ.
import type { Language } from '../applications/application.ts';
import type { Translate } from '../texts.ts';

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: 'links'; readonly items: readonly { readonly label: string; readonly href: string }[] }
  /** `href` comes from Say.link only. */
  | { readonly kind: 'action'; readonly label: string; readonly href: string }
  | { readonly kind: 'small'; readonly text: string };

export type Letter = {
  readonly subject: string;
  /** Absent where the reader's name is not known for sure. */
  readonly name?: string;
  readonly blocks: readonly Block[];
};

/** What a letter is written with: one language, the operator's name, dates and links. */
export type Say = {
  readonly t: Translate;
  readonly language: Language;
  readonly brand: string;
  /** Telephone number or address of the operator's customer service. */
  readonly customerService: string | undefined;
  /** An instant in words, with its time. */
  readonly date: (at: Date) => string;
  /** "7 days", "60 minutes". */
  readonly duration: (minutes: number) => string;
  /** The address of a path of ours. Throws a RangeError if it would lead anywhere else. */
  readonly link: (path: string) => string;
};

/** One letter for each kind of mail, from what it is given. */
export type LettersOf<Mails> = { readonly [K in keyof Mails]: (values: Mails[K], say: Say) => Letter };

export const text = (words: string): Block => ({ kind: 'text', text: words });
export const small = (words: string): Block => ({ kind: 'small', text: words });
export const action = (label: string, href: string): Block => ({ kind: 'action', label, href });
