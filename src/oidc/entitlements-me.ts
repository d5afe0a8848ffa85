// `GET /entitlements/me`: the entitlements of an access token's own user in its application, for tokens that were too
// small to hold them (OIDC Core 5.6.2). A signed JWT, or JSON for whoever asks for it. The ETag is `ent_v`.
import { Router, type Request, type Response } from 'express';
import { keepPrivate } from '../web/headers.ts';
import { findLiveToken, looksLikeJwt, rightsNow } from './access-token.ts';
import { epoch } from './lifetimes.ts';
import type { LiveProvider } from './live-provider.ts';
import { ENTITLEMENTS_PATH, issuerOf, type OidcSettings } from './oidc-settings.ts';
import { admits } from './rights.ts';

const BEARER = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i;

export function entitlementsRouter(settings: OidcSettings, live: LiveProvider): Router {
  const router = Router();
  router.get(ENTITLEMENTS_PATH, async (req, res) => answer(req, res));
  return router;

  async function answer(req: Request, res: Response): Promise<void> {
    keepPrivate(res);
    const token = BEARER.exec(req.get('authorization') ?? '')?.[1];
    if (token === undefined) return refuse(res);
    const keys = await live.keys();
    const found = looksLikeJwt(token) ? await findLiveToken(settings, keys, token) : undefined;
    const rights = found && (await rightsNow(settings, found));
    if (!found || !rights || !admits(settings, found.application, rights)) return refuse(res, 'invalid_token');
    const etag = `"${rights.entV}"`;
    res.set({ ETag: etag, 'Cache-Control': 'private, no-cache', Vary: 'Authorization, Accept' });
    if (matches(req.get('if-none-match'), etag)) return void res.status(304).end();
    const { claims, clientId } = found;
    const now = epoch();
    const content = {
      iss: issuerOf(settings.publicUrl),
      sub: claims.sub,
      aud: clientId,
      iat: now,
      exp: claims.exp,
      ent_v: rights.entV,
      authorization_details: rights.authorizationDetails,
    };
    if (req.accepts(['application/jwt', 'application/json']) === 'application/json') return void res.json(content);
    res.type('application/jwt').send(keys.sign('ES256', content, 'JWT'));
  }
}

const matches = (header: string | undefined, etag: string): boolean =>
  header !== undefined && header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);

/** RFC 6750 section 3. */
function refuse(res: Response, error?: string): void {
  res.set('WWW-Authenticate', error === undefined ? 'Bearer' : `Bearer error="${error}"`);
  res.status(401).json(error === undefined ? {} : { error });
}
