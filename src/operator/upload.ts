// A form with a file (multipart/form-data, RFC 7578), bounded: the text fields become the body, the file stands beside it.
import express, { type Request, type RequestHandler } from 'express';

const MOST_BYTES = 5 * 1024 * 1024;
const files = new WeakMap<Request, Uint8Array>();

/** The file of the form; undefined: none was chosen. */
export const uploadedFile = (req: Request): Uint8Array | undefined => files.get(req);

async function read(req: Request): Promise<void> {
  if (!req.is('multipart/form-data') || !Buffer.isBuffer(req.body)) return;
  const bytes = new Uint8Array(req.body);
  req.body = {};
  const form = await new Response(bytes, { headers: { 'content-type': req.get('content-type') ?? '' } }).formData();
  const fields: Record<string, string> = {};
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value;
    else if (value.size > 0) files.set(req, new Uint8Array(await value.arrayBuffer()));
  }
  req.body = fields;
}

/** Before checkForms; any other form passes. What is no such form at all has no fields, so it carries no proof either. */
export const readUpload: readonly RequestHandler[] = [
  express.raw({ type: 'multipart/form-data', limit: MOST_BYTES }),
  (req, _res, next) => {
    read(req).then(
      () => next(),
      () => next(),
    );
  },
];
