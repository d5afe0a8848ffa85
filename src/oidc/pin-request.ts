// The provider takes scheme, host and address from the request. Here they come from our own configuration, and from the
// trusted proxies alone: whatever a caller writes into Host or X-Forwarded-* changes no address and no cookie.
import type { RequestHandler } from 'express';

export function pinRequest({ publicUrl }: { readonly publicUrl: URL }): RequestHandler {
  return (req, _res, next) => {
    // Express has read the address through the trusted proxies before the header is overwritten.
    const address = req.ip ?? req.socket.remoteAddress ?? '';
    req.headers.host = publicUrl.host;
    req.headers['x-forwarded-host'] = publicUrl.host;
    req.headers['x-forwarded-proto'] = publicUrl.protocol.slice(0, -1);
    req.headers['x-forwarded-for'] = address;
    next();
  };
}
