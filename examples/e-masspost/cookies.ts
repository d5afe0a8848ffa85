// Cookies of the example: signed, HttpOnly, SameSite=Lax; `__Host-` and Secure with https. Cookies know no port, so the names
// must not meet those of a hub on the same host.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';

export type Cookies = {
  /** The value, or undefined where it is absent or not signed by this process for this name. */
  readonly read: (req: Request, name: string) => string | undefined;
  /** @param maxAge seconds; absent: until the browser closes */
  readonly write: (res: Response, name: string, value: string, maxAge?: number) => void;
  readonly clear: (res: Response, name: string) => void;
};

/** The key lives as long as the process, as the sessions do: enough for an example on one machine, not for two. */
export function createCookies(publicUrl: URL): Cookies {
  const key = randomBytes(32);
  const secure = publicUrl.protocol === 'https:';
  const wire = (name: string) => `${secure ? '__Host-' : ''}emasspost_${name}`;
  const tag = (name: string, value: string) => createHmac('sha256', key).update(`${name}\0${value}`).digest();
  const options = { path: '/', sameSite: 'lax', httpOnly: true, secure } as const;

  return {
    read(req, name) {
      const raw = rawCookie(req, wire(name)) ?? '';
      const dot = raw.lastIndexOf('.');
      if (dot < 0) return undefined;
      const given = Buffer.from(raw.slice(dot + 1), 'base64url');
      const expected = tag(name, raw.slice(0, dot));
      return given.length === expected.length && timingSafeEqual(given, expected) ? raw.slice(0, dot) : undefined;
    },
    write(res, name, value, maxAge) {
      const signed = `${value}.${tag(name, value).toString('base64url')}`;
      res.cookie(wire(name), signed, { ...options, ...(maxAge === undefined ? {} : { maxAge: maxAge * 1000 }) });
    },
    clear: (res, name) => void res.clearCookie(wire(name), options),
  };
}

function rawCookie(req: Request, wanted: string): string | undefined {
  for (const pair of (req.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === wanted) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
