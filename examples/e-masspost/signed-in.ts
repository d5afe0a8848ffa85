// Pages behind sign-in: finds the session, keeps its tokens fresh, and checks that a form is one of ours.
import { timingSafeEqual } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Cookies } from './cookies.ts';
import type { Holder } from './deposits.ts';
import type { Pages } from './pages.ts';
import type { Session, Sessions } from './sessions.ts';
import { AccessEnded, type TokenKeeper } from './tokens.ts';

/** Of the request that is being answered; only behind `signedIn`. */
export function sessionOf(res: Response): Session {
  return res.locals['session'] as Session;
}

export function holderOf(res: Response): Holder {
  const { sub, name, tokens } = sessionOf(res);
  return { sub, name, elements: tokens.elements };
}

/** Lets people with a living session pass. Others sign in; whose session was ended is told so first. */
export function signedIn(parts: { cookies: Cookies; sessions: Sessions; tokens: TokenKeeper }): RequestHandler {
  const { cookies, sessions, tokens } = parts;
  const ended = (res: Response): void => {
    cookies.clear(res, 'session');
    res.redirect(303, '/signed-out?why=ended');
  };
  return async (req, res, next) => {
    const id = cookies.read(req, 'session');
    const session = sessions.find(id);
    if (session === undefined) {
      if (id !== undefined || req.method !== 'GET') return void ended(res);
      return void res.redirect(303, `/sign-in?to=${encodeURIComponent(req.originalUrl)}`);
    }
    try {
      await tokens.keepFresh(session);
    } catch (error) {
      if (!(error instanceof AccessEnded)) throw error;
      sessions.end(session.id);
      return void ended(res);
    }
    // A back-channel logout may have come while the tokens were renewed.
    if (sessions.find(session.id) === undefined) return void ended(res);
    res.locals['session'] = session;
    next();
  };
}

/**
 * Cross-site request forgery: the session cookie is SameSite=Lax, and each form carries its session's own token besides,
 * because a neighbor on the same site is not kept out by the first.
 */
export function checkForm(pages: Pages): RequestHandler {
  return (req, res, next) => {
    const body: unknown = req.body;
    const given = typeof body === 'object' && body !== null && 'csrf' in body ? body.csrf : undefined;
    const expected = Buffer.from(sessionOf(res).csrf);
    const received = Buffer.from(typeof given === 'string' ? given : '');
    if (received.length === expected.length && timingSafeEqual(received, expected)) return void next();
    pages.tell(res, 'form_refused', 403);
  };
}
