// The cookie by which a browser that signed in before is known again (OWASP device cookies): guessing from elsewhere does not
// slow its owner down. It proves nothing about who sits there, and opens nothing.
import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Device } from '../credentials/sign-in-throttle.ts';
import { readCookie, setCookie, sign, unsign } from '../web/cookies.ts';
import type { FormSettings } from '../web/csrf.ts';

const NAME = 'device';
const A_YEAR = 365 * 24 * 60 * 60;
const SEPARATOR = '~';

export function readDevice(req: Request, { publicUrl, keys }: FormSettings): Device | undefined {
  const signed = readCookie(req, publicUrl, NAME);
  const value = signed === undefined ? undefined : unsign(NAME, signed, keys);
  const [id, ...names] = value?.split(SEPARATOR) ?? [];
  return id ? { id, names } : undefined;
}

/** What an answer under way will write. */
const written = new WeakMap<Response, Device>();

export function writeDevice(res: Response, device: Device, { publicUrl, keys }: FormSettings): void {
  written.set(res, device);
  setCookie(res, publicUrl, NAME, sign(NAME, [device.id, ...device.names].join(SEPARATOR), keys), { maxAge: A_YEAR });
}

/** The id by which this browser will be known from now on; it gets one, where it has none. */
export function deviceId(req: Request, res: Response, settings: FormSettings): string {
  const known = written.get(res) ?? readDevice(req, settings);
  if (known) return known.id;
  const made: Device = { id: randomBytes(12).toString('base64url'), names: [] };
  writeDevice(res, made, settings);
  return made.id;
}
