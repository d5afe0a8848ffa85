// One id for each request, in the log, in every error a person or client sees and in the answer's `X-Request-Id`.
// An id from outside counts only behind a trusted proxy: otherwise a caller could write into our log and audit.
import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';

const ACCEPTED = /^[A-Za-z0-9._-]{8,64}$/;

/** Middleware. `trustProxy`: number of proxies in front of us, 0 for none. */
export function assignRequestId(settings: { readonly trustProxy: number }): RequestHandler {
  return (req, res, next) => {
    const given = settings.trustProxy > 0 ? req.get('x-request-id') : undefined;
    const id = given !== undefined && ACCEPTED.test(given) ? given : randomUUID();
    res.locals.requestId = id;
    res.set('X-Request-Id', id);
    next();
  };
}

/** The id of the request that this response answers; empty only if the middleware did not run. */
export function requestIdOf(res: Response): string {
  return res.locals.requestId ?? '';
}
