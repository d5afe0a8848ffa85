// A person who works for several organizations has a user in each. Switching is a new sign-in: the provider asks for the
// password again and, where it fits several users, for the organization; he comes back as the other user, to the same part of
// the portal where that has it for him.
import type { Request, Response } from 'express';
import { emailOf } from '../users/user-row.ts';
import { keepPrivate } from '../web/headers.ts';
import type { PortalSettings } from './portal-settings.ts';
import { destinationHref, shellLocals } from './shell.ts';
import { signInUrl, visitorOf } from './signed-in.ts';

const KEY = /^[a-z_]{1,40}$/;
const keyIn = (req: Request): string => {
  const { page } = req.query;
  return typeof page === 'string' && KEY.test(page) ? page : 'home';
};

export const switchOrganization = (settings: PortalSettings) => (req: Request, res: Response) => {
  const { document } = visitorOf(req);
  const url = new URL(signInUrl(settings, `/portal/switched?page=${keyIn(req)}`));
  url.searchParams.set('prompt', 'login');
  url.searchParams.set('login_hint', emailOf(document) ?? String(document['userName']));
  keepPrivate(res);
  res.redirect(303, url.href);
};

/** Where the new sign-in leads to: what the menu of that user does not have is passed over. */
export async function afterSwitch(req: Request, res: Response): Promise<void> {
  const { navigation } = await shellLocals(visitorOf(req), 'home');
  keepPrivate(res);
  res.redirect(303, destinationHref(navigation, keyIn(req)));
}
