// How an edge of our own lets people in: by the provider's session, which shares its origin. Whoever has none is sent to
// sign in and comes back to the page he asked for. Who may pass is the edge's to say.
import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { findSession, type FoundSession } from '../credentials/find-session.ts';
import { readCookie, sign, unsign, type SigningKeys } from './cookies.ts';
import { keepPrivate } from './headers.ts';

export type Door = {
  readonly clientId: string;
  readonly redirectUri: (publicUrl: URL) => string;
  /** Where one lands who asked for nothing else, or comes with a form that cannot be repeated. */
  readonly home: string;
  /** Of the authorization request, beside those of every door. */
  readonly parameters?: Readonly<Record<string, string>>;
};
type DoorSettings = { readonly publicUrl: URL; readonly keys: SigningKeys };

const purpose = ({ clientId }: Door) => `${clientId} return`;

/** The address of the provider that asks for a sign-in and returns to `returnTo`, a path of ours. */
export function signInUrl({ publicUrl, keys }: DoorSettings, door: Door, returnTo: string): string {
  const url = new URL('/oidc/auth', publicUrl);
  const parameters = {
    client_id: door.clientId,
    response_type: 'none',
    scope: 'openid',
    redirect_uri: door.redirectUri(publicUrl),
    state: sign(purpose(door), `${randomBytes(9).toString('base64url')} ${returnTo}`, keys),
    ...door.parameters,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Where the provider sends people back to. Only a path that we signed ourselves is followed. */
export const returnFromSignIn =
  ({ keys }: DoorSettings, door: Door): RequestHandler =>
  (req, res) => {
    const state = unsign(purpose(door), String(req.query['state'] ?? ''), keys);
    const path = state?.slice(state.indexOf(' ') + 1) ?? door.home;
    keepPrivate(res);
    res.redirect(303, req.query['error'] === undefined ? path : '/');
  };

/** The live session that the request's cookie opens. */
export async function sessionOf(req: Request, { publicUrl }: DoorSettings): Promise<FoundSession | undefined> {
  const cookie = readCookie(req, publicUrl, 'session');
  return cookie === undefined ? undefined : findSession(cookie, new Date());
}
