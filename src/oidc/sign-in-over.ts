// A sign-in page that the provider does not know for this browser any more: it was finished, took too long, or the session
// behind it changed, mostly because the person signed in in another tab. What the application asked for is asked once more
// where it is still kept; a form that was sent is not repeated, since another person may be meant by it.
import type { Request, Response } from 'express';
import { keepPrivate } from '../web/headers.ts';
import { sessionOf } from '../web/sign-in-door.ts';
import type { LiveProvider } from './live-provider.ts';
import { MOUNT_PATH, type OidcSettings } from './oidc-settings.ts';

/** Not among the library's types. */
type CookieNames = { cookieName: (of: 'interaction') => string };

export function signInOver({ site, render }: OidcSettings, live: LiveProvider) {
  /** The authorization request of an interaction of this browser that has not ended. */
  async function requestOf(req: Request): Promise<string | undefined> {
    const uid = String(req.params['uid']);
    const name = (live.provider() as unknown as CookieNames).cookieName('interaction');
    const cookies = (req.headers.cookie ?? '').split(/;\s*/);
    const interaction = cookies.includes(`${name}=${uid}`) ? await live.provider().Interaction.find(uid) : undefined;
    if (!interaction) return undefined;
    const given = Object.entries(interaction.params).filter(
      (one): one is [string, string] => typeof one[1] === 'string',
    );
    return `${MOUNT_PATH}/auth?${String(new URLSearchParams(given))}`;
  }

  return async (req: Request, res: Response): Promise<void> => {
    keepPrivate(res);
    const request = await requestOf(req);
    if (request !== undefined && req.method === 'GET') return res.redirect(303, request);
    const kind = (await sessionOf(req, site)) ? 'signed_in' : 'ended';
    render(res, 'sign-in/over', { kind, goOnHref: request ?? site.links.home }, { status: 400 });
  };
}
