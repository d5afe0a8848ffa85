// "My accounts": the customer accounts that the person sees, with their contracts and billing addresses.
import type { Request, Response } from 'express';
import { visibleAccounts } from '../organizations/visible-accounts.ts';
import type { PortalSettings } from './portal-settings.ts';
import { shellLocals } from './shell.ts';
import { visitorOf } from './signed-in.ts';

export const myAccounts = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const visitor = visitorOf(req);
  const { own, foreign } = await visibleAccounts(visitor.ctx);
  settings.render(res, 'portal/my-accounts', {
    ...(await shellLocals(visitor, 'my_accounts')),
    organization: visitor.organizationName,
    own: own.map(({ resources, ...account }) => ({
      ...account,
      contracts: resources.filter(({ kind }) => kind === 'contracts'),
      billingAddresses: resources.filter(({ kind }) => kind === 'billing_addresses'),
    })),
    foreign,
  });
};
