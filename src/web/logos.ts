// The applications' logos, as pictures that a browser keeps and never runs.
import type { RequestHandler } from 'express';
import { findLogo } from '../applications/application-logo.ts';
import { catalogue } from '../applications/current-catalogue.ts';

/** GET /logos/:application */
export const logos: RequestHandler = async (req, res, next) => {
  const application = String(req.params['application']);
  const logo = catalogue().has(application) ? await findLogo(application) : undefined;
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
