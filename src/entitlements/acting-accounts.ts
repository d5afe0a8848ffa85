// The customer accounts that an actor's organization may act on, own ones and those of its customers under a mandate:
// their names, what of their resources may be shown, and which applications they bring.
import { RESOURCE_DIMENSIONS, type Dimension, type ResourceDimension } from '../applications/application.ts';
import { query } from '../database/query.ts';
import type { Acting } from './acting.ts';
import { limitsAbove } from './limits-above.ts';

export type ActingAccount = {
  readonly id: string;
  readonly number: string;
  readonly name: string;
  readonly address: string;
  /** Whose it is, where it is not the organization's own. */
  readonly owner: string | null;
};

export type NamedResource = {
  readonly customerAccount: string;
  readonly kind: ResourceDimension;
  readonly number: string;
  readonly label: string;
  readonly address: string;
};

/** Own ones first, then by number. */
export async function actingAccounts(acting: Acting): Promise<ActingAccount[]> {
  const { accounts, user } = acting.snapshot;
  const rows = await query<Omit<ActingAccount, 'owner'> & { ownerId: string; ownerName: string }>(
    `select a.id, a.number, a.name, a.address, o.id as "ownerId", o.name as "ownerName"
     from customer_account_numbers n
     join customer_accounts a on a.organization_id = n.organization_id and a.id = n.customer_account_id
     join organizations o on o.id = a.organization_id
     where n.customer_account_id = any($1) order by o.id <> $2, a.number collate "C"`,
    [[...accounts.keys()], user.organization.id],
  );
  return rows.map(({ ownerId, ownerName, ...account }) => ({
    ...account,
    owner: ownerId === user.organization.id ? null : ownerName,
  }));
}

/** Contracts and billing addresses of these accounts, closed ones too; of accounts that the actor may not act on nothing. */
export function resourcesOf(acting: Acting, customerAccounts: readonly string[]): Promise<NamedResource[]> {
  const known = [...new Set(customerAccounts)].filter((id) => acting.snapshot.accounts.has(id));
  if (known.length === 0) return Promise.resolve([]);
  return query<NamedResource>(
    `select r.customer_account_id as "customerAccount", r.kind, r.number, r.label, r.address
     from customer_account_numbers n
     join resources r on r.organization_id = n.organization_id and r.customer_account_id = n.customer_account_id
     where n.customer_account_id = any($1) order by r.kind, r.number collate "C"`,
    [known],
  );
}

/** Keys of the applications that the organization may have, each with the customer accounts for which it may. */
export function applicationsOf(acting: Acting): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const account of acting.snapshot.accounts.values()) {
    const boxes = limitsAbove(account, acting.snapshot).flatMap((limit) => limit.boxes);
    for (const key of new Set(boxes.map(({ application }) => application))) {
      const accounts = found.get(key);
      if (accounts) accounts.push(account.id);
      else found.set(key, [account.id]);
    }
  }
  return found;
}

/** Of a customer's account only what its mandate names may be seen: the rest of its contracts are its own business. */
export function mayBeSeen(
  acting: Acting,
  customerAccount: string,
  application: string,
): (dimension: Dimension, number: string) => boolean {
  const account = acting.snapshot.accounts.get(customerAccount);
  if (!account) return () => false;
  if (account.owner.id === acting.snapshot.user.organization.id) return () => true;
  const boxes = limitsAbove(account, acting.snapshot, application).flatMap((limit) => limit.boxes);
  return (dimension, number) =>
    !(RESOURCE_DIMENSIONS as readonly string[]).includes(dimension) ||
    boxes.some(({ values }) => {
      const named = values[dimension];
      return named === '*' || named?.includes(number) === true;
    });
}
