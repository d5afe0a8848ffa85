// The one-time link that a browser has opened. Its token stands in a short cookie, so that it stays in no history and no
// Referer; each page of the link carries its mark. Of two links opened in two tabs the cookie knows the later one alone: what
// is sent from the other tab says so, instead of acting on somebody else's link.
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { readCookie, setCookie } from '../web/cookies.ts';
import { keepPrivate } from '../web/headers.ts';

const COOKIE_S = 1800;
const LONGEST_TOKEN = 200;
const FIELD = 'link';

type At = { readonly publicUrl: URL };

/** Swaps the token in the address for the cookie, and the address for a clean one. */
export function swapLink(req: Request, res: Response, { publicUrl }: At, to: { cookie: string; path: string }): void {
  keepPrivate(res);
  res.set('Referrer-Policy', 'no-referrer');
  // Cut short it may end within a character, which no cookie can hold.
  const token = String(req.params['token']).slice(0, LONGEST_TOKEN).toWellFormed();
  setCookie(res, publicUrl, to.cookie, token, { maxAge: COOKIE_S });
  res.redirect(303, to.path);
}

/** The token; empty where none was opened, or half an hour ago. */
export const openedLink = (req: Request, { publicUrl }: At, cookie: string): string =>
  readCookie(req, publicUrl, cookie) ?? '';

/** For a hidden field of the link's form. Opens nothing. */
export const linkField = (token: string) => ({ name: FIELD, value: markOf(token) });

/** Whether what was sent comes from a page of this link. */
export const isOfLink = (req: Request, token: string): boolean =>
  ((req.body ?? {}) as Record<string, unknown>)[FIELD] === markOf(token);

const markOf = (token: string): string => createHash('sha256').update(`page of ${token}`).digest('base64url');
