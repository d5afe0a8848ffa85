// Reads a request's body under a bound, before anything looks at it (RFC 7644 section 3.12: 413, 415).
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { JsonFault, parseJson } from '../web/parse-json.ts';
import { ScimError, badRequest } from './errors.ts';

const MIB = 1024 * 1024;
/** A group's body may list its members, a bulk's a thousand resources. */
export const bodyLimit = (endpoint: string | undefined): number =>
  endpoint === 'Groups' || endpoint === 'Bulk' ? 16 * MIB : MIB;

function checkType(request: IncomingMessage): void {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/scim+json' && type !== 'application/json') {
    throw new ScimError(415, undefined, 'Content-Type: expected application/scim+json or application/json.');
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    throw new ScimError(415, undefined, 'Content-Type: expected the charset UTF-8 (RFC 8259 section 8.1).');
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new ScimError(415, undefined, 'Content-Encoding: compressed bodies are not taken.');
}

/** The parsed JSON. Throws 413, 415 and `invalidSyntax`. */
export async function readBody(request: IncomingMessage, limit: number): Promise<unknown> {
  checkType(request);
  const tooLarge = () => new ScimError(413, undefined, `The body is larger than ${limit} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  if (size === 0) throw badRequest('invalidSyntax', 'The request needs a JSON body.');
  const bytes = Buffer.concat(chunks);
  // Else another sign would be stored than the one that was sent (RFC 8259 section 8.1).
  if (!isUtf8(bytes)) throw badRequest('invalidSyntax', 'The body is not valid UTF-8.');
  try {
    return await parseJson(bytes.toString('utf8'));
  } catch (error) {
    throw error instanceof JsonFault ? badRequest('invalidSyntax', error.message) : error;
  }
}
