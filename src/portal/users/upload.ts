// Reads a form with a file (multipart/form-data, RFC 7578), bounded: what is larger is taken in and thrown away, so that the
// browser gets to read the answer. The text fields become the body, as of any other form; the file stands beside it.
import type { Request, RequestHandler, Response } from 'express';

/** The file itself is bounded by the import; the form around it is small. */
const MOST_BYTES = 20 * 1024 * 1024 + 64 * 1024;
/** Nobody is listened to beyond that. */
const MOST_DISCARDED = 512 * 1024 * 1024;
/** Each of them stands in memory whole. */
const MOST_AT_ONCE = 3;
let atOnce = 0;

type UploadedFile = { readonly name: string; readonly bytes: Uint8Array };
const files = new WeakMap<Request, UploadedFile>();

/** The file of the form; undefined: none was chosen. */
export const uploadedFile = (req: Request): UploadedFile | undefined => files.get(req);

/** Undefined: larger than the bound; it was read to its end then. */
async function readBounded(req: Request): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_DISCARDED) req.destroy();
    if (size <= MOST_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > MOST_BYTES ? undefined : Buffer.concat(chunks);
}

async function readForm(req: Request): Promise<boolean> {
  const bytes = await readBounded(req);
  if (!bytes) return false;
  const form = await new Response(bytes, { headers: { 'content-type': req.get('content-type') ?? '' } }).formData();
  const fields: Record<string, string> = {};
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else if (value.size > 0) files.set(req, { name: value.name, bytes: new Uint8Array(await value.arrayBuffer()) });
  }
  req.body = fields;
  return true;
}

/** Middleware before checkForms; any other form passes. `tooLarge` answers with a page; nothing has been done then. */
export function readUpload(tooLarge: (req: Request, res: Response) => Promise<void>): RequestHandler {
  return async (req, res, next) => {
    if (!req.is('multipart/form-data')) return next();
    if (atOnce >= MOST_AT_ONCE) {
      req.resume();
      return void res.set('Retry-After', '10').status(503).end();
    }
    atOnce += 1;
    try {
      if (await readForm(req)) return next();
    } catch {
      // No multipart form at all.
      return void res.status(400).end();
    } finally {
      atOnce -= 1;
    }
    return tooLarge(req, res);
  };
}
