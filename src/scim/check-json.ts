// Request text -> JSON value, checked before the parser builds anything: nesting is bounded by a scan
// without recursion, so 100,000 brackets cost microseconds (RFC 8259 section 9 allows such limits).
import { badRequest } from './errors.ts';

export const MAX_JSON_DEPTH = 32;
/** Longest name of an attribute, in characters as written. */
const MAX_NAME = 1024;

/**
 * Parses a body. Throws `invalidSyntax` if it is no JSON, nested deeper than 32, or holds a name of more
 * than 1,024 characters. `__proto__` stays an ordinary own name: readers look names up, never copy them.
 */
export function checkJson(text: string): unknown {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  checkDepth(body);
  try {
    return JSON.parse(body) as unknown;
  } catch {
    // Not the parser's own message: it quotes the body, which may hold a password.
    throw badRequest('invalidSyntax', 'The body is not valid JSON.');
  }
}

function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (end - at > MAX_NAME && isName(text, end))
        throw badRequest('invalidSyntax', 'The body holds a name that is too long.');
      at = end;
    } else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      depth += 1;
      if (depth > MAX_JSON_DEPTH)
        throw badRequest('invalidSyntax', `The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth -= 1;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const COLON = 0x3a;

/** Position of the closing quote, or the end of a text that lacks it (which the parser then refuses). */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === COLON;
}
