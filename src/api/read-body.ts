// Reads a JSON body under bounds, before anything looks at it: media type, size, nesting.
import type { IncomingMessage } from 'node:http';
import { badBody } from './problems.ts';

export const MAX_BODY = 1024 * 1024;
export const MAX_DEPTH = 32;

function checkHeaders(request: IncomingMessage): void {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json' && type !== 'application/merge-patch+json') {
    throw badBody(415, 'The body must be JSON: Content-Type: application/json.');
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw badBody(415, 'Compressed bodies are not taken.');
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) throw tooLarge();
}

const tooLarge = () => badBody(413, `The body is larger than ${MAX_BODY} bytes.`);

/** Whether brackets nest deeper than the bound, by a scan without recursion; brackets in strings do not count. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (inString) {
      if (sign === '\\') at += 1;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === '[' || sign === '{') {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (sign === ']' || sign === '}') depth -= 1;
  }
  return false;
}

/** The parsed JSON; undefined for a request without a body. Throws RequestProblem 400, 413, 415. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const { headers } = request;
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return undefined;
  checkHeaders(request);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw tooLarge();
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  const text = decode(Buffer.concat(chunks));
  if (isTooDeep(text)) throw badBody(400, `The body is nested deeper than ${MAX_DEPTH} levels.`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not the parser's own message: it quotes the body, which may hold a secret.
    throw badBody(400, 'The body is not valid JSON.');
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badBody(400, 'The body is not valid UTF-8.');
  }
}
