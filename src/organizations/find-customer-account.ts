// Reads an organization's own customer accounts with their resources.
import type { ResourceDimension } from '../applications/application.ts';
import type { OrganizationCtx } from '../context.ts';
import { prepared, query, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { isId } from '../users/is-id.ts';

export type CustomerAccount = {
  readonly id: string;
  readonly number: string;
  readonly name: string;
  readonly address: string;
};

export type ResourceRecord = {
  readonly kind: ResourceDimension;
  readonly number: string;
  readonly label: string;
  readonly address: string;
  readonly state: 'active' | 'closed';
  readonly master: boolean;
  /** Keys of products and borderels that a contract allows; none: it allows all. */
  readonly services: readonly string[];
};

const COLUMNS = 'a.id, a.number, a.name, a.address';
const FIND = prepared(
  'customer_account_find',
  `select ${COLUMNS} from customer_accounts a where a.organization_id = $1 and a.id = $2 and a.moved_at is null`,
);

export const customerAccountNotFound = (id: string) => new HubError('not_found', `There is no customer account ${id}.`);

/** Throws HubError `not_found`, also for another organization's. */
export async function findCustomerAccount(ctx: OrganizationCtx, id: string): Promise<CustomerAccount> {
  const found = isId(id) ? await queryOne<CustomerAccount>(FIND, [ctx.organizationId, id]) : undefined;
  if (!found) throw customerAccountNotFound(id);
  return found;
}

/** All of the organization's, by number. */
export const listCustomerAccounts = (ctx: OrganizationCtx): Promise<CustomerAccount[]> =>
  query<CustomerAccount>(
    `select ${COLUMNS} from customer_accounts a where a.organization_id = $1 and a.moved_at is null order by a.number collate "C"`,
    [ctx.organizationId],
  );

/** Contracts and billing addresses of an own account, closed ones too. Throws HubError `not_found`. */
export async function listResources(ctx: OrganizationCtx, customerAccountId: string): Promise<ResourceRecord[]> {
  const account = await findCustomerAccount(ctx, customerAccountId);
  return query<ResourceRecord>(
    `select kind, number, label, address, state, master, services from resources
     where organization_id = $1 and customer_account_id = $2 order by kind, number collate "C"`,
    [ctx.organizationId, account.id],
  );
}
