// How the hub names, signs and sets its cookies (RFC 6265bis). With https every cookie is `__Host-` and Secure; on plain
// http, which only loopback may use, the same cookie goes without both, because browsers and libraries refuse them there.
// Does not decide what a cookie means: its owner does.
import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Request, Response } from 'express';

/** Keys that sign; the first one signs, all of them verify, so that a key can be rotated. At least 32 bytes each. */
export type SigningKeys = readonly [KeyObject, ...KeyObject[]];

type CookieOptions = {
  /** Seconds; absent means until the browser closes. */
  readonly maxAge?: number;
  /** Scripts of our own pages may read it (the theme); default no. */
  readonly readable?: boolean;
};

const isSecure = (publicUrl: URL) => publicUrl.protocol === 'https:';

/** The name on the wire of the cookie that the code calls `name`. */
export function cookieName(publicUrl: URL, name: string): string {
  return isSecure(publicUrl) ? `__Host-${name}` : name;
}

/** Sets a cookie for the whole host. Lax: a sign-in that comes from another site's link must find it. */
export function setCookie(
  res: Response,
  publicUrl: URL,
  name: string,
  value: string,
  options: CookieOptions = {},
): void {
  res.cookie(cookieName(publicUrl, name), value, {
    path: '/',
    sameSite: 'lax',
    httpOnly: options.readable !== true,
    secure: isSecure(publicUrl),
    ...(options.maxAge === undefined ? {} : { maxAge: options.maxAge * 1000 }),
  });
}

export function clearCookie(res: Response, publicUrl: URL, name: string): void {
  setCookie(res, publicUrl, name, '', { maxAge: 0 });
}

/** The value of a cookie, or undefined. Where a name comes twice the first counts, as browsers send the longest path first. */
export function readCookie(req: Request, publicUrl: URL, name: string): string | undefined {
  const wanted = cookieName(publicUrl, name);
  for (const pair of (req.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim() !== wanted) continue;
    const raw = pair.slice(equals + 1).trim();
    try {
      return decodeURIComponent(raw);
    } catch {
      return raw;
    }
  }
  return undefined;
}

// The purpose is part of what is signed: a value signed for one cookie is worth nothing in another.
const tag = (purpose: string, value: string, key: KeyObject) =>
  createHmac('sha256', key).update(`${purpose}\0${value}`).digest();

/** `value.tag`, the tag being base64url(HMAC-SHA256(key, purpose NUL value)). */
export function sign(purpose: string, value: string, keys: SigningKeys): string {
  return `${value}.${tag(purpose, value, keys[0]).toString('base64url')}`;
}

/** The value that `sign` was given for the same purpose, or undefined if it was not, or not with one of these keys. */
export function unsign(purpose: string, signed: string, keys: SigningKeys): string | undefined {
  const dot = signed.lastIndexOf('.');
  if (dot < 0) return undefined;
  const value = signed.slice(0, dot);
  const given = Buffer.from(signed.slice(dot + 1), 'base64url');
  const matches = keys.some((key) => {
    const expected = tag(purpose, value, key);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  return matches ? value : undefined;
}
