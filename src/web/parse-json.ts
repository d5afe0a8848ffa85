// Text -> JSON value under bounds (RFC 8259 section 9 allows them), without holding the event loop: nesting is bounded
// before anything is built, and a large body is read in portions between which other requests have their turn. Small
// ones are the engine's own parser's, after a scan. Within the bounds both take and refuse exactly the same texts.
// `__proto__` stays an ordinary own name.
import { setImmediate as turn } from 'node:timers/promises';

export const MAX_JSON_DEPTH = 32;
/** Longest name, in characters as written. */
export const MAX_JSON_NAME = 1024;
/** Most names of one object, and most values of a body of more than 64 KiB: 350,000 members have 700,000. */
const MAX_JSON_NAMES = 10_000;
const MAX_JSON_VALUES = 1_000_000;
/** Longest text where the caller says nothing else, and longest white space. */
export const MAX_JSON_TEXT = 4 * 1024 * 1024;

/** `message` says what is wrong and quotes nothing of the body, which may hold a secret. */
export class JsonFault extends Error {}

const SMALL = 64 * 1024;
/** Characters between two looks at the clock, and how long a portion may take. */
const LOOK_EVERY = 16 * 1024;
/** A longer text is taken in pieces. */
const TEXT_PIECE = 256 * 1024;
const PORTION_MS = 8;

const notJson = () => new JsonFault('The body is not valid JSON.');
const tooDeep = () => new JsonFault(`The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
const nameTooLong = () => new JsonFault('The body holds a name that is too long.');
const textTooLong = (most = MAX_JSON_TEXT) => new JsonFault(`The body holds a text of more than ${most} characters.`);
const tooMany = () => new JsonFault(`The body holds more than ${MAX_JSON_VALUES} values.`);
const tooManyNames = () => new JsonFault(`The body holds an object of more than ${MAX_JSON_NAMES} names.`);

/** Throws JsonFault. A byte order mark is passed over. `longest`: characters of a text, as written. */
export async function parseJson(text: string, longest = MAX_JSON_TEXT): Promise<unknown> {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  return text.length <= SMALL
    ? parseSmall(start === 0 ? text : text.slice(1))
    : new Reader(text, start, longest).read();
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const SMALL_U = 0x75;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

function parseSmall(text: string): unknown {
  scan(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notJson();
  }
}

/** Depth and names, without recursion: 100,000 brackets cost microseconds. */
function scan(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const begun = at;
      for (at += 1; at < text.length; at += 1) {
        const sign = text.charCodeAt(at);
        if (sign === QUOTE) break;
        if (sign === BACKSLASH) at += 1;
      }
      if (at - begun - 1 > MAX_JSON_NAME && isName(text, at)) throw nameTooLong();
    } else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      depth += 1;
      if (depth > MAX_JSON_DEPTH) throw tooDeep();
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth -= 1;
  }
}

function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at) === COLON;
}

const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

type Container = unknown[] | Record<string, unknown>;

/** One pass over the text; what is open stands on a stack of at most 32. */
class Reader {
  readonly #text: string;
  readonly #longest: number;
  #at: number;

  constructor(text: string, start: number, longest: number) {
    this.#text = text;
    this.#at = start;
    this.#longest = longest;
  }

  async read(): Promise<unknown> {
    const open: Container[] = [];
    /** How many names each of them has. */
    const names: number[] = [];
    let name = '';
    let root: unknown;
    let begun = performance.now();
    let values = 0;
    let look = this.#at + LOOK_EVERY;
    for (;;) {
      if (this.#at > look) {
        look = this.#at + LOOK_EVERY;
        if (performance.now() - begun > PORTION_MS) {
          await turn();
          begun = performance.now();
        }
      }
      const holder = open.at(-1);
      // Here a value begins.
      const code = this.#next();
      let value: unknown;
      let opened: Container | undefined;
      values += 1;
      if (values > MAX_JSON_VALUES) throw tooMany();
      if (code === OPEN_BRACKET) value = opened = [];
      else if (code === OPEN_BRACE) value = opened = {};
      else if (code === QUOTE) value = this.#string(TEXT_PIECE) ?? (await this.#longString());
      else value = this.#scalar();
      if (holder === undefined) root = value;
      else if (Array.isArray(holder)) holder.push(value);
      else put(holder, name, value);
      if (opened) {
        this.#at += 1;
        if (open.length === MAX_JSON_DEPTH) throw tooDeep();
        const isArray = Array.isArray(opened);
        if (this.#next() === (isArray ? CLOSE_BRACKET : CLOSE_BRACE)) this.#at += 1;
        else {
          open.push(opened);
          names.push(1);
          if (!isArray) name = this.#name();
          continue;
        }
      }
      // Here a value has ended, and whatever ends with it.
      for (;;) {
        const around = open.at(-1);
        const sign = this.#next();
        if (around === undefined) {
          if (this.#at < this.#text.length) throw notJson();
          return root;
        }
        this.#at += 1;
        if (sign === COMMA) {
          if (Array.isArray(around)) break;
          if ((names[names.length - 1] = (names.at(-1) ?? 0) + 1) > MAX_JSON_NAMES) throw tooManyNames();
          name = this.#name();
          break;
        }
        if (sign !== (Array.isArray(around) ? CLOSE_BRACKET : CLOSE_BRACE)) throw notJson();
        open.pop();
        names.pop();
      }
    }
  }

  /** The next sign that is no white space, not yet taken; NaN at the end. */
  #next(): number {
    let code = this.#text.charCodeAt(this.#at);
    for (const most = this.#at + MAX_JSON_TEXT; isSpace(code) && this.#at < most;)
      code = this.#text.charCodeAt((this.#at += 1));
    if (isSpace(code)) throw textTooLong();
    return code;
  }

  #name(): string {
    if (this.#next() !== QUOTE) throw notJson();
    const name = this.#string(MAX_JSON_NAME);
    if (name === undefined) throw nameTooLong();
    if (this.#next() !== COLON) throw notJson();
    this.#at += 1;
    return name;
  }

  /** The text that begins here, up to `most` characters; undefined for a longer one, of which nothing is taken. */
  #string(most: number): string | undefined {
    const begun = this.#at + 1;
    const { end, escaped } = this.#endOfPiece(begun, begun + most);
    if (this.#text.charCodeAt(end) !== QUOTE) return undefined;
    this.#at = end + 1;
    return this.#piece(begun, end, escaped);
  }

  /** The same, piece by piece. Throws for one of more than the longest. */
  async #longString(): Promise<string> {
    const pieces: string[] = [];
    const first = this.#at + 1;
    for (let begun = first; ;) {
      const { end, escaped } = this.#endOfPiece(begun, begun + TEXT_PIECE);
      pieces.push(this.#piece(begun, end, escaped));
      if (end - first > this.#longest) throw textTooLong(this.#longest);
      if (this.#text.charCodeAt(end) === QUOTE) {
        this.#at = end + 1;
        return pieces.join('');
      }
      begun = end;
      await turn();
    }
  }

  /** Where a quote closes the text, or the first place at or beyond `most` that is not within an escape. */
  #endOfPiece(begun: number, most: number): { end: number; escaped: boolean } {
    const text = this.#text;
    let escaped = false;
    for (let at = begun; ; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE || at >= most) return { end: at, escaped };
      // The end of the text is NaN, which compares false.
      if (!(code >= 0x20)) throw notJson();
      if (code !== BACKSLASH) continue;
      escaped = true;
      at += text.charCodeAt(at + 1) === SMALL_U ? 5 : 1;
    }
  }

  #piece(begun: number, end: number, escaped: boolean): string {
    const piece = this.#text.slice(begun, end);
    if (!escaped) return piece;
    try {
      return JSON.parse(`"${piece}"`) as string;
    } catch {
      throw notJson();
    }
  }

  #scalar(): unknown {
    SCALAR.lastIndex = this.#at;
    const found = SCALAR.exec(this.#text)?.[0];
    if (found === undefined) throw notJson();
    if (found.length > SMALL) throw textTooLong();
    this.#at += found.length;
    const word = WORDS[found];
    return word === undefined ? Number(found) : word;
  }
}

function put(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else object[name] = value;
}
