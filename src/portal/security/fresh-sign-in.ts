// Before a key of the account is taken away or made, whoever sits there proves again that he is its owner: a sign-in of the
// last quarter of an hour, else a new one, after which he is on the same page.
import type { Request, Response } from 'express';
import { keepPrivate } from '../../web/headers.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { signInUrl, visitorOf } from '../signed-in.ts';

const FRESH_S = 900;

/** False: the browser has been sent to sign in. */
export function isFresh(settings: PortalSettings, req: Request, res: Response, returnTo: string): boolean {
  const { signedInAt, ctx } = visitorOf(req);
  if (ctx.now.getTime() - signedInAt.getTime() <= FRESH_S * 1000) return true;
  keepPrivate(res);
  res.redirect(303, signInUrl(settings, returnTo, { max_age: String(FRESH_S) }));
  return false;
}
