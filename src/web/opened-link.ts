// The one-time link that a browser has opened. Its token stands in a short cookie, so that it stays in no history and no
// Referer; each page of the link carries its mark. Of two links opened in two tabs the cookie knows the later one alone: what
// is sent from the other tab says so, instead of acting on somebody else's link.
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { readCookie, setCookie } from './cookies.ts';
import { keepPrivate } from './headers.ts';

const COOKIE_S = 1800;
const LONGEST_TOKEN = 200;
const FIELD = 'link';

type At = { readonly publicUrl: URL };

type Swap = {
  /** As it stands in the address. */
  readonly token: unknown;
  readonly cookie: string;
  /** The clean address. */
  readonly path: string;
  /** How long the cookie lasts. */
  readonly seconds?: number;
};

/** Swaps the token in the address for the cookie, and the address for a clean one. */
export function swapLink(res: Response, { publicUrl }: At, { token, cookie, path, seconds = COOKIE_S }: Swap): void {
  keepPrivate(res);
  res.set('Referrer-Policy', 'no-referrer');
  // Cut short it may end within a character, which no cookie can hold.
  const kept = String(token).slice(0, LONGEST_TOKEN).toWellFormed();
  setCookie(res, publicUrl, cookie, kept, { maxAge: seconds });
  res.redirect(303, path);
}

/** The token; empty where none was opened, or too long ago. */
export const openedLink = (req: Request, { publicUrl }: At, cookie: string): string =>
  readCookie(req, publicUrl, cookie) ?? '';

/** For a hidden field of the link's form. Opens nothing. */
export const linkField = (token: string) => ({ name: FIELD, value: markOf(token) });

/** Whether what was sent comes from a page of this link. */
export const isOfLink = (req: Request, token: string): boolean =>
  ((req.body ?? {}) as Record<string, unknown>)[FIELD] === markOf(token);

const markOf = (token: string): string => createHash('sha256').update(`page of ${token}`).digest('base64url');
