// Gives an organization a customer account. Its number is known in the whole hub, so it is claimed in the reference
// table of numbers by the same statement.
import { v7 as uuidv7 } from 'uuid';
import { auditSelect, auditValues } from '../audit/record.ts';
import type { OrganizationCtx } from '../context.ts';
import { prepared, queryOne } from '../database/query.ts';
import { HubError } from '../errors.ts';
import { checkOperator } from './check-operator.ts';
import { checkText, invalid } from './check-settings.ts';
import type { CustomerAccount } from './find-customer-account.ts';
import { organizationNotFound } from './find-organization.ts';

type NewCustomerAccount = { readonly number: string; readonly name: string; readonly address?: string };

const INSERT = prepared(
  'customer_account_create',
  `with owner as (
    select id from organizations where id = $1
  ), numbered as (
    insert into customer_account_numbers (number, organization_id, customer_account_id)
    select $3, id, $2 from owner on conflict (number) do nothing returning customer_account_id
  ), created as (
    insert into customer_accounts (organization_id, id, number, name, address, created_at)
    select $1, customer_account_id, $3, $4, $5, $6 from numbered returning id
  ), audited as (${auditSelect(7, 'from created')})
  select exists (select 1 from owner) as known, exists (select 1 from created) as created`,
);

/** Throws HubError `not_permitted` (operator only), `not_found` (organization), `invalid_input`, `uniqueness`. */
export async function createCustomerAccount(ctx: OrganizationCtx, input: NewCustomerAccount): Promise<CustomerAccount> {
  checkOperator(ctx);
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$/u.test(input.number)) {
    throw invalid('number', 'A customer number has 1 to 64 letters, digits, points, hyphens, underscores or slashes.');
  }
  checkText('name', input.name, 200);
  const account = { id: uuidv7(), number: input.number, name: input.name.trim(), address: input.address?.trim() ?? '' };
  const row = await queryOne<{ known: boolean; created: boolean }>(INSERT, [
    ctx.organizationId,
    account.id,
    account.number,
    account.name,
    account.address,
    ctx.now,
    ...auditValues(ctx, {
      action: 'customer_account.created',
      targetKind: 'customer_account',
      targetId: account.id,
      after: account,
    }),
  ]);
  if (!row?.known) throw organizationNotFound(ctx.organizationId);
  if (!row.created) {
    throw new HubError('uniqueness', `The customer number ${input.number} is in use.`, { attribute: 'number' });
  }
  return account;
}
