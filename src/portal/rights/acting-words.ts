// Rights in the words of the visitor's page: his language, and the names of the customer accounts and resources that he
// reaches. What he does not reach stays without a name.
import type { Response } from 'express';
import { actingAccounts, resourcesOf, type ActingAccount } from '../../entitlements/acting-accounts.ts';
import type { Acting } from '../../entitlements/acting.ts';
import { languageOf } from '../../web/page.ts';
import { translatorOf } from '../../web/render.ts';
import type { PortalSettings } from '../portal-settings.ts';
import { wordsFor, type Words } from './words.ts';

/** `customerAccounts`: those whose resources are named. `accounts`: where the visitor's are at hand. */
export const actingWords = async (
  { catalogue, site }: PortalSettings,
  res: Response,
  { acting, accounts }: { readonly acting: Acting; readonly accounts?: readonly ActingAccount[] },
  customerAccounts: readonly string[],
): Promise<Words> =>
  wordsFor({
    catalogue,
    language: languageOf(res, site),
    t: translatorOf(site, res),
    accounts: accounts ?? (await actingAccounts(acting)),
    resources: await resourcesOf(acting, customerAccounts),
  });
