// Signing in: authorization code flow with PKCE (RFC 7636), state, nonce and the issuer in the answer (RFC 9207).
// The checks themselves are openid-client's; this file keeps what they compare with, bound to the browser that began.
import type { Request, RequestHandler, Response } from 'express';
import * as client from 'openid-client';
import type { Cookies } from './cookies.ts';
import { HubUnreachable, type Hub } from './hub.ts';
import { languageOf } from './languages.ts';
import type { Pages } from './pages.ts';
import { randomId, type Sessions } from './sessions.ts';
import type { Settings } from './settings.ts';
import type { TokenKeeper } from './tokens.ts';

type Pending = {
  readonly browser: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly to: string;
  readonly at: number;
};

export type SignInParts = {
  readonly settings: Settings;
  readonly hub: Hub;
  readonly cookies: Cookies;
  readonly sessions: Sessions;
  readonly tokens: TokenKeeper;
  readonly pages: Pages;
};

const PENDING_SECONDS = 600;
const MOST_PENDING = 10_000;

export function signIn(parts: SignInParts): { readonly begin: RequestHandler; readonly callback: RequestHandler } {
  const { settings, hub, cookies, sessions, tokens, pages } = parts;
  const pending = new Map<string, Pending>();

  const begin = async (req: Request, res: Response): Promise<void> => {
    const configuration = await hub.configuration();
    const browser = cookies.read(req, 'browser') ?? randomId();
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const nonce = client.randomNonce();
    forgetOld(pending);
    pending.set(state, {
      browser,
      verifier,
      nonce,
      to: localPath(req.query['to'], settings.publicUrl),
      at: Date.now(),
    });
    cookies.write(res, 'browser', browser, PENDING_SECONDS);
    const address = client.buildAuthorizationUrl(configuration, {
      redirect_uri: new URL('/callback', settings.publicUrl).href,
      scope: 'openid profile',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ui_locales: languageOf(req, cookies),
    });
    res.redirect(303, address.href);
  };

  const callback = async (req: Request, res: Response): Promise<void> => {
    const answer = new URL(`${settings.publicUrl.origin}${req.originalUrl}`);
    const state = answer.searchParams.get('state') ?? '';
    const asked = pending.get(state);
    if (asked === undefined || asked.browser !== cookies.read(req, 'browser'))
      return void pages.tell(res, 'sign_in_failed', 400);
    pending.delete(state);
    try {
      const session = await finish(answer, state, asked);
      const old = sessions.find(cookies.read(req, 'session'));
      if (old) sessions.end(old.id);
      cookies.write(res, 'session', session.id);
      settings.log.info({ sub: session.sub }, 'Signed in');
      res.redirect(303, asked.to);
    } catch (error) {
      if (error instanceof HubUnreachable) throw error;
      const noRights = error instanceof client.AuthorizationResponseError && error.error === 'access_denied';
      settings.log.warn({ err: error }, 'A sign-in failed');
      pages.tell(res, noRights ? 'no_access' : 'sign_in_failed', noRights ? 403 : 400);
    }
  };

  const finish = async (answer: URL, state: string, asked: Pending) => {
    const received = await client.authorizationCodeGrant(await hub.configuration(), answer, {
      pkceCodeVerifier: asked.verifier,
      expectedState: state,
      expectedNonce: asked.nonce,
      idTokenExpected: true,
    });
    const claims = received.claims();
    if (claims === undefined || received.id_token === undefined) throw new Error('There is no ID token');
    const { sub, iat } = claims;
    const sid = typeof claims['sid'] === 'string' ? claims['sid'] : undefined;
    const name = typeof claims['name'] === 'string' ? claims['name'] : '';
    return sessions.start(
      { sub, sid, name, idToken: received.id_token, issuedAt: iat },
      await tokens.accept(received, sub),
    );
  };

  return { begin, callback };
}

function forgetOld(pending: Map<string, Pending>): void {
  const oldest = Date.now() - PENDING_SECONDS * 1000;
  // In order of insertion, so the first that is young enough ends the search.
  for (const [state, { at }] of pending) {
    if (at >= oldest && pending.size < MOST_PENDING) return;
    pending.delete(state);
  }
}

/** Where to go afterwards: a path of ours, whatever was asked. */
function localPath(to: unknown, publicUrl: URL): string {
  if (typeof to !== 'string' || !URL.canParse(to, publicUrl.href)) return '/';
  const url = new URL(to, publicUrl.href);
  return url.origin === publicUrl.origin ? `/${url.pathname.replace(/^\/+/, '')}${url.search}` : '/';
}
