// The customer accounts that somebody sees: an administrator all of his organization, another person those on which he may
// do something. Accounts of other organizations, for which one acts by mandate, by number and owner only.
import type { OrganizationCtx } from '../context.ts';
import { query } from '../database/query.ts';
import { administrationRightsOf, rankOf } from '../entitlements/administration-rights-of.ts';
import { heldBy } from '../entitlements/held-by.ts';
import { listCustomerAccounts, type CustomerAccount, type ResourceRecord } from './find-customer-account.ts';

type VisibleAccount = CustomerAccount & { readonly resources: readonly ResourceRecord[] };
type ForeignAccount = {
  readonly id: string;
  readonly number: string;
  readonly name: string;
  readonly owner: string;
};
type VisibleAccounts = { readonly own: readonly VisibleAccount[]; readonly foreign: readonly ForeignAccount[] };

type ResourceRow = ResourceRecord & { account: string };

/** Of the person who asks. Each list by number. */
export async function visibleAccounts(ctx: OrganizationCtx): Promise<VisibleAccounts> {
  const { actor, organizationId, now } = ctx;
  const rights = (await administrationRightsOf(ctx, [actor.id])).get(actor.id.toLowerCase()) ?? [];
  const held = await heldBy({ organizationId, userId: actor.id, now });
  const reached = new Set([
    ...held.map(({ entitlement }) => entitlement.customerAccount),
    ...rights.flatMap(({ customerAccountId }) => customerAccountId ?? []),
  ]);
  const all = await listCustomerAccounts(ctx);
  const own = rankOf(rights) === 'none' ? all.filter(({ id }) => reached.has(id)) : all;
  const resources = await query<ResourceRow>(
    `select customer_account_id as account, kind, number, label, address, state, master, services from resources
     where organization_id = $1 and customer_account_id = any($2) order by kind, number collate "C"`,
    [organizationId, own.map(({ id }) => id)],
  );
  const byAccount = Map.groupBy(resources, ({ account }) => account);
  const foreign = await query<ForeignAccount>(
    `select a.id, a.number, a.name, o.name as owner from customer_account_numbers n
     join customer_accounts a on (a.organization_id, a.id) = (n.organization_id, n.customer_account_id)
     join organizations o on o.id = a.organization_id
     where n.customer_account_id = any($1) and n.organization_id <> $2 order by a.number collate "C"`,
    [[...reached], organizationId],
  );
  return { own: own.map((account) => ({ ...account, resources: byAccount.get(account.id) ?? [] })), foreign };
}
