// Reads a JSON body under bounds, before anything looks at it: media type, size, nesting.
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { JsonFault, parseJson } from '../web/parse-json.ts';
import { badBody } from './problems.ts';

const MAX_BODY = 1024 * 1024;

function checkHeaders(request: IncomingMessage, most: number): void {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json' && type !== 'application/merge-patch+json') {
    throw badBody(415, 'The body must be JSON: Content-Type: application/json.');
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw badBody(415, 'Compressed bodies are not taken.');
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge(most);
}

const tooLarge = (most: number) => badBody(413, `The body is larger than ${most} bytes.`);

/** The parsed JSON; undefined for a request without a body. Throws RequestProblem 400, 413, 415. */
export async function readBody(request: IncomingMessage, most = MAX_BODY): Promise<unknown> {
  const { headers } = request;
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return undefined;
  checkHeaders(request, most);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw tooLarge(most);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes)) throw badBody(400, 'The body is not valid UTF-8.');
  try {
    return await parseJson(bytes.toString('utf8'), most);
  } catch (error) {
    throw error instanceof JsonFault ? badBody(400, error.message) : error;
  }
}
