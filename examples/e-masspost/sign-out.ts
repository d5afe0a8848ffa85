// Signing out at the person's wish (OIDC RP-Initiated Logout 1.0): here first, then at the hub.
import type { Request, RequestHandler, Response } from 'express';
import * as client from 'openid-client';
import type { Cookies } from './cookies.ts';
import { HubUnreachable, type Hub } from './hub.ts';
import type { Sessions } from './sessions.ts';
import type { Settings } from './settings.ts';
import { sessionOf } from './signed-in.ts';

export type SignOutParts = {
  readonly settings: Settings;
  readonly hub: Hub;
  readonly cookies: Cookies;
  readonly sessions: Sessions;
};

/** Behind `signedIn` and `checkForm`. */
export function signOut({ settings, hub, cookies, sessions }: SignOutParts): RequestHandler {
  return async (_req: Request, res: Response) => {
    const session = sessionOf(res);
    sessions.end(session.id);
    cookies.clear(res, 'session');
    const back = new URL('/signed-out', settings.publicUrl).href;
    const configuration = await hub.configuration().catch((error: unknown) => {
      if (error instanceof HubUnreachable) return undefined;
      throw error;
    });
    if (configuration?.serverMetadata().end_session_endpoint === undefined) return void res.redirect(303, back);
    const there = client.buildEndSessionUrl(configuration, {
      id_token_hint: session.idToken,
      post_logout_redirect_uri: back,
    });
    res.redirect(303, there.href);
  };
}
