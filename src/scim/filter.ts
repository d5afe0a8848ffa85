// Filter text -> AST: recursive descent over RFC 7644 figure 1, and the PATCH path grammar of section
// 3.5.2 that shares its value paths. Linear in the text and bounded before and while reading. It knows
// no attribute: resolve-filter.ts does.
import type { CompareOperator, Filter } from '../provisioning/filter-ast.ts';
import { badRequest, type ScimType } from './errors.ts';

const MAX_FILTER_BYTES = 8192;
const MAX_FILTER_DEPTH = 20;
const MAX_FILTER_TERMS = 100;

type FilterOptions = {
  /** Accept what Entra ID sends beyond the grammar: values without quotes, True and False. Default true. */
  readonly lenient?: boolean;
};

/** Parses a whole filter. Throws `invalidFilter` with the position (from 1) and what was expected there. */
export function parseFilter(text: string, options: FilterOptions = {}): Filter {
  const parser = new Parser(text, options.lenient ?? true);
  const filter = parser.or(0);
  parser.end();
  return filter;
}

type PathSyntax = { readonly path: string; readonly filter?: Filter; readonly sub?: string };

/** `attr`, `attr[filter]` or `attr[filter].sub`. Throws `invalidPath`, inside the brackets `invalidFilter`. */
export function parsePathSyntax(text: string, options: FilterOptions = {}): PathSyntax {
  const parser = new Parser(text, options.lenient ?? true, 'invalidPath', 'Path');
  const path = parser.attributePath();
  if (!parser.take('[')) {
    parser.end();
    return { path };
  }
  const filter = parser.inBrackets(0);
  const sub = parser.take('.') ? parser.attributePath() : undefined;
  parser.end();
  return sub === undefined ? { path, filter } : { path, filter, sub };
}

const OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

class Parser {
  private readonly text: string;
  private readonly lenient: boolean;
  private scimType: ScimType;
  private readonly what: string;
  private position = 0;
  private terms = 0;

  constructor(text: string, lenient: boolean, scimType: ScimType = 'invalidFilter', what = 'Filter') {
    this.text = text;
    this.lenient = lenient;
    this.scimType = scimType;
    this.what = what;
    if (text.length > MAX_FILTER_BYTES || Buffer.byteLength(text) > MAX_FILTER_BYTES)
      throw badRequest(scimType, `${what}: longer than ${MAX_FILTER_BYTES} bytes.`);
    // PostgreSQL stores neither, so nothing could match, and the driver would change or refuse them.
    if (text.includes('\0') || !text.isWellFormed())
      throw badRequest(scimType, `${what}: contains U+0000 or half of a surrogate pair.`);
  }

  or(depth: number): Filter {
    return this.list('or', depth, () => this.and(depth));
  }

  private and(depth: number): Filter {
    return this.list('and', depth, () => this.term(depth));
  }

  private list(kind: 'and' | 'or', depth: number, next: () => Filter): Filter {
    if (depth > MAX_FILTER_DEPTH) this.fail(`no more than ${MAX_FILTER_DEPTH} levels of nesting`);
    const first = next();
    if (!this.keyword(kind)) return first;
    const terms = [first, next()];
    while (this.keyword(kind)) terms.push(next());
    return { kind, terms };
  }

  private term(depth: number): Filter {
    this.space();
    if (this.take('(')) return this.closing(this.or(depth + 1), ')');
    const at = this.position + 1;
    if (this.keyword('not', '(')) {
      this.space();
      if (!this.take('(')) this.fail('"(" after not');
      return { kind: 'not', term: this.closing(this.or(depth + 1), ')') };
    }
    const path = this.attributePath();
    if (!this.take('[')) return this.expression(path, at);
    const filter = this.inBrackets(depth);
    if (!this.take('.')) return { kind: 'element', path, filter, at };
    // emails[type eq "work"].value eq "x": one element must satisfy both.
    const sub = this.expression(this.attributePath(), at);
    return { kind: 'element', path, filter: { kind: 'and', terms: [filter, sub] }, at };
  }

  /** After "[" up to and with "]". */
  inBrackets(depth: number): Filter {
    const outside = this.scimType;
    this.scimType = 'invalidFilter';
    const filter = this.closing(this.or(depth + 1), ']');
    this.scimType = outside;
    return filter;
  }

  private expression(path: string, at: number): Filter {
    this.terms += 1;
    if (this.terms > MAX_FILTER_TERMS) this.fail(`no more than ${MAX_FILTER_TERMS} comparisons`);
    if (this.space() === 0) this.fail('a space and an operator');
    const start = this.position;
    const operator = this.word().toLowerCase();
    if (operator === 'pr') return { kind: 'present', path, at };
    if (!OPERATORS.has(operator)) {
      this.position = start;
      this.fail('an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)');
    }
    if (this.space() === 0) this.fail('a space and a value');
    return { kind: 'compare', path, operator: operator as CompareOperator, ...this.value(), at };
  }

  private value(): { value: string | number | boolean | null; raw: string } {
    const start = this.position;
    if (this.text[start] === '"') {
      const raw = this.quoted();
      let value: unknown;
      try {
        value = JSON.parse(raw);
      } catch {
        value = undefined;
      }
      // Escapes can name what the raw text cannot hold.
      if (typeof value === 'string' && value.isWellFormed() && !value.includes('\0')) return { value, raw: value };
      this.position = start;
      this.fail('a valid JSON string');
    }
    const raw = this.word();
    const word = this.lenient ? raw.toLowerCase() : raw;
    if (word === 'true' || word === 'false') return { value: word === 'true', raw };
    if (word === 'null') return { value: null, raw };
    if (NUMBER.test(raw) && Number.isFinite(Number(raw))) return { value: Number(raw), raw };
    if (raw.length > 0 && this.lenient) return { value: raw, raw };
    this.position = start;
    this.fail('a value: a JSON string, a number, true, false or null');
  }

  /** From the opening quote to the closing one, with both. */
  private quoted(): string {
    const start = this.position;
    for (let at = start + 1; at < this.text.length; at += 1) {
      const char = this.text[at];
      if (char === '\\') at += 1;
      else if (char === '"') {
        this.position = at + 1;
        return this.text.slice(start, at + 1);
      }
    }
    this.fail('a closing quote for the string that begins here');
  }

  /** Letters, digits, "-", "_", "$" and what separates the parts of a URN and of a path. */
  attributePath(): string {
    this.space();
    const start = this.position;
    while (this.position < this.text.length && isPathCode(this.text.charCodeAt(this.position))) this.position += 1;
    const path = this.text.slice(start, this.position);
    if (/^[A-Za-z$]/.test(path) && !path.endsWith('.') && !path.endsWith(':')) return path;
    this.position = start;
    this.fail('an attribute name');
  }

  end(): void {
    this.space();
    if (this.position < this.text.length)
      this.fail(this.what === 'Filter' ? 'and, or, or the end of the filter' : 'the end of the path');
  }

  take(char: string): boolean {
    if (this.text[this.position] !== char) return false;
    this.position += 1;
    return true;
  }

  private closing(filter: Filter, bracket: ')' | ']'): Filter {
    this.space();
    if (!this.take(bracket)) this.fail(`and, or, or "${bracket}"`);
    return filter;
  }

  /** Takes the word if it stands here on its own, followed by a space, a bracket or `follower`. */
  private keyword(word: string, follower = '('): boolean {
    const before = this.position;
    this.space();
    const end = this.position + word.length;
    const next = this.text[end];
    const matches =
      this.text.slice(this.position, end).toLowerCase() === word &&
      (next === undefined || next === follower || next === ' ' || next === '\t' || next === '\r' || next === '\n');
    // "not" may also begin as an attribute's name would: only what follows tells them apart.
    if (matches) this.position = end;
    else this.position = before;
    return matches;
  }

  /** Up to a space, a bracket or a quote. */
  private word(): string {
    const start = this.position;
    const stops = ' \t\r\n()[]"';
    while (this.position < this.text.length && !stops.includes(this.text.charAt(this.position))) this.position += 1;
    return this.text.slice(start, this.position);
  }

  private space(): number {
    const start = this.position;
    while (' \t\r\n'.includes(this.text.charAt(this.position)) && this.position < this.text.length) this.position += 1;
    return this.position - start;
  }

  private fail(expected: string): never {
    const rest = this.text.slice(this.position, this.position + 24);
    const found = rest === '' ? 'the end' : JSON.stringify(rest);
    throw badRequest(
      this.scimType,
      `${this.what}, character ${this.position + 1}: expected ${expected}, found ${found}.`,
    );
  }
}

function isPathCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) || // a-z
    (code >= 65 && code <= 90) || // A-Z
    (code >= 48 && code <= 58) || // 0-9 and ":"
    code === 45 || // -
    code === 46 || // .
    code === 95 || // _
    code === 36 // $
  );
}
