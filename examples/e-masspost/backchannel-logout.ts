// The hub says that somebody is signed out (OIDC Back-Channel Logout 1.0): this is how a deactivation gets here within a
// second instead of at the next refresh. A message that comes twice does no harm, so no `jti` is remembered.
import type { Request, RequestHandler, Response } from 'express';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import { refusing, TokenRefused } from './access-token.ts';
import type { Hub } from './hub.ts';
import type { Sessions } from './sessions.ts';
import type { Settings } from './settings.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const LogoutClaims = z
  .looseObject({
    iat: z.number(),
    jti: z.string(),
    sub: z.string().optional(),
    sid: z.string().optional(),
    events: z.object({ [EVENT]: z.looseObject({}) }),
    // A logout token is never an ID token and the other way round (section 2.4).
    nonce: z.never().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined);

export type LogoutParts = { readonly settings: Settings; readonly hub: Hub; readonly sessions: Sessions };

/** Behind a parser of form bodies; needs no session and no form token, since the JWT proves itself. */
export function backchannelLogout({ settings, hub, sessions }: LogoutParts): RequestHandler {
  return async (req: Request, res: Response) => {
    res.set('Cache-Control', 'no-store');
    try {
      const { sub, sid, iat } = await readLogoutToken(req.body, settings, hub);
      const ended = sessions.endMatching({ sub, sid, issuedAt: iat });
      settings.log.info({ sub, sid, ended }, 'Signed out by the hub');
      res.sendStatus(200);
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      settings.log.warn({ err: error }, 'A logout token was refused');
      res.status(400).json({ error: 'invalid_request', error_description: 'The logout token was refused' });
    }
  };
}

async function readLogoutToken(body: unknown, settings: Settings, hub: Hub): Promise<z.infer<typeof LogoutClaims>> {
  const form = z.object({ logout_token: z.string() }).safeParse(body);
  if (!form.success) throw new TokenRefused('There is no logout token');
  const { payload } = await refusing(
    jwtVerify(form.data.logout_token, await hub.keys(), {
      typ: 'logout+jwt',
      algorithms: ['RS256', 'ES256'],
      issuer: settings.issuer,
      audience: settings.clientId,
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
      clockTolerance: 5,
    }),
  );
  const claims = LogoutClaims.safeParse(payload);
  if (!claims.success) throw new TokenRefused('The claims are not those of a logout token', claims.error);
  return claims.data;
}
