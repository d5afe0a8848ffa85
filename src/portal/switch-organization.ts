// A person who works for several organizations has a user in each. Switching is a new sign-in: the provider asks for the
// password again and, where it fits several users, for the organization; he comes back to the portal as the other user.
import type { Request, Response } from 'express';
import { hasNamesake } from '../credentials/find-namesake.ts';
import { emailOf } from '../users/user-row.ts';
import { keepPrivate } from '../web/headers.ts';
import type { PortalSettings } from './portal-settings.ts';
import { signInUrl, visitorOf, type Visitor } from './signed-in.ts';

/** Whether the names that he signs in with open a user of another organization as well. */
export const hasOtherOrganization = ({ organizationId, userId }: Visitor): Promise<boolean> =>
  hasNamesake({ organizationId, userId });

export const switchOrganization = (settings: PortalSettings) => (req: Request, res: Response) => {
  const { document } = visitorOf(req);
  const url = new URL(signInUrl(settings, '/portal'));
  url.searchParams.set('prompt', 'login');
  url.searchParams.set('login_hint', emailOf(document) ?? String(document['userName']));
  keepPrivate(res);
  res.redirect(303, url.href);
};
