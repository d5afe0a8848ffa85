// The applications' logos, as pictures that a browser keeps and never runs.
import type { RequestHandler } from 'express';
import { findLogo } from '../applications/application-logo.ts';

/** GET /logos/:application */
export const logos: RequestHandler = async (req, res, next) => {
  const logo = await findLogo(String(req.params['application']));
  if (!logo) return next();
  res
    .set({
      'Content-Type': logo.mediaType,
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Cache-Control': req.query['v'] === logo.digest ? 'public, max-age=31536000, immutable' : 'no-cache',
      ETag: `"${logo.digest}"`,
    })
    .send(logo.bytes);
};
