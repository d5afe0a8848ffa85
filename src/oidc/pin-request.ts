// What a request must be before the provider sees it. Scheme, host and address come from our own configuration and from the
// trusted proxies alone: whatever a caller writes into Host or X-Forwarded-* changes no address and no cookie. Of what
// clients may post (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 1.0 section 2) the provider understands the GET: a
// cross-site post would come without the session's cookie, the redirect to the same request has it.
import express, { Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { hasNulInForm, hasNulInQuery, Unreadable } from '../web/unreadable.ts';

/** Longer ones reach no server by GET. */
const LONGEST_QUERY = 8192;

export function pinRequest(settings: { readonly publicUrl: URL }): Router {
  const router = Router();
  router.use(pin(settings));
  router.post(['/auth', '/session/end'], express.urlencoded({ extended: false, limit: '16kb' }), askByGet);
  return router;
}

function pin({ publicUrl }: { readonly publicUrl: URL }): RequestHandler {
  return (req, _res, next) => {
    // Express has read the address through the trusted proxies before the header is overwritten.
    const address = req.ip ?? req.socket.remoteAddress ?? '';
    req.headers.host = publicUrl.host;
    req.headers['x-forwarded-host'] = publicUrl.host;
    req.headers['x-forwarded-proto'] = publicUrl.protocol.slice(0, -1);
    req.headers['x-forwarded-for'] = address;
    next(hasNulInQuery(req.url) ? new Unreadable() : undefined);
  };
}

/** A parameter that comes twice stays so: the provider refuses it. */
function askByGet(req: Request, res: Response, next: NextFunction): void {
  if (hasNulInForm(req.body)) return next(new Unreadable());
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries((req.body ?? {}) as Record<string, string | string[]>))
    for (const one of [value].flat()) query.append(name, one);
  const text = String(query);
  if (text.length > LONGEST_QUERY) return next(new Unreadable('The request is too long', 413));
  res.set('Cache-Control', 'no-store');
  res.redirect(303, `${req.baseUrl}${req.path}?${text}`);
}
