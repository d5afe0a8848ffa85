// What no form or address of ours may hold: U+0000, which the database refuses in any text. Said before anything reads it.

/** 400: the visitor's own doing, never a failure of ours. */
export class Unreadable extends Error {
  readonly status: number;
  constructor(why = 'It holds a character that no text may have', status = 400) {
    super(why);
    this.name = 'Unreadable';
    this.status = status;
  }
}

const NUL = '\u0000';

/** Of an address as it came, still encoded: its query. */
export const hasNulInQuery = (url: string): boolean => /\?.*%00/s.test(url);

/** Of a parsed form: each field is a text or several. */
export function hasNulInForm(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return Object.entries(body).some(([name, value]) =>
    [name, value as unknown].flat().some((text) => typeof text === 'string' && text.includes(NUL)),
  );
}
