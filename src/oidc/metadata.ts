// Discovery documents at the addresses that RFC 8414 section 3.1 forms from an issuer with a path; the provider itself serves
// `/oidc/.well-known/openid-configuration`.
import { Router } from 'express';
import type { LiveProvider } from './live-provider.ts';
import { MOUNT_PATH, type OidcSettings } from './oidc-settings.ts';
import { pinRequest } from './pin-request.ts';

const SUFFIXES = ['oauth-authorization-server', 'openid-configuration'] as const;

export function metadataRouter(settings: OidcSettings, live: LiveProvider): Router {
  const router = Router();
  for (const suffix of SUFFIXES) {
    router.get(`/.well-known/${suffix}${MOUNT_PATH}`, pinRequest(settings), (req, res) => {
      req.url = `/.well-known/${suffix}`;
      req.baseUrl = MOUNT_PATH;
      req.originalUrl = `${MOUNT_PATH}${req.url}`;
      live.handle(req, res);
    });
  }
  return router;
}
