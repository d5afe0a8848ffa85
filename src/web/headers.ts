// Security headers of every answer (OWASP secure headers; CSP level 3). The policy names no inline script or style:
// pages load one stylesheet and small modules from our own host, and nothing else.
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  // A page asks how its import or its session is doing.
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const PERMISSIONS = [
  'camera=()',
  'microphone=()',
  'geolocation=()',
  'payment=()',
  'usb=()',
  'publickey-credentials-create=(self)',
  'publickey-credentials-get=(self)',
].join(', ');

/** Middleware for all answers. HSTS only with https: on a loopback host it would lock out every other local server. */
export function securityHeaders(settings: { readonly publicUrl: URL }): RequestHandler {
  const https = settings.publicUrl.protocol === 'https:';
  const protect = helmet({
    contentSecurityPolicy: false,
    // With `no-referrer` browsers send `Origin: null` with our own forms, and the origin check of csrf.ts would be blind.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: https ? { maxAge: 63_072_000, includeSubDomains: true } : false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
  return (req, res, next) => {
    res.set('Permissions-Policy', PERMISSIONS);
    allowFormTargets(res, []);
    protect(req, res, next);
  };
}

/**
 * Lets the forms of this one answer end on other origins. Chromium applies `form-action` to the redirects that follow
 * a form post, so the sign-in page must name the asking client's redirect URI or the last hop is blocked silently.
 */
export function allowFormTargets(res: Response, redirectUris: readonly string[]): void {
  const sources = [...new Set(["'self'", ...redirectUris.map(formActionSource)])];
  res.set('Content-Security-Policy', `${POLICY}; form-action ${sources.join(' ')}`);
}

/** The CSP source that matches a redirect URI: its origin, or the scheme of a native application (RFC 8252 section 7). */
export function formActionSource(redirectUri: string): string {
  const url = new URL(redirectUri);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return url.protocol;
  // A host-source has no form for an IPv6 address: the loopback address of RFC 8252 section 7.3 needs its scheme.
  return url.hostname.startsWith('[') ? url.protocol : url.origin;
}

/** For answers that hold somebody's data or a secret: no cache keeps them, and no other site learns their address. */
export function keepPrivate(res: Response): void {
  res.set('Cache-Control', 'no-store');
}
