// "My accounts": the customer accounts that the person sees, with their contracts and billing addresses; long lists are
// narrowed by a search.
import type { Request, Response } from 'express';
import { administrationRightsOf, rankOf } from '../entitlements/administration-rights-of.ts';
import type { ResourceRecord } from '../organizations/find-customer-account.ts';
import { visibleAccounts } from '../organizations/visible-accounts.ts';
import type { PortalSettings } from './portal-settings.ts';
import { shellLocals } from './shell.ts';
import { visitorOf } from './signed-in.ts';

/** Fewer are seen at a glance. */
const LONG = 12;

/** Those that have the text in their number, label or address, whatever its case. */
function found(resources: readonly ResourceRecord[], search: string): ResourceRecord[] {
  const wanted = search.toLocaleLowerCase();
  return resources.filter((one) =>
    [one.number, one.label, one.address].some((text) => text.toLocaleLowerCase().includes(wanted)),
  );
}

export const myAccounts = (settings: PortalSettings) => async (req: Request, res: Response) => {
  const visitor = visitorOf(req);
  const { q } = req.query;
  const search = typeof q === 'string' ? q.trim().slice(0, 200) : '';
  const [{ own, foreign }, rights] = await Promise.all([
    visibleAccounts(visitor.ctx),
    administrationRightsOf(visitor.ctx, [visitor.userId]),
  ]);
  const held = rights.get(visitor.userId) ?? [];
  settings.render(res, 'portal/my-accounts', {
    ...(await shellLocals(visitor, 'my_accounts')),
    organization: visitor.organizationName,
    search,
    manages: rankOf(held) !== 'none' || held.some(({ name }) => name === 'manage_account_settings'),
    searchable: search !== '' || own.some(({ resources }) => resources.length > LONG),
    own: own.map(({ resources, ...account }) => {
      const shown = found(resources, search);
      const list = (kind: ResourceRecord['kind']) => ({
        all: resources.filter((one) => one.kind === kind).length,
        shown: shown.filter((one) => one.kind === kind),
      });
      return { ...account, contracts: list('contracts'), billingAddresses: list('billing_addresses') };
    }),
    foreign,
  });
};
